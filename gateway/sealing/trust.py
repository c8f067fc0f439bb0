"""On whom seals rely: a folder of authorities and revocation lists, read again when a file in it changes.

The files of the folder are brought by whoever runs the gateway. Beside it stand the recognised authorities, whose lists
and answers the gateway fetches where their files say so.
"""

import threading
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog

from gateway.errors import BadSettings
from gateway.seals.certificates import Certificate
from gateway.seals.files import read_anchors, read_answers, read_lists
from gateway.seals.paths import Anchors
from gateway.seals.recognition import Recognition, Sources, Use, family_of
from gateway.seals.selftest import proven_sm2
from gateway.seals.sm2 import Sm2, Sm2Unavailable
from gateway.seals.verification import Trust

_log: Final = structlog.get_logger()
_POOLS: Final = ("anchors", "maker-anchors", "tsa-anchors", "intermediates")


class TrustFolder:
    """``anchors/`` (signers), ``maker-anchors/``, ``tsa-anchors/``, ``intermediates/``, ``*.crl`` and OCSP responses ``*.ors``.

    Without a folder nothing is trusted, so no seal is ever valid. A folder that cannot be read is the same, said in
    the log; :meth:`check` tells at the start.
    """

    def __init__(self, folder: Path | None, *, needs_proven_time: bool = False) -> None:
        self._folder = folder
        self._needs_proven_time = needs_proven_time
        self._sm2 = _engine()
        self._lock = threading.Lock()
        self._seen: object = None
        self._held = Trust(sm2=self._sm2, needs_proven_time=needs_proven_time)

    def check(self) -> None:
        """Read it once.

        Raises:
            BadSettings: the folder, an anchor or a list in it cannot be read.
        """
        if self._folder is not None:
            self._seen, self._held = self._state(), self._read(self._folder, strict=True)

    def current(self) -> Trust:
        """What is trusted now; for a thread, since it reads files."""
        if self._folder is None:
            return self._held
        with self._lock:
            state = self._state()
            if state != self._seen:
                self._held = self._read_anew(self._folder)
                self._seen = state
            return self._held

    def _state(self) -> object:
        """What changes when a file does."""
        if self._folder is None or not self._folder.is_dir():
            return None
        files = [file for place in ("*", "*/*") for file in sorted(self._folder.glob(place))]
        return tuple(
            (str(file), found.st_mtime_ns, found.st_size) for file in files if (found := file.stat())
        )

    def _read_anew(self, folder: Path) -> Trust:
        try:
            return self._read(folder, strict=False)
        except (BadSettings, OSError) as fault:
            _log.error("sealing.trust_unreadable", said=str(fault))
            return Trust(sm2=self._sm2, needs_proven_time=self._needs_proven_time)

    def _read(self, folder: Path, *, strict: bool) -> Trust:
        if not folder.is_dir():
            raise BadSettings(
                f"sealing.trust_dir: {folder} is no folder", f"sealing.trust_dir：{folder} 不是目录"
            )
        signers, makers, stamps, between = (
            read_anchors(place if (place := folder / name).is_dir() else None) for name in _POOLS
        )
        lists, problems = read_lists(sorted(folder.glob("*.crl")))
        answers, more = read_answers(sorted([*folder.glob("*.ors"), *folder.glob("*.ocsp")]))
        problems += more
        if problems and strict:
            raise BadSettings(
                f"sealing.trust_dir: {'; '.join(problems)}", f"吊销列表不可用：{'；'.join(problems)}"
            )
        for problem in problems:  # where it matters, the steps say that nothing is known
            _log.error("sealing.list_unreadable", said=problem)
        return Trust(
            signers=signers, makers=makers, timestamps=stamps, intermediates=between.certificates, lists=lists, responses=answers,
            sm2=self._sm2, needs_proven_time=self._needs_proven_time,
        )  # fmt: skip


def widened(
    trust: Trust,
    recognition: Recognition,
    sources: Sources,
    now: datetime,
    signer: Certificate | None,
    maker: Certificate | None,
) -> Trust:
    """The folder's trust, and that in the recognised authorities (多 CA 互认) with what is held of their revocations.

    An authority counts for a certificate only if its key is of a family that is accepted of that authority.
    """

    def pool(use: Use, for_key: Certificate | None) -> tuple[Certificate, ...]:
        accepted = [
            each for each in recognition.authorities if use in each.uses and each.is_recognised_at(now)
        ]
        family = family_of(for_key) if for_key else None
        return tuple(
            anchor
            for each in accepted
            if family is None or family in each.algorithms
            for anchor in each.anchors
        )

    return replace(
        trust,
        signers=Anchors((*trust.signers.certificates, *pool("seal_signer", signer))),
        makers=Anchors((*trust.makers.certificates, *pool("seal_maker", maker))),
        timestamps=Anchors((*trust.timestamps.certificates, *pool("timestamp", None))),
        lists=(*trust.lists, *sources.lists),
        responses=(*trust.responses, *sources.responses),
    )


def _engine() -> Sm2 | None:
    try:
        return proven_sm2()
    except Sm2Unavailable as fault:
        _log.error("sealing.sm2_unavailable", said=fault.detail)
        return None
