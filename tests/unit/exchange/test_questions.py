"""A question written out from its parts is the one that would be written from the whole address."""

import base64
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from makes import a_grant

from gateway.authz.grants.denials import ParameterWrong
from gateway.catalog import HttpMount
from gateway.exchange.assertion import TYPE, Assertions
from gateway.exchange.connectors.http import Questions, address, told
from gateway.exchange.shared_keys import SharedKeys
from gateway.settings import Exchange as Limits
from gateway.web.egress import Egress
from gateway.web.outbound import Outbound, Place

TEMPLATES = [
    "http://data.example",
    "http://data.example/",
    "http://data.example:8080/v1/e/{a}/x{b}y?q={c}&v=1",
    "https://data.example?q={a}",
    "https://[2001:db8::1]:8443/{a}#",
    "http://data.example/{a}{b}{c}",
]
texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(lambda text: text.strip("."))


class Written(Outbound):
    """Keeps what would be sent."""

    def __init__(self) -> None:
        super().__init__(Limits(), Egress([]))
        self.sent: list[tuple[Place, bytes, list[bytes]]] = []

    async def ask(self, place: Place, line: bytes, said: bytes, largest: int, error_bytes: int = 0) -> bytes:
        self.sent.append((place, line, sorted(said.split(b"\r\n"))))
        return b"{}"


def plan() -> Any:
    return SimpleNamespace(grant=a_grant())


@given(
    template=st.sampled_from(TEMPLATES), values=st.fixed_dictionaries({"a": texts, "b": texts, "c": texts})
)
async def test_a_question_is_the_whole_address_with_what_is_told(
    template: str, values: Mapping[str, str]
) -> None:
    mount, outbound = HttpMount(kind="http", url=template), Written()
    await Questions(outbound, plan(), mount, None, 100).ask(values, "id-1")
    await outbound.get(address(template, values), {"Accept": "application/json", **told(plan(), "id-1")}, 100)
    assert outbound.sent[0] == outbound.sent[1]


async def test_a_value_that_could_leave_its_place_is_refused() -> None:
    questions = Questions(Written(), plan(), HttpMount(kind="http", url="http://data.example/{a}"), None, 100)
    with pytest.raises(ParameterWrong):
        await questions.ask({"a": ".."}, "id-1")


@pytest.mark.parametrize("each_call", [False, True])
async def test_each_question_carries_an_assertion_that_is_fresh(each_call: bool) -> None:
    made = Assertions(
        bytes(32), "https://share.example.gov.cn", 60, lambda: 1_790_000_000.0, each_call=each_call
    )
    outbound = Written()
    questions = Questions(outbound, plan(), HttpMount(kind="http", url="http://data.example/{a}"), made, 100)
    for number in ("1", "2"):
        await questions.ask({"a": number}, f"id-{number}")
    (_, _, one), (_, _, two) = outbound.sent
    signed = [next(line for line in lines if line.startswith(b"Gateway-Assertion: ")) for lines in (one, two)]
    assert (signed[0] == signed[1]) is not each_call
    assert b"Request-Id: id-1" in one
    assert b"Request-Id: id-2" in two


async def test_a_key_that_is_shared_from_now_on_signs_the_next_question_and_none_after_it_is_taken_away(
    tmp_path: Path,
) -> None:
    clock = [0.0]
    keys = SharedKeys(tmp_path, TYPE, lambda: clock[0])
    made = Assertions(
        bytes(32), "https://share.example.gov.cn", 60, lambda: 1_790_000_000.0, each_call=False, shared=keys
    )
    outbound = Written()
    questions = Questions(outbound, plan(), HttpMount(kind="http", url="http://data.example/{a}"), made, 100)
    await questions.ask({"a": "1"}, "id-1")
    file = tmp_path / f"{plan().grant.provider_org}.key"
    file.touch(0o600)
    file.write_text(base64.b64encode(bytes(32)).decode())
    clock[0] = 3.0
    await questions.ask({"a": "2"}, "id-2")
    file.unlink()
    clock[0] = 6.0
    await questions.ask({"a": "3"}, "id-3")
    said = [
        next(line for line in lines if line.startswith(b"Gateway-Assertion: "))
        for _, _, lines in outbound.sent
    ]
    algorithms = [jwt.get_unverified_header(one.split(b" ")[1])["alg"] for one in said]
    assert algorithms == ["ES256", "HS256", "ES256"]
