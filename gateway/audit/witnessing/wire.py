"""JSON shapes of witnesses, time stamps and lateness."""

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field

from gateway.audit.witnessing.service import Standing
from gateway.audit.witnessing.store import Stamped
from gateway.proof.proofs import LARGEST_SIZE
from gateway.web import Model


class StampQuery(Model):
    """How many records must be covered; the first stamped checkpoint without it."""

    size: Annotated[int, Field(ge=1, le=LARGEST_SIZE)] = 1


class StampShown(Model):
    """A time stamp token (RFC 3161, DER in base64) and its time."""

    authority: str
    stamped_at: datetime
    token: Annotated[str, Field(json_schema_extra={"contentEncoding": "base64"})]


class StampsShown(Model):
    """The first stamped checkpoint that covers the records, and the time stamps over exactly the text given here; left out while there are none."""

    size: int | None = None
    checkpoint: str | None = None
    stamps: list[StampShown]


class StandingShown(Model):
    """A stage of the log: since when its oldest open record waits, if one does, and what follows from it."""

    stage: str
    en: str
    zh: str
    since: datetime | None = None
    late: bool
    stops_calls: bool


class StandingsShown(Model):
    """Every stage somebody was asked for."""

    stages: list[StandingShown]


def standings_shown(found: Sequence[Standing]) -> StandingsShown:
    """Stages as JSON."""
    return StandingsShown(
        stages=[
            StandingShown(
                stage=one.stage.value,
                en=one.stage.en,
                zh=one.stage.zh,
                since=one.since,
                late=one.is_late,
                stops_calls=one.is_stopping,
            )
            for one in found
        ]
    )


def stamps_shown(note: bytes, stamps: Sequence[Stamped]) -> StampsShown:
    """Time stamps as JSON."""
    return StampsShown(
        size=stamps[0].size if stamps else None,
        checkpoint=note.decode() if stamps else None,
        stamps=[
            StampShown(
                authority=one.authority,
                stamped_at=one.stamped_at,
                token=base64.b64encode(one.token).decode(),
            )
            for one in stamps
        ],
    )
