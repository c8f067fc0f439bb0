"""The allowed networks as a function of an address; odd spellings and real sockets: tests/integration/exchange."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadSettings
from gateway.web.egress import Egress, EgressRefused

EGRESS = Egress(["10.8.0.0/16", "fd00:8::/32"])


@pytest.mark.parametrize(
    "address",
    ["10.8.0.0", "10.8.255.255", "fd00:8::1", "::ffff:10.8.0.1", "64:ff9b::10.8.0.1", "fd00:8::1%eth0"],
)
def test_an_address_inside_is_allowed_also_as_ipv4_inside_ipv6(address: str) -> None:
    assert EGRESS.check(address) == address


@pytest.mark.parametrize(
    "address",
    ["10.7.255.255", "10.9.0.0", "127.0.0.1", "0.0.0.0", "169.254.169.254", "100.64.0.1", "192.0.0.8", "::", "::1",
     "::ffff:127.0.0.1", "64:ff9b::7f00:1", "fe80::1%eth0", "fd00:9::1", "::10.8.0.1", "2002:0a08:0001::"],
)  # fmt: skip
def test_any_other_address_is_refused(address: str) -> None:
    with pytest.raises(EgressRefused):
        EGRESS.check(address)


@given(st.ip_addresses())
def test_nothing_is_allowed_where_no_network_is(address: object) -> None:
    with pytest.raises(EgressRefused):
        Egress([]).check(str(address))


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_every_form(address: object) -> None:
    forms = [str(address), f"::ffff:{address}", str(ip_address(int(ip_address("64:ff9b::")) + int(address)))]  # type: ignore[call-overload]
    verdicts = set()
    for form in forms:
        try:
            verdicts.add(bool(EGRESS.check(form)))
        except EgressRefused:
            verdicts.add(False)
    assert len(verdicts) == 1


@pytest.mark.parametrize("text", ["10.8.0.1/16", "all", "", "10.8.0.0/33", "10.8"])
def test_what_is_no_network_stops_the_start(text: str) -> None:
    with pytest.raises(BadSettings, match="egress_networks"):
        Egress([text])
