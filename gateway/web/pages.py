"""Pages about the API itself: its description, and what each problem type means."""

import asyncio
from collections.abc import Callable
from functools import cache
from typing import Any, Final

from gateway.errors import NotFound
from gateway.web.model import Model
from gateway.web.problems import all_problems, status_of
from gateway.web.routes import ANYONE, Ask, Reply, Route


class NoSuchProblem(NotFound):
    """There is no such problem type（没有该问题类型）."""


class ProblemExplained(Model):
    """What a problem type means and what to do (RFC 9457 section 3.1.1)."""

    type: str
    title: str
    status: int
    remedy: str
    remedy_zh: str


class Pages:
    """Makes the OpenAPI document when it is first asked for: it takes longer than the rest of a start."""

    def __init__(self, document: Callable[[], dict[str, Any]]) -> None:
        self._document = document

    async def document(self) -> dict[str, Any]:
        """The document, made beside the requests."""
        return await asyncio.to_thread(self._document)


@cache
def _by_slug() -> dict[str, ProblemExplained]:
    return {
        kind.slug(): ProblemExplained(
            type=f"/problems/{kind.slug()}", title=kind.title(), status=status_of(kind),
            remedy=kind.remedy[0], remedy_zh=kind.remedy[1],
        )
        for kind in all_problems()
    }  # fmt: skip


async def show_problem(_pages: Pages, ask: Ask[None]) -> Reply:
    found = _by_slug().get(ask.path["problem"])
    if found is None:
        raise NoSuchProblem(f"no problem type {ask.path['problem']}", f"没有问题类型 {ask.path['problem']}")
    return Reply(found)


async def show_openapi(pages: Pages, ask: Ask[None]) -> Reply:
    return Reply(await pages.document(), {"Cache-Control": "public, max-age=300"})


ROUTES: Final = [
    Route("GET", "/problems/{problem}", show_problem, ANYONE, "What a problem type means", "问题类型说明",
          "description", returns=ProblemExplained, problems=(NoSuchProblem,)),
    Route("GET", "/openapi.json", show_openapi, ANYONE, "This description", "接口描述",
          "description", returns=dict[str, Any]),
]  # fmt: skip
