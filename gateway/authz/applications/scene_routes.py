"""Addresses of the ready scenes."""

from functools import partial
from typing import Final

from gateway.authz.applications.desk import Desk, resource_id
from gateway.authz.applications.refusals import NotShared
from gateway.authz.applications.scenes import NoSuchScene, Scene, Started, started
from gateway.authz.applications.wire import RouteShown
from gateway.catalog import NoSuchResource
from gateway.web import SIGNED_IN, Ask, Line, Model, Note, Reply, Route


class SceneShown(Model):
    """One scene: what it is for, and the words that find its resources in the catalogue."""

    id: str
    title: Line
    title_zh: Line
    purpose: str
    scene: Note
    words: list[str]
    yes_or_no_first: list[str]

    @classmethod
    def of(cls, one: Scene) -> "SceneShown":
        """As the API shows it."""
        first = [title for each in one.fields if each.answer == "yes_no" for title in each.titles]
        return cls(
            id=one.id, title=one.title, title_zh=one.title_zh, purpose=one.purpose, scene=one.scene,
            words=list(one.words), yes_or_no_first=first,
        )  # fmt: skip


class Scenes(Model):
    """Every scene."""

    items: list[SceneShown]


class SceneForm(Started):
    """The form of a scene for one resource, and what will happen to it."""

    route: RouteShown


async def list_scenes(desk: Desk, ask: Ask[None]) -> Reply:
    return Reply(Scenes(items=[SceneShown.of(one) for one in desk.scenes.values()]))


async def start_scene(desk: Desk, ask: Ask[None]) -> Reply:
    scene = desk.scenes.get(ask.path["scene_id"])
    if scene is None:
        raise NoSuchScene("no such scene; list them at /v1/scenes", "没有该场景模板，可在 /v1/scenes 查看")
    seen = await desk.applications.filing.preview(resource_id(ask))
    begun = started(scene, str(seen.resource.id), seen.resource.description, seen.today)
    return Reply(SceneForm(**begun.model_dump(), route=RouteShown.of(seen)))


_route = partial(Route, tag="applications")

ROUTES: Final = [
    _route("GET", "/v1/scenes", list_scenes, SIGNED_IN, "Ready scenes", "免提交场景模板", returns=Scenes),
    _route("GET", "/v1/scenes/{scene_id}/resources/{resource_id}", start_scene, SIGNED_IN,
           "Start a scene's form for a resource", "按场景模板预填申请表", returns=SceneForm,
           problems=(NoSuchScene, NoSuchResource, NotShared)),
]  # fmt: skip
