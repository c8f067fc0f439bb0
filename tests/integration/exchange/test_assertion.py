"""What the gateway says to a department, signed; each example of a verifier takes the right ones and no other."""

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

from gateway.exchange.assertion import TYPE, Assertions

EXAMPLES = Path(__file__).parents[3] / "ops" / "examples" / "assertion"
ISSUER, KEY = "https://share.example.gov.cn", bytes(range(32))
GRANT = a_grant()


def asserting(
    now: float | None = None, key: bytes = KEY, issuer: str = ISSUER, *, each_call: bool = False
) -> Assertions:
    return Assertions(key, issuer, 60, lambda: time.time() if now is None else now, each_call=each_call)


def altered(text: str) -> str:
    """With another purpose, under the old signature."""
    head, said, sign = text.split(".")
    claims = jwt.utils.base64url_decode(said).replace(b"real-estate", b"other-state")
    return f"{head}.{jwt.utils.base64url_encode(claims).decode()}.{sign}"


def cases() -> list[tuple[str, bool]]:
    """Assertions, and whether a department of the grant takes them."""
    now, good = time.time(), asserting().of(GRANT, "r", "")
    other = {"kid": asserting().public["kid"], "typ": TYPE}
    stolen = jwt.encode(jwt.decode(good, options={"verify_signature": False}), "k" * 64, "HS256", other)
    return [
        (good, True),
        (asserting(each_call=True).of(GRANT, "r", "/x?y=1"), True),
        (asserting(now - 120).of(GRANT, "r", ""), False),
        (asserting(now + 120).of(GRANT, "r", ""), False),
        (asserting(key=bytes(32)).of(GRANT, "r", ""), False),
        (asserting(issuer="https://elsewhere.test").of(GRANT, "r", ""), False),
        (asserting().of(a_grant(provider_org="11621000MB00000045"), "r", ""), False),
        (altered(good), False),
        (stolen, False),
        (good[:-4], False),
        ("a.b.c", False),
        ("", False),
    ]


@pytest.mark.parametrize("language", ["python", "java", "go"])
def test_the_example_takes_the_right_ones_and_no_other(language: str, tmp_path: Path) -> None:
    command = {
        "python": [sys.executable, str(EXAMPLES / "verify.py")],
        "java": ["java", "-XX:TieredStopAtLevel=1", str(EXAMPLES / "Verify.java")],
        "go": ["go", "run", str(EXAMPLES / "verify.go")],
    }[language]
    if shutil.which(command[0]) is None:
        pytest.skip(f"{language} is not installed")
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"keys": [asserting(key=bytes([9]) * 32).public, asserting().public]}))
    given = cases()
    ran = subprocess.run(
        [*command, str(keys), ISSUER, GRANT.provider_org], input="\n".join(text for text, _ in given) + "\n",
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    found = ran.stdout.splitlines()
    assert [line != "refused" for line in found] == [good for _, good in given]
    assert json.loads(found[0])["grant"] == str(GRANT.id)
    assert json.loads(found[1])["request_id"] == "r"


def claims(text: str) -> dict[str, Any]:
    return dict(jwt.decode(text, options={"verify_signature": False}))


def test_calls_under_a_grant_share_one_that_is_renewed_and_ends_with_its_version() -> None:
    at = [1_000_000.0]
    one = Assertions(KEY, ISSUER, 60, lambda: at[0], each_call=False)
    first = one.of(GRANT, "r1", "/a")
    at[0] += 29
    assert one.of(GRANT, "r2", "/b") == first
    assert one.of(a_grant(version=GRANT.version + 1), "r2", "/b") != first
    at[0] += 2
    renewed = one.of(GRANT, "r3", "/c")
    assert claims(renewed)["exp"] == claims(first)["exp"] + 31
    at[0] -= 40
    assert claims(one.of(GRANT, "r4", "/d"))["iat"] == 1_000_000 - 9


def test_one_for_each_call_is_bound_to_its_request() -> None:
    one = asserting(each_call=True)
    said = [claims(one.of(GRANT, *given)) for given in (("r1", "/a"), ("r1", "/b"), ("r2", "/a"))]
    assert len({(each["request_id"], each["request_sha256"]) for each in said}) == 3
    assert set(said[0]) == {
        "iss", "aud", "sub", "client_id", "service", "grant", "purpose", "iat", "exp", "request_id", "request_sha256",
    }  # fmt: skip
