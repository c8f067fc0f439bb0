"""Assertions by HMAC under a key that a department shares with the gateway: bound to each call, and no other passes."""

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from makes import a_grant
from providers import RawProvider
from services import granted_service
from world import PROVIDER, running_world

from gateway.errors import BadSettings
from gateway.exchange.assertion import TYPE, Assertions
from gateway.exchange.shared_keys import SharedKeys

EXAMPLES = Path(__file__).parents[3] / "ops" / "examples" / "assertion"
ISSUER, MASTER = "https://share.example.gov.cn", bytes(range(32))
OLD, KEY, FOREIGN = bytes(range(1, 33)), bytes(range(2, 34)), bytes(range(3, 35))
GRANT = a_grant()


def shares(folder: Path, key: bytes, org: str = GRANT.provider_org) -> Path:
    """The folder, with a department's key in it."""
    folder.mkdir(exist_ok=True)
    file = folder / f"{org}.key"
    file.write_text(base64.b64encode(key).decode() + "\n")
    file.chmod(0o600)
    return folder


def asserting(folder: Path, key: bytes = KEY, now: float | None = None, issuer: str = ISSUER) -> Assertions:
    keys = SharedKeys(shares(folder, key), TYPE)
    clock = time.time() if now is None else now
    return Assertions(MASTER, issuer, 60, lambda: clock, each_call=False, shared=keys)


def cases(folder: Path) -> list[tuple[str, bool]]:
    """Assertions, and whether a department of the grant takes them."""
    now, good = time.time(), asserting(folder).of(GRANT, "r", "/x?y=1")
    head, said, sign = good.split(".")
    claims = jwt.decode(good, options={"verify_signature": False})
    altered = jwt.utils.base64url_encode(json.dumps({**claims, "purpose": "other"}).encode()).decode()
    named = jwt.get_unverified_header(good)
    unbound = {name: value for name, value in claims.items() if not name.startswith("request")}
    by_signature = Assertions(MASTER, ISSUER, 60, lambda: now, each_call=True)
    none = jwt.utils.base64url_encode(json.dumps({**named, "alg": "none"}).encode()).decode()
    return [
        (good, True),
        (asserting(folder, OLD).of(GRANT, "r", "/"), True),
        (asserting(folder, FOREIGN).of(GRANT, "r", "/"), False),
        (asserting(folder, now=now - 120).of(GRANT, "r", "/"), False),
        (asserting(folder, now=now + 120).of(GRANT, "r", "/"), False),
        (asserting(folder, issuer="https://elsewhere.test").of(GRANT, "r", "/"), False),
        (jwt.encode({**claims, "aud": "11621000MB00000045"}, KEY, "HS256", named), False),
        (jwt.encode(unbound, KEY, "HS256", named), False),
        (jwt.encode(claims, KEY, "HS256", {**named, "typ": "JWT"}), False),
        (by_signature.of(GRANT, "r", "/"), False),
        (f"{head}.{altered}.{sign}", False),
        (f"{none}.{said}.", False),
        (good[:-4], False),
        ("a.b.c", False),
        ("", False),
    ]


@pytest.mark.parametrize("language", ["python", "java"])
def test_the_example_takes_the_right_ones_and_no_other(language: str, tmp_path: Path) -> None:
    command = {
        "python": [sys.executable, str(EXAMPLES / "verify_hmac.py")],
        "java": ["java", "-XX:TieredStopAtLevel=1", str(EXAMPLES / "VerifyHmac.java")],
    }[language]
    if shutil.which(command[0]) is None:
        pytest.skip(f"{language} is not installed")
    own = tmp_path / "own.key"
    own.write_text("\n".join(base64.b64encode(key).decode() for key in (OLD, KEY)))
    given = cases(tmp_path / "keys")
    ran = subprocess.run(
        [*command, str(own), ISSUER, GRANT.provider_org], input="\n".join(text for text, _ in given) + "\n",
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    found = ran.stdout.splitlines()
    assert [line != "refused" for line in found] == [good for _, good in given]
    assert json.loads(found[0])["grant"] == str(GRANT.id)


def test_a_changed_key_counts_within_two_seconds_and_a_spoilt_one_does_not(tmp_path: Path) -> None:
    at, folder = [0.0], shares(tmp_path / "keys", OLD)
    keys = SharedKeys(folder, TYPE, lambda: at[0])
    old = keys.of(GRANT.provider_org)
    assert old is not None
    assert keys.of("11621000MB00000045") is None
    shares(folder, KEY)
    at[0] = 1.9
    assert keys.of(GRANT.provider_org) is old
    at[0] = 2.0
    new = keys.of(GRANT.provider_org)
    assert new is not None
    assert new.kid != old.kid
    (folder / f"{GRANT.provider_org}.key").write_text("not base64!")
    at[0] = 4.0
    assert keys.of(GRANT.provider_org) is new
    (folder / f"{GRANT.provider_org}.key").unlink()
    at[0] = 6.0
    assert keys.of(GRANT.provider_org) is None


def test_a_key_that_is_short_open_to_others_or_none_stops_the_start(tmp_path: Path) -> None:
    folder = shares(tmp_path / "keys", bytes(32))
    SharedKeys(folder, TYPE)
    file = folder / f"{GRANT.provider_org}.key"
    for content, mode in (
        (base64.b64encode(bytes(31)), 0o600),
        (b"%%", 0o600),
        (base64.b64encode(bytes(32)), 0o640),
    ):
        file.write_bytes(content)
        file.chmod(mode)
        with pytest.raises(BadSettings):
            SharedKeys(folder, TYPE)
    with pytest.raises(BadSettings):
        SharedKeys(tmp_path / "nowhere", TYPE)


def said_to(provider: RawProvider) -> dict[str, str]:
    """The headers of the last request."""
    lines = provider.heads[-1].decode().split("\r\n")
    return {"": lines[0], **dict(line.split(": ", 1) for line in lines[1:] if line)}


async def test_the_department_that_shares_a_key_gets_one_for_each_call_bound_to_its_request(
    database: Any, provider: RawProvider, tmp_path: Path
) -> None:
    folder = shares(tmp_path / "keys", KEY, PROVIDER)
    async with running_world(database, exchange={"assertion_keys_dir": folder}) as world:
        service = await granted_service(world, provider)
        seen = set()
        for _ in range(2):
            answer = await service.call()
            answer.ok()
            sent = said_to(provider)
            claims = jwt.decode(sent["Gateway-Assertion"], KEY, ["HS256"], audience=PROVIDER)
            assert claims["request_id"] == sent["Request-Id"] == answer.headers["Request-Id"]
            asked = sent[""].removesuffix(" HTTP/1.1").encode()
            digest = base64.urlsafe_b64encode(hashlib.sha256(asked).digest()).rstrip(b"=").decode()
            assert (claims["request_sha256"], claims["grant"]) == (digest, service.grant)
            seen.add(claims["request_id"])
        assert len(seen) == 2
