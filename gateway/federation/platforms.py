"""Upper platforms as data: one TOML file each in ``config/federation``, read once at start."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from gateway.errors import BadSettings, NotFound
from gateway.federation.model import CascadeState
from gateway.federation.signers import SIGNERS
from gateway.sections import Section

_Path = Annotated[str, Field(pattern=r"^/[!-~]{0,200}$")]
_Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,59}$")]


class NoSuchPlatform(NotFound):
    """No upper platform of that name is configured（未配置该上级平台）."""

    remedy = (
        "GET /v1/cascade/platforms lists them; an administrator adds a file to config/federation.",
        "可通过 GET /v1/cascade/platforms 查看；由管理员在 config/federation 中添加。",
    )


class Target(Section):
    """Where an operation goes: the platform's service code and the path below its address."""

    service: Annotated[str, Field(max_length=64)] = ""
    path: _Path


class Secret(Section):
    """The two-step key of the national style: a short-lived secret is fetched, signed with the app key, and opened."""

    path: _Path
    service: Annotated[str, Field(max_length=64)]
    mode: Literal["ecb", "cbc"] = "ecb"
    iv: Annotated[str, Field(min_length=16, max_length=16)] = "AESCBCPKCS5Paddi"


class Words(Section):
    """The names of members in a platform's answers, and its words for what it decided."""

    id: str = "id"
    code: str = "code"
    status: str = "status"
    said: str = "opinion"
    approved: frozenset[str] = frozenset({"approved", "同意"})
    refused: frozenset[str] = frozenset({"refused", "不同意"})
    answered: frozenset[str] = frozenset({"answered", "已答复"})

    def decision(self, status: str) -> CascadeState | None:
        """What a status means; None while nothing is decided."""
        for words, state in (
            (self.approved, CascadeState.APPROVED),
            (self.refused, CascadeState.REFUSED),
            (self.answered, CascadeState.ANSWERED),
        ):
            if status in words:
                return state
        return None


class Platform(Section):
    """上级平台. ``requester`` is the id the platform gave us; its key is kept apart, wrapped."""

    id: _Id
    name: Annotated[str, Field(min_length=1, max_length=100)]
    level: Literal["city", "province", "nation"]
    enabled: bool = False
    style: str
    base_url: Annotated[str, Field(pattern=r"^https?://[^/\s]+$")]
    requester: Annotated[str, Field(min_length=1, max_length=100)]
    report_catalogue: bool = False
    report_resources: bool = False
    poll_seconds: Annotated[float, Field(gt=0, le=86400)] = 600
    retry_most_seconds: Annotated[float, Field(gt=0, le=86400)] = 900
    classes_hours: Annotated[float, Field(gt=0, le=8784)] = 24
    secret: Secret | None = None
    operations: dict[str, Target]
    words: Words = Words()

    @model_validator(mode="after")
    def _known(self) -> "Platform":
        if self.style not in SIGNERS:
            raise PydanticCustomError(
                "style", "style is one of {known}", {"known": ", ".join(sorted(SIGNERS))}
            )
        return self


class Platforms:
    """The configured platforms, by id."""

    def __init__(self, found: Mapping[str, Platform]) -> None:
        self._found = dict(found)

    def __iter__(self) -> Iterator[Platform]:
        return iter(self._found.values())

    def get(self, name: str) -> Platform:
        """Raises NoSuchPlatform."""
        if name not in self._found:
            raise NoSuchPlatform(f"no upper platform {name}", f"没有上级平台 {name}")
        return self._found[name]

    @property
    def enabled(self) -> list[Platform]:
        """Those that are spoken to."""
        return [one for one in self._found.values() if one.enabled]


def load_platforms(folder: Path) -> Platforms:
    """All files of the folder; none if there is no folder.

    Raises:
        BadSettings: a file is wrong, or two name the same platform.
    """
    found: dict[str, Platform] = {}
    for file in sorted(folder.glob("*.toml")):
        try:
            platform = Platform.model_validate(tomllib.loads(file.read_text("utf-8")))
        except (OSError, ValueError, ValidationError) as fault:
            raise BadSettings(f"{file}: {fault}", f"上级平台配置 {file} 有误") from None
        if platform.id in found:
            raise BadSettings(f"{file}: {platform.id} stands twice", f"上级平台 {platform.id} 重复")
        found[platform.id] = platform
    return Platforms(found)
