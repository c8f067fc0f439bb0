"""The roster: checked before anything is stored, all of it or nothing, every fault at its cell, every change recorded."""

import io
import json
from typing import Any
from uuid import uuid4

import pytest
from openpyxl import load_workbook
from rosters import client, person, roster
from signing_in import CHEAP, accept, ask, invite
from stage import contents
from world import CONSUMER, PROVIDER, File, World, new_key, public_jwk, running_world

ADMIN = "security-admin"


@pytest.fixture(scope="module")
async def people(shared_database: Any) -> Any:
    async with running_world(shared_database, identity=CHEAP) as made:
        yield made


def fresh(letter: str = "p") -> str:
    return f"{letter}{uuid4().hex[:12]}"


async def send(people: World, what: str, file: File) -> Any:
    return await people.as_(ADMIN, "POST", f"/v1/roster/{what}", file)


async def test_people_and_systems_are_registered_changed_and_ended_and_each_change_is_recorded(
    people: World,
) -> None:
    one, two, gone, system = fresh(), fresh(), fresh(), fresh("s")
    first = roster([person(one), person(two, 角色="经办人、审批人"), person(gone)], [client(system)])
    found = (await send(people, "check", first)).ok()
    assert (found["registered"], found["stored"], found["clean"]) == (4, False, True)
    (await people.as_(ADMIN, "GET", f"/v1/people/{one}")).refused(404, "no-such-person")
    assert (await send(people, "import", first)).ok()["registered"] == 4
    assert (await people.as_(ADMIN, "GET", f"/v1/people/{two}")).ok()["roles"] == ["provider", "requester"]
    assert (await send(people, "import", first)).ok()["unchanged"] == 4

    jwk = json.dumps([public_jwk(new_key())])
    second = roster(
        [person(one, 姓名="孙工"), person(two, 角色="auditor"), person(gone, 状态="停用")],
        [client(system, 公钥=jwk, 系统名称="招标投标系统")],
    )
    done = (await send(people, "import", second)).ok()
    assert (done["registered"], done["changed"], done["ended"], done["unchanged"]) == (0, 3, 1, 0)
    shown = (await people.as_(ADMIN, "GET", f"/v1/clients/{system}")).ok()
    assert (shown["name"], len(shown["keys"])) == ("招标投标系统", 2)
    assert (await people.as_(ADMIN, "GET", f"/v1/people/{gone}")).ok()["active"] is False
    again = roster(
        [person(one, 姓名="孙工"), person(gone, 状态="停用")],
        [client(system, 公钥="", 系统名称="招标投标系统")],
    )
    assert (await send(people, "import", again)).ok()["unchanged"] == 3

    imported = await people.audit(type="roster.imported")
    assert [event["object"]["id"] for event in imported][-2:] == [found["sha256"], done["sha256"]]
    renamed = (await people.audit(type="person.renamed"))[-1]
    assert (renamed["object"]["id"], renamed["who"]["role"]) == (one, "security_admin")
    assert renamed["cause"]


async def test_who_is_ended_or_changed_by_a_roster_is_signed_out(people: World) -> None:
    login = fresh()
    (await send(people, "import", roster([person(login)], []))).ok()
    signed = await accept(people, login, await invite(people, login), 0)
    token = (await signed.sign_in()).ok()["token"]
    (await send(people, "import", roster([person(login, 状态="停用")], []))).ok()
    (await ask(people, token, "GET", "/v1/me")).refused(401, "session-over")


async def test_every_fault_is_named_at_its_cell_and_nothing_is_stored(
    people: World, shared_database: Any
) -> None:
    (
        await send(
            people, "import", roster([person("ended-one"), person("own-name")], [client("own-system")])
        )
    ).ok()
    (await send(people, "import", roster([person("ended-one", 状态="停用")], []))).ok()
    taken, revoked = public_jwk(new_key()), public_jwk(new_key())
    body = {"id": "other-system", "name": "他系统", "org": PROVIDER, "keys": [taken, revoked]}
    keys = (await people.as_(ADMIN, "POST", "/v1/clients", body)).ok()["keys"]
    kid = next(key["kid"] for key in keys if key["jwk"]["x"] == revoked["x"])
    (await people.as_(ADMIN, "DELETE", f"/v1/clients/other-system/keys/{kid}")).ok()
    others = {"部门代码": PROVIDER, "系统名称": "他系统"}
    persons = [
        (person(""), "empty", "A"), (person("Wang Li"), "not-slug", "A"), (person("a-a", 姓名="x" * 201), "bad-name", "B"),
        (person("a-b", 部门代码="11621000MB00000020"), "bad-org", "C"), (person("a-c", 部门代码=621000), "number-cell", "C"),
        (person("a-d", 部门代码="11621000MB0000005D"), "unknown-org", "C"), (person("a-e", 角色="局长"), "not-role", "D"),
        (person("a-f", 角色="安全管理员，审计管理员"), "powers", "D"), (person("a-g", 状态="休假"), "not-state", "E"),
        (person("a-h", 状态="停用"), "nobody-to-end", "A"), (person("own-name", 部门代码=PROVIDER), "other-org", "C"),
        (person("ended-one"), "ended", "E"), (person("own-name", 部门代码=PROVIDER), "twice", "A"),
        (person("security-admin", 部门代码="11621000MB00000011"), "own-row", "A"), (person("a-i", 姓名="=1+1"), "formula", "B"),
    ]  # fmt: skip
    clients = [
        (client("b-a", 公钥=""), "no-key", "D"), (client("b-b", 公钥="公钥"), "bad-key", "D"),
        (client("b-c", 公钥='{"kty":"oct","k":"AA"}'), "bad-key", "D"), (client("b-d", 公钥=json.dumps(taken)), "key-taken", "D"),
        (client("other-system", 公钥=json.dumps(revoked), **others), "key-revoked", "D"),
    ]  # fmt: skip
    file = roster([row for row, _, _ in persons], [row for row, _, _ in clients])
    before = await contents(shared_database)
    found = (await send(people, "import", file)).refused(422, "roster-faulty")
    assert await contents(shared_database) == before
    wanted = {("人员", at, column, code) for at, (_, code, column) in enumerate(persons, 2)}
    wanted |= {("应用系统", at, column, code) for at, (_, code, column) in enumerate(clients, 2)}
    faults = {(one["sheet"], one["row"], one["column"], one["code"]) for one in found["faults"]}
    assert faults == wanted
    assert found["faults_total"] == len(wanted)
    assert all(
        one["detail_zh"] and one["remedy_zh"] and "{" not in one["detail"] + one["remedy"]
        for one in found["faults"]
    )
    assert (await send(people, "check", file)).ok()["faults_total"] == len(wanted)


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (roster([], []), "no-rows"),
        (roster([person("a-z")], [], without=["角色"]), "no-column"),
        (roster([], [], without=["登录名", "系统标识"]), "no-titles"),
    ],
    ids=["no-rows", "no-column", "no-titles"],
)
async def test_a_file_without_rows_or_titles_is_said_so(file: File, code: str, people: World) -> None:
    found = (await send(people, "check", file)).ok()
    assert [one["code"] for one in found["faults"]] == [code]


async def test_what_is_no_workbook_is_refused(people: World) -> None:
    for content in (b"login,name\n", b"PK\x03\x04broken", b""):
        answer = await send(people, "check", File(content, roster([], []).media_type))
        answer.refused(422, "unreadable-roster")


async def test_the_export_is_a_roster_that_changes_nothing_and_the_template_is_an_empty_one(
    people: World,
) -> None:
    exported = await people.as_(ADMIN, "GET", "/v1/roster/export")
    sheets = load_workbook(io.BytesIO(exported.body))
    assert ("security-admin", "安全管理员") in [
        (row[0].value, row[3].value) for row in sheets["人员"].iter_rows()
    ]
    assert ("registration", CONSUMER) in [
        (row[0].value, row[2].value) for row in sheets["应用系统"].iter_rows()
    ]
    report = (await send(people, "import", File(exported.body, roster([], []).media_type))).ok()
    assert (report["registered"], report["changed"], report["ended"]) == (0, 0, 0)
    assert report["unchanged"] == report["rows"] > 5
    template = await people.as_(ADMIN, "GET", "/v1/roster/template")
    found = (await send(people, "check", File(template.body, roster([], []).media_type))).ok()
    assert [one["code"] for one in found["faults"]] == ["no-rows"]
