"""The API's description: committed, generated and served are one document, and it describes what is served."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from raw import request, say
from world import World

from gateway.app import ALL_ROUTES, openapi
from gateway.exchange.description import openapi as openapi_of_calls

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = {"openapi.json": openapi, "openapi.calls.json": openapi_of_calls}
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_committed_document_is_the_generated_one(name: str) -> None:
    told = f"run ./gw openapi{' --calls' if 'calls' in name else ''} > {name}"
    assert json.loads((ROOT / name).read_text("utf-8")) == json.loads(json.dumps(DOCUMENTS[name]())), told


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_may_be_null_is_never_promised(name: str) -> None:
    """Members without a value are left out of answers."""
    promised = [
        (schema, member)
        for schema, told in DOCUMENTS[name]()["components"]["schemas"].items()
        for member, kind in told.get("properties", {}).items()
        if member in told.get("required", []) and {"type": "null"} in kind.get("anyOf", [])
    ]
    assert promised == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_document_is_valid_openapi(name: str) -> None:
    OpenAPIV31SpecValidator(DOCUMENTS[name]()).validate()


@pytest.mark.parametrize("options", [[], ["--json"], ["--calls"], ["--calls", "--json"]])
def test_the_command_prints_the_document(options: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "openapi", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    name = "openapi.calls.json" if "--calls" in options else "openapi.json"
    assert json.loads(done.stdout) == DOCUMENTS[name]()
    assert ("\n" in done.stdout.strip()) is ("--json" not in options)
    if "--json" not in options:
        assert done.stdout == (ROOT / name).read_text("utf-8")


async def test_each_listener_serves_its_own_document(shared_world: World) -> None:
    for url, document in ((shared_world.control, openapi()), (shared_world.exchange, openapi_of_calls())):
        answer = await shared_world.send("GET", f"{url}/openapi.json")
        assert answer.ok() == json.loads(json.dumps(document))


async def test_what_is_served_is_what_is_documented(shared_world: World) -> None:
    """Every documented operation is there, and every other method of its address is not."""
    assert shared_world.gateway.control is not None
    port, paths = shared_world.gateway.control.port, openapi()["paths"]
    assert {(route.method.lower(), route.path) for route in ALL_ROUTES} == {
        (method, path) for path, methods in paths.items() for method in methods
    }
    for path, methods in paths.items():
        filled = path.replace("{", "").replace("}", "")
        declared = {method.upper() for method in methods}
        for method in METHODS:
            said = await say(
                port, request(method, filled, "Content-Length: 0" if method in ("POST", "PUT") else "X-A: 1")
            )
            if method in declared:
                assert said.status != 405, (method, path)
            else:
                assert (said.status, set(said.headers["allow"].split(", "))) == (405, declared), (
                    method,
                    path,
                )


def operations() -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method} {path}", op)
        for path, methods in openapi()["paths"].items()
        for method, op in methods.items()
    ]


def test_every_operation_says_who_may_and_what_can_go_wrong_in_both_languages() -> None:
    roles = {"+", "requester", "provider", "platform_admin", "security_admin", "auditor"}
    for name, operation in operations():
        assert operation["security"] == [] or set(operation["x-roles"]) <= roles, name
        assert " · " in operation["summary"], name
        assert {"400", "500", "503"} <= set(operation["responses"]), name
        assert any(status.startswith("2") for status in operation["responses"]), name


def test_no_operation_takes_an_id_number_or_a_token_in_its_address() -> None:
    """Nothing sensitive in URLs: they end up in logs (ASVS 5.0 14.2.1)."""
    for name, operation in operations():
        named = {one["name"] for one in operation["parameters"] if one["in"] in ("query", "path")}
        assert not named & {"id_number", "token", "access_token", "password", "secret", "client_assertion"}, (
            name
        )


def test_every_schema_for_what_comes_in_forbids_what_it_does_not_declare() -> None:
    document = openapi()
    bodies = [op["requestBody"]["content"] for _, op in operations() if "requestBody" in op]
    todo = [
        kind["schema"]["$ref"]
        for content in bodies
        for name, kind in content.items()
        if name == "application/json"
    ]
    seen: set[str] = set()
    while todo:
        reference = todo.pop().rpartition("/")[2]
        if reference in seen:
            continue
        seen.add(reference)
        schema = document["components"]["schemas"][reference]
        if schema.get("type") == "object":
            assert schema["additionalProperties"] is False, reference
        todo += [line.split('"')[0] for line in json.dumps(schema).split('"$ref": "')[1:]]
    assert len(seen) > 10
