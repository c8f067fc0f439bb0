"""Rows of a roster, what is wrong with one, and what is to be done: plain values and the rules on them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.identity.model import Client, Person, Role, are_separated
from gateway.identity.roster.columns import CLIENTS, PEOPLE
from gateway.identity.roster.faults import fault_at
from gateway.workbooks import CellFault

ROLE_NAMES: Final = {
    Role.REQUESTER: "经办人",
    Role.PROVIDER: "审批人",
    Role.PLATFORM_ADMIN: "平台管理员",
    Role.SECURITY_ADMIN: "安全管理员",
    Role.AUDITOR: "审计管理员",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a sheet: its kind (``people`` or ``clients``), place, and values by column key; ``columns`` has letters."""

    kind: str
    sheet: str
    row: int
    columns: Mapping[str, str]
    values: Mapping[str, Any]

    def fault(self, key: str, code: str, **details: object) -> CellFault:
        """What is wrong with one of its cells."""
        column = (PEOPLE if self.kind == "people" else CLIENTS)[key]
        return fault_at(code, self.sheet, self.row, self.columns.get(key, ""), column.title, details)


@dataclass(frozen=True, slots=True)
class Known:
    """What is registered of what the rows name."""

    orgs: Collection[str]
    people: Mapping[str, Person]
    clients: Mapping[str, Client]
    owner_of_key: Mapping[str, str]
    """Client id by kid, revoked keys included."""


@dataclass(slots=True)
class Plan:
    """What is to be done, in the order of the rows; ``faults`` empty or nothing is."""

    register: list[Row] = field(default_factory=list)
    rename: list[Row] = field(default_factory=list)
    set_roles: list[tuple[Row, frozenset[Role]]] = field(default_factory=list)
    add_keys: list[tuple[Row, list[dict[str, Any]]]] = field(default_factory=list)
    disable: list[Row] = field(default_factory=list)
    unchanged: int = 0
    faults: list[CellFault] = field(default_factory=list)

    @property
    def changed(self) -> int:
        """How many registered people and systems are changed, but for those ended."""
        ended = {id(row) for row in self.disable}
        touched = {id(row) for row in (*self.rename, *(row for row, _ in (*self.set_roles, *self.add_keys)))}
        return len(touched - ended)


def plan(rows: Iterable[Row], known: Known, actor: str) -> Plan:
    """What the rows ask for, against what is registered.

    Args:
        actor: the login of who imports, whose own row may not change anything.
    """
    made, seen = Plan(), dict[tuple[str, str], int]()
    for row in rows:
        name = str(row.values["login" if row.kind == "people" else "id"])
        if (row.kind, name) in seen:
            made.faults.append(row.fault(_key(row), "twice", value=name, first=seen[row.kind, name]))
            continue
        seen[row.kind, name] = row.row
        if row.values["org"] not in known.orgs:
            made.faults.append(row.fault("org", "unknown-org", value=row.values["org"]))
        elif row.kind == "people":
            _plan_person(made, row, known.people.get(name), actor)
        else:
            _plan_client(made, row, known.clients.get(name), known)
    return made


def _key(row: Row) -> str:
    return "login" if row.kind == "people" else "id"


def _plan_person(made: Plan, row: Row, before: Person | None, actor: str) -> None:
    roles = frozenset(row.values["roles"])
    if not are_separated(roles):
        made.faults.append(row.fault("roles", "powers"))
    elif _stays(made, row, before):
        assert before is not None  # _stays says so
        asked = (row.values["name"] != before.name, roles != before.roles, not row.values["active"])
        if any(asked) and before.login == actor:
            made.faults.append(row.fault("login", "own-row"))
        elif any(asked):
            _note(made, row, asked[0], asked[2])
            if asked[1]:
                made.set_roles.append((row, before.roles))
        else:
            made.unchanged += 1


def _plan_client(made: Plan, row: Row, before: Client | None, known: Known) -> None:
    keys: Sequence[dict[str, Any]] = row.values["keys"]
    if before is None and row.values["active"] and not keys:
        made.faults.append(row.fault("keys", "no-key"))
        return
    if foreign := [
        key for key in keys if known.owner_of_key.get(key["kid"], row.values["id"]) != row.values["id"]
    ]:
        made.faults.append(row.fault("keys", "key-taken", value=foreign[0]["kid"]))
        return
    if _stays(made, row, before):
        assert before is not None  # _stays says so
        held = {key.kid: key for key in before.keys}
        if revoked := [key for key in keys if key["kid"] in held and held[key["kid"]].revoked_at]:
            made.faults.append(row.fault("keys", "key-revoked", value=revoked[0]["kid"]))
            return
        new = [key for key in keys if key["kid"] not in held]
        asked = (row.values["name"] != before.name, bool(new), not row.values["active"])
        if not any(asked):
            made.unchanged += 1
            return
        _note(made, row, asked[0], asked[2])
        if new:
            made.add_keys.append((row, new))


def _stays(made: Plan, row: Row, before: Person | Client | None) -> bool:
    """Whether the row is of somebody registered who may be changed; registers or refuses otherwise."""
    key = _key(row)
    if before is None:
        if row.values["active"]:
            made.register.append(row)
        else:
            made.faults.append(row.fault(key, "nobody-to-end", value=row.values[key]))
        return False
    if before.org != row.values["org"]:
        made.faults.append(row.fault("org", "other-org", value=before.org))
        return False
    if not before.active:
        if row.values["active"]:
            made.faults.append(row.fault("state", "ended", value=row.values[key]))
        else:
            made.unchanged += 1
        return False
    return True


def _note(made: Plan, row: Row, renamed: bool, ended: bool) -> None:
    if renamed:
        made.rename.append(row)
    if ended:
        made.disable.append(row)
