"""Ready scenes (免提交场景): templates from which an application starts, read from ``config/scenes/*.toml``.

A template fills in what is the same everywhere: purpose, scene, items; yes or no first, so that the office learns
whether a thing is so and nothing else. Basis, scope, system and consent stay the office's own.
"""

import tomllib
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.authz.applications.form import REQUIRED
from gateway.catalog import Description
from gateway.errors import BadSettings, NotFound
from gateway.web import Line, Model, Slug

_Text = Annotated[str, Field(min_length=1, max_length=500)]
_Texts = Annotated[tuple[_Text, ...], Field(min_length=1, max_length=20)]


class NoSuchScene(NotFound):
    """There is no such scene（没有该场景模板）."""


class AnswerKind(StrEnum):
    """Whether an item says yes or no, or a value."""

    YES_NO = "yes_no"
    VALUE = "value"


class WantedField(BaseModel):
    """One item a scene asks for, by the names and titles it goes under in catalogues."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    answer: AnswerKind
    names: _Texts
    titles: _Texts

    def found_in(self, description: Description) -> str | None:
        """The name of the resource's item, or None."""
        for item in description.items:
            if item.name in self.names or item.title in self.titles:
                return item.name
        return None


class Scene(BaseModel):
    """One template."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Slug
    title: _Text
    title_zh: _Text
    purpose: Slug
    words: _Texts
    scene: _Text
    basis_hint: _Text
    basis_hint_zh: _Text
    daily_quota: Annotated[int, Field(strict=True, ge=1, le=100000)]
    period_days: Annotated[int, Field(strict=True, ge=1, le=1100)]
    fields: Annotated[tuple[WantedField, ...], Field(min_length=1)]

    def items_of(self, description: Description) -> list[str]:
        """What to ask of a resource: its yes-or-no items if it has any of them, else the values."""
        for kind in AnswerKind:
            wanted = [each for each in self.fields if each.answer is kind]
            if found := [name for each in wanted if (name := each.found_in(description))]:
                return list(dict.fromkeys(found))
        return []


class Open(Model):
    """One part the office still has to fill in."""

    part: Line
    reason: Line
    reason_zh: Line
    remedy: Line
    remedy_zh: Line


class Started(Model):
    """A form filled in as far as a template can, and what is missing until it can be filed."""

    form: dict[str, Any]
    yes_or_no: bool
    missing: list[Open]


def started(scene: Scene, resource_id: str, description: Description, today: date) -> Started:
    """Start the form of a scene for one resource."""
    items = scene.items_of(description)
    last = today + timedelta(scene.period_days)
    form = {
        "resource_id": resource_id, "purpose": scene.purpose, "scene": scene.scene, "mode": str(description.mode),
        "fields": items, "daily_quota": min(scene.daily_quota, description.daily_quota_limit),
        "valid_from": today.isoformat(), "valid_until": last.isoformat(),
    }  # fmt: skip
    yes = {each.found_in(description) for each in scene.fields if each.answer is AnswerKind.YES_NO}
    return Started(form=form, yes_or_no=bool(items) and set(items) <= yes, missing=_missing(scene, items))


_NO_ITEMS: Final = Open(
    part="fields", reason="this resource has none of the scene's items", reason_zh="该资源没有此场景所需的信息项",
    remedy="choose another resource; look for the scene's words", remedy_zh="请按场景检索词另选资源",
)  # fmt: skip
_CLIENT: Final = Open(
    part="client", reason="the calling system is missing", reason_zh="缺少调用的应用系统",
    remedy="name a registered system of your department", remedy_zh="请填写本部门已登记的应用系统编号",
)  # fmt: skip


def _missing(scene: Scene, items: list[str]) -> list[Open]:
    basis = _open("basis").model_copy(
        update={"remedy": scene.basis_hint, "remedy_zh": scene.basis_hint_zh[:200]}
    )
    return [*([] if items else [_NO_ITEMS]), _CLIENT, basis, _open("scope"), _open("sign_off")]


def _open(part: str) -> Open:
    need = REQUIRED[part]
    return Open(
        part=part, reason=need.fault, reason_zh=need.fault_zh, remedy=need.remedy, remedy_zh=need.remedy_zh
    )


def load_scenes(folder: Path) -> dict[str, Scene]:
    """Read every ``*.toml`` of the folder, by id.

    Raises:
        BadSettings: a file is unreadable, or its id is not its name.
    """
    found = {}
    for file in sorted(folder.glob("*.toml")):
        try:
            scene = Scene.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as wrong:
            raise BadSettings(f"scene {file}: {wrong}", f"场景模板 {file} 有误：{wrong}") from None
        if scene.id != file.stem:
            raise BadSettings(f"scene {file}: its id is {scene.id}", f"场景模板 {file} 编号与文件名不一致")
        found[scene.id] = scene
    return found
