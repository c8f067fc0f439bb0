"""Seals per CPU second of one thread: parsing, and the full check of a stamp whose maker is known.

    python ops/bench/seals.py [--seconds 2] [--rounds 5] [--kind sm2|rsa|p256] [--json] [--profile]

Method: authorities, a signer, a maker, a seal and stamps of every version are made on the spot; the document has 2 000 bytes.
Each figure is the median of ``rounds`` rounds of ``seconds`` CPU seconds (``time.process_time``, so other work on the machine
counts little, though a shared core's cache does). "Maker known" is what a gateway meets: a department stamps with the same
seal again and again, so S11 and S12 are remembered and every stamp is another one, signed anew, with its own hash. "Maker new"
forgets everything before each check. Signing is not counted. No network, no timestamp; two empty revocation lists. "One
signature verified" is the yardstick: a full check holds two (the stamp's, and the authority's under the signer's certificate), so
the ratio of the two travels between machines where the figures do not.
"""

import argparse
import cProfile
import json
import platform
import pstats
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle

from gateway.seals import certificates, paths, revocation, verification
from gateway.seals.authority import Issued, Wish, certify, revoke
from gateway.seals.certificates import read_certificate
from gateway.seals.making import SealWish, seal, stamp
from gateway.seals.model import Version
from gateway.seals.paths import Anchors
from gateway.seals.reading import read_seal, read_stamp
from gateway.seals.revocation import read_crl
from gateway.seals.selftest import proven_sm2
from gateway.seals.signing import new_private_key, signer_of
from gateway.seals.verification import Outside, Trust, verify

SM2 = proven_sm2()
NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
YARDSTICK = "one signature verified"
STAMPS = 64
"""Different stamps, taken in turn."""
REMEMBERED = (
    certificates.read_certificate, certificates._loaded, paths._parsed, revocation._checked,
    verification._judged_maker, verification._maker_path,
)  # fmt: skip


def issued(kind: str, name: str, issuer: Issued | None = None) -> Issued:
    """A certificate over a new key."""
    wish = Wish(name, NOW - 9 * DAY, NOW + 9 * DAY, is_ca=issuer is None)
    return certify(wish, signer_of(new_private_key(kind, SM2), SM2), issuer)


def rate(work: Callable[[], object], seconds: float) -> float:
    """Runs of ``work`` per CPU second."""
    for _ in range(STAMPS):
        work()
    runs, start = 0, time.process_time()
    while (spent := time.process_time() - start) < seconds:
        for _ in range(50):
            work()
        runs += 50
    return runs / spent


def forget() -> None:
    """As after a start."""
    for each in REMEMBERED:
        each.cache_clear()


class Case:
    """One version's seal, stamps on different documents, and whom to trust."""

    def __init__(self, kind: str, version: Version) -> None:
        root, maker_root = issued(kind, "root"), issued(kind, "maker root")
        signer, maker = issued(kind, "signer", root), issued(kind, "maker", maker_root)
        made = SealWish(version, "1", "n", (signer.der,), NOW - DAY, NOW - DAY, NOW + DAY)
        self.seal = seal(made, maker)
        self.signer, self.value = signer, signer.signer.sign(b"d" * 2000)
        documents = [f"{number:04}".encode() * 500 for number in range(STAMPS)]
        self.stamps = [
            (stamp(version, self.seal, signer, each, NOW, "p"), Outside(each)) for each in documents
        ]
        lists = tuple(read_crl(revoke(each, (), NOW - DAY, NOW + DAY)) for each in (root, maker_root))
        self.trust = Trust(
            Anchors((read_certificate(root.der),)),
            Anchors((read_certificate(maker_root.der),)),
            lists=lists,
            sm2=SM2,
        )
        self.turn: Iterator[tuple[bytes, Outside]] = cycle(self.stamps)
        assert self.check() == "valid"

    def check(self) -> str:
        """The next stamp, all steps."""
        raw, outside = next(self.turn)
        return verify(raw, self.trust, NOW, outside).verdict

    def check_as_new(self) -> str:
        """The same with nothing remembered."""
        forget()
        return self.check()

    def verify_alone(self) -> object:
        """The signature of a stamp and nothing else: what the kind of key costs on this machine at this moment."""
        found = read_certificate(self.signer.der)
        return certificates.verifies(found, self.signer.signer.algorithm, b"d" * 2000, self.value, SM2)

    def parse_stamp(self) -> object:
        """The next stamp, no signature checked."""
        return read_stamp(next(self.turn)[0])


def work_of(kind: str) -> dict[str, Callable[[], object]]:
    """What is measured, by name."""
    cases = {version: Case(kind, version) for version in Version}
    found: dict[str, Callable[[], object]] = {}
    for version, case in cases.items():
        found[f"parse a seal, version {version}"] = lambda raw=case.seal: read_seal(raw)
        found[f"parse a stamp, version {version}"] = case.parse_stamp
        found[f"full stamp check, maker known, version {version}"] = case.check
    found["full stamp check, maker new, version 4"] = cases[Version.V4].check_as_new
    found[YARDSTICK] = cases[Version.V4].verify_alone
    return found


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--kind", choices=("sm2", "rsa", "p256"), default="sm2")
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--profile", action="store_true", help="Where the time of the full check of version 4 goes."
    )
    given = parser.parse_args()
    work = work_of(given.kind)
    if given.profile:
        with cProfile.Profile() as profile:
            rate(work["full stamp check, maker known, version 4"], given.seconds)
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
        return
    rounds = [{name: rate(each, given.seconds) for name, each in work.items()} for _ in range(given.rounds)]
    found = {name: round(statistics.median(each[name] for each in rounds)) for name in work}
    if given.json:
        print(json.dumps({"kind": given.kind, "machine": platform.platform(), "per_cpu_second": found}))
        return
    print(
        f"{given.kind}, {platform.machine()}, Python {sys.version.split()[0]}, median of {given.rounds} rounds"
    )
    print("\n".join(f"{each:>9,}/s  {name}" for name, each in found.items()))


if __name__ == "__main__":
    main()
