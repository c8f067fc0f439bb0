"""The addresses of a witness: one to submit to, two for whoever compares (C2SP tlog-witness).

No sign-in: a submission carries the log's own signature, and what is shown is meant for everybody.
"""

import asyncio
import base64
from typing import Final

from aiohttp import web

from gateway.errors import GatewayError
from gateway.settings import Web
from gateway.web.front import check_front
from gateway.web.problems import problem_response
from gateway.witness.model import LARGEST_SUBMISSION, NotCosigned
from gateway.witness.service import Witness
from gateway.witness.store import file_name

_SUBMIT: Final = "/add-checkpoint"
_LOGS: Final = "/logs"
_TEXT: Final = "text/plain"
_SIZE: Final = "text/x.tlog.size"


class Door:
    """Answers the requests to a witness."""

    def __init__(self, witness: Witness, limits: Web) -> None:
        self._witness = witness
        self._limits = limits

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """One request's answer; a refusal is told in two lines, English and 中文."""
        try:
            check_front(request, self._limits)
            if request.path == _SUBMIT:
                return await self._submit(request)
            return self._show(request)
        except NotCosigned as refusal:
            if refusal.latest is not None:
                return web.Response(
                    status=refusal.status, body=f"{refusal.latest}\n".encode(), content_type=_SIZE
                )
            return _text(refusal.status, f"{refusal.detail}\n{refusal.detail_zh}\n")
        except GatewayError as fault:
            return problem_response(fault, "")

    async def _submit(self, request: web.BaseRequest) -> web.Response:
        if request.method != "POST":
            return _not_allowed("POST")
        body = bytearray()
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                async for part in request.content.iter_any():
                    body += part
                    if len(body) > LARGEST_SUBMISSION:
                        raise NotCosigned(413, "the submission is too large", "提交内容过大")
        except TimeoutError:
            raise NotCosigned(408, "the submission did not arrive in time", "提交内容未及时到达") from None
        return _text(200, (await self._witness.add_checkpoint(bytes(body))).decode())

    def _show(self, request: web.BaseRequest) -> web.Response:
        if request.method != "GET":
            return _not_allowed("GET")
        if request.path == _LOGS:
            return _text(200, self._list())
        match request.path.split("/"):
            case ["", "logs", name, "checkpoint"]:
                note = self._witness.memory.note(name)
                if note is not None:
                    return _text(200, note.decode())
        raise NotCosigned(404, "nothing is cosigned under this address", "该地址没有已会签的检查点")

    def _list(self) -> str:
        return "".join(
            f"{file_name(one.origin)} {one.size} {base64.b64encode(one.root).decode()} {one.origin}\n"
            for one in self._witness.memory.checkpoints()
        )


def _text(status: int, text: str) -> web.Response:
    return web.Response(
        status=status, text=text, content_type=_TEXT, charset="utf-8", headers={"Cache-Control": "no-store"}
    )


def _not_allowed(method: str) -> web.Response:
    answer = _text(405, f"only {method}\n仅支持 {method}\n")
    answer.headers["Allow"] = method
    return answer
