"""Stages a record goes through after its act, and how long it may wait in each. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.settings import Witnessing


class Stage(StrEnum):
    """What a record still lacks; ``en`` and ``zh`` say it in words."""

    en: str
    zh: str

    def __new__(cls, value: str, en: str = "", zh: str = "") -> "Stage":
        """A member with its two texts."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.en = en
        member.zh = zh
        return member

    INBOX = "inbox", "records wait to be ordered", "记录待排序"
    UNPUBLISHED = "unpublished", "records wait to be signed", "记录待签名"
    UNWITNESSED = "unwitnessed", "records wait for witnesses", "记录待见证会签"
    UNSTAMPED = "unstamped", "records wait for a time stamp", "记录待加盖时间戳"
    UNANCHORED = "unanchored", "records wait for their deposit", "记录待存证"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long records may wait.

    Args:
        warn: by stage; a stage that is missing is not watched, because nobody was asked for it.
        stop: by stage; beyond it no call is begun. Empty unless the settings are strict.
    """

    warn: Mapping[Stage, timedelta]
    stop: Mapping[Stage, timedelta]

    @classmethod
    def of(cls, settings: Witnessing) -> "Patience":
        """What the settings say; a stage nobody serves has no limit."""
        asked = {Stage.INBOX, Stage.UNPUBLISHED}
        asked |= {Stage.UNWITNESSED} if settings.quorum_min else set()
        asked |= {Stage.UNSTAMPED} if settings.authorities else set()
        asked |= {Stage.UNANCHORED} if settings.anchor_url else set()
        stop = {
            Stage.INBOX: settings.publish_stop_seconds,
            Stage.UNPUBLISHED: settings.publish_stop_seconds,
            Stage.UNWITNESSED: settings.witness_stop_seconds,
            Stage.UNSTAMPED: settings.stamp_stop_seconds,
        }
        warn = timedelta(seconds=settings.warn_seconds)
        return cls(
            # what stops calls is told before it does
            {stage: min(warn, timedelta(seconds=stop.get(stage, settings.warn_seconds))) for stage in asked},
            {stage: timedelta(seconds=stop[stage]) for stage in asked if stage in stop and settings.strict},
        )

    def late(self, standing: Mapping[Stage, datetime], now: datetime) -> dict[Stage, datetime]:
        """The stages that wait longer than ``warn``, and since when."""
        return _over(self.warn, standing, now)

    def stopping(self, standing: Mapping[Stage, datetime], now: datetime) -> dict[Stage, datetime]:
        """The stages that wait longer than ``stop``, and since when."""
        return _over(self.stop, standing, now)


def _over(
    limits: Mapping[Stage, timedelta], standing: Mapping[Stage, datetime], now: datetime
) -> dict[Stage, datetime]:
    return {
        stage: since for stage, since in standing.items() if stage in limits and now - since > limits[stage]
    }
