"""Operations per CPU second of one thread: seal parser, stamp check, SM2, access token check.

    python ops/bench/seals_and_tokens.py [--seconds 2] [--json]

Keys, seals and tokens are made on the spot. Only ratios travel between machines.
"""

import argparse
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.identity.access import Party, check_claims
from gateway.identity.jose import precheck, verified
from gateway.identity.jwk import usable
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
DOCUMENT = b"d" * 2000


def issued(name: str, issuer: Issued | None = None) -> Issued:
    """A certificate over a new SM2 key."""
    wish = Wish(name, NOW - 9 * DAY, NOW + 9 * DAY, is_ca=issuer is None)
    return certify(wish, signer_of(new_private_key("sm2", SM2), SM2), issuer)


def rate(work: Callable[[], object], seconds: float) -> int:
    """Runs of ``work`` per CPU second."""
    work()
    runs, start = 0, time.process_time()
    while (spent := time.process_time() - start) < seconds:
        for _ in range(20):
            work()
        runs += 20
    return round(runs / spent)


def of_seals() -> dict[str, Callable[[], object]]:
    """The checks on a V4 seal and stamp of SM2."""
    root, maker_root = issued("root"), issued("maker root")
    signer, maker = issued("signer", root), issued("maker", maker_root)
    made = seal(SealWish(Version.V4, "1", "n", (signer.der,), NOW - DAY, NOW - DAY, NOW + DAY), maker)
    stamped = stamp(Version.V4, made, signer, DOCUMENT, NOW, "p")
    lists = tuple(read_crl(revoke(each, (), NOW - DAY, NOW + DAY)) for each in (root, maker_root))
    trust = Trust(
        Anchors((read_certificate(root.der),)),
        Anchors((read_certificate(maker_root.der),)),
        lists=lists,
        sm2=SM2,
    )
    outside = Outside(DOCUMENT)
    assert verify(stamped, trust, NOW, outside).verdict == "valid"
    signature = signer.signer.sign(DOCUMENT)
    return {
        "parse a seal": lambda: read_seal(made),
        "parse a stamp": lambda: read_stamp(stamped),
        "SM2 verify": lambda: SM2.verify(signer.signer.spki, DOCUMENT, signature),
        "SM2 sign": lambda: signer.signer.sign(DOCUMENT),
        "full stamp check, maker known": lambda: verify(stamped, trust, NOW, outside),
    }


def of_tokens() -> dict[str, Callable[[], object]]:
    """The check of an ES256 access token, nothing remembered."""
    private = ec.generate_private_key(ec.SECP256R1())
    key = usable(json.loads(jwt.algorithms.ECAlgorithm.to_jwk(private.public_key())))
    now = int(time.time())
    claims = {
        "iss": "https://i",
        "aud": "https://s",
        "sub": "c",
        "jti": "12345678",
        "iat": now,
        "exp": now + 600,
    }
    token = jwt.encode(claims, private, "ES256", {"typ": "at+jwt", "kid": key["kid"]})
    party = Party("https://i", "https://s")

    def check() -> None:
        read = precheck(token, types=("at+jwt",), leeway_seconds=10, longest_seconds=600, now=now)
        check_claims(verified(read, key), party)

    return {"access token check, uncached": check}


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = {name: rate(work, given.seconds) for name, work in {**of_seals(), **of_tokens()}.items()}
    print(
        json.dumps(found)
        if given.json
        else "\n".join(f"{each:>9,}/s  {name}" for name, each in found.items())
    )


if __name__ == "__main__":
    main()
