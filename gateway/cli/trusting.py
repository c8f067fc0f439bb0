"""What the verifying commands rely on, from their options; and how their answer becomes an exit code."""

from pathlib import Path
from typing import Final

import click

from gateway.cli.exits import INDETERMINATE, INVALID, OK
from gateway.seals.files import read_anchors, read_answers, read_lists
from gateway.seals.selftest import proven_sm2
from gateway.seals.sm2 import Sm2, Sm2Unavailable
from gateway.seals.verification import Trust

EXITS: Final = {"valid": OK, "invalid": INVALID, "indeterminate": INDETERMINATE}

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def trust_from(
    anchors: Path | None,
    makers: Path | None,
    timestamps: Path | None,
    crls: tuple[Path, ...],
    answers: tuple[Path, ...] = (),
) -> tuple[Trust, tuple[str, ...]]:
    """The trust, and remarks on what could not be used.

    Raises:
        BadSettings: an anchor that cannot be read.
    """
    lists, problems = read_lists(crls)
    responses, unread = read_answers(answers)
    engine, remarks = _engine()
    signers = read_anchors(anchors)
    trust = Trust(
        signers=signers,
        makers=read_anchors(makers) if makers else signers,
        timestamps=read_anchors(timestamps),
        lists=lists,
        responses=responses,
        sm2=engine,
    )
    return trust, (*problems, *unread, *remarks)


def _engine() -> tuple[Sm2 | None, tuple[str, ...]]:
    try:
        return proven_sm2(), ()
    except Sm2Unavailable as fault:
        return None, (f"SM2 is not available: {fault.detail}",)


def engine() -> Sm2 | None:
    """SM2, if this machine has it."""
    try:
        return proven_sm2()
    except Sm2Unavailable:
        return None
