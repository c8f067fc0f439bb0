"""What the doctor says of recognised authorities."""

from datetime import datetime, timedelta
from pathlib import Path

from certifying import new_pki, write_authority
from sealing import DAY, NOW

from gateway.cli.doctoring import State, examined
from gateway.cli.doctoring_certificates import authorities, freshness
from gateway.identity.revocation.model import Kind
from gateway.seals.recognition_files import load_recognition

ROOT = new_pki("p256", "互认根", end=NOW + 100 * DAY)


def look(folder: Path, days: int = 0) -> tuple[State, str, str]:
    check = examined("authorities", lambda: authorities(folder, NOW + timedelta(days=days)))
    assert (check.remedy is None) == (check.state is State.OK)
    return check.state, *check.said


def test_what_ends_is_said_before_it_does(tmp_path: Path) -> None:
    assert look(tmp_path)[0] is State.OK
    write_authority(tmp_path, "one", ROOT, recognised_until="2027-06-01")
    assert look(tmp_path)[:2] == (State.OK, "recognised: one (client)")
    state, said, said_zh = look(tmp_path, 50)
    assert (state, "互认根" in said, "60 天内" in said_zh) == (State.WARNING, True, True)
    assert look(tmp_path, 101)[0] is State.FAULT
    write_authority(tmp_path, "one", ROOT, recognised_until="2026-10-20")
    assert "one is not recognised" in look(tmp_path)[1]
    assert look(tmp_path, 30)[0] is State.FAULT


def test_a_wrong_file_is_a_fault_in_its_own_words(tmp_path: Path) -> None:
    write_authority(tmp_path, "one", ROOT, uses=["everything"])
    state, said, _ = look(tmp_path)
    assert (state, "one.toml" in said) == (State.FAULT, True)


def test_an_authority_without_current_lists_is_told_before_its_systems_stand_at_the_door(
    tmp_path: Path,
) -> None:
    write_authority(tmp_path, "one", ROOT)
    write_authority(tmp_path, "lax", new_pki("p256", "另一根"), revocation="when_known")
    write_authority(tmp_path, "answers", new_pki("p256", "第三根"), sources=["ocsp"])
    found = load_recognition(tmp_path).authorities

    def state(until: datetime | None, kind: Kind = Kind.CRL) -> State:
        return freshness(found, {("one", kind): (NOW - DAY, until)}, NOW).state

    assert freshness(found, {}, NOW).said[0].startswith("no current revocation information of one:")
    assert state(NOW + DAY) is State.OK
    assert state(NOW + DAY, Kind.OCSP) is State.OK
    assert state(NOW - DAY) is State.WARNING
    assert state(None) is State.WARNING
    assert freshness((), {}, NOW).state is State.OK
