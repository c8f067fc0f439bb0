"""Which addresses a mount may hold, and which mounts fit which descriptions."""

from typing import Any

import pytest
from makes import UNCONTROLLED, describe
from pydantic import TypeAdapter, ValidationError

from gateway.catalog import FileMount, HttpMount, Mount, TableMount
from gateway.catalog.mount import mismatch

MOUNT: TypeAdapter[HttpMount | TableMount | FileMount] = TypeAdapter(Mount)
HTTP = {"kind": "http", "url": "https://data.example/enterprises/{uscc}"}
TABLE = {"kind": "table", "relation": "enterprise", "filters": {"uscc": "code"}}
FILE = {"kind": "file", "url": "https://data.example/e.csv", "filters": {"uscc": "代码"}}
OPTIONAL = {**UNCONTROLLED, "name": "region", "kind": "text", "required": False}


@pytest.mark.parametrize(
    "url",
    [
        "http://10.1.2.3:8080/a/{uscc}",
        "https://data.example/q?code={uscc}&v=1",
        "http://[2001:db8::1]:8080/{uscc}",
        "https://data.example/%E4%BC%81/{uscc}",
        "http://localhost/{uscc}",
        "http://Data.Example/{uscc}",
        "http://xn--fiq228c.example/{uscc}",
        "http://data_1.zwwl/{uscc}",
    ],
)
def test_an_http_address_with_places_in_path_or_query_is_taken(url: str) -> None:
    assert HttpMount(kind="http", url=url).places() == {"uscc"}


@pytest.mark.parametrize(
    "url",
    [
        "ftp://data.example/{uscc}",
        "file:///etc/passwd",
        "gopher://data.example/{uscc}",
        "//data.example/{uscc}",
        "http:///enterprises/{uscc}",
        "http://:8080/{uscc}",
        "http://user@data.example/{uscc}",
        "http://user:password@data.example/{uscc}",
        "http://data.example\\@other.example/{uscc}",
        "http://data.example/{uscc}#part",
        "http://data.example/a b/{uscc}",
        "http://data.example/a\tb/{uscc}",
        "http://data.example/a\r\nX:y/{uscc}",
        "http://data.example/\x00{uscc}",
        "http://data.example/\x7f{uscc}",
        "http://数据.example/{uscc}",
        "http://１２７.0.0.1/{uscc}",
        "http://127.1/{uscc}",
        "http://2130706433/{uscc}",
        "http://0x7f000001/{uscc}",
        "http://0x7f.0.0.1/{uscc}",
        "http://0177.0.0.1/{uscc}",
        "http://127.000.000.001/{uscc}",
        "http://data..example/{uscc}",
        "http://-data.example/{uscc}",
        "http://data.example./{uscc}",
        "http://%31%32%37.0.0.1/{uscc}",
        "http://data,example/{uscc}",
        "http://{uscc}.example/",
        "http://data.example:{uscc}/",
        "{uscc}://data.example/",
        "http://data.example:0/{uscc}",
        "http://data.example:65536/{uscc}",
        "http://data.example:port/{uscc}",
        "http://[::1/{uscc}",
        "http://data.example/{USCC}",
        "http://data.example/{uscc",
        "http://data.example/uscc}",
        "http://data.example/{{uscc}}",
        "http://data.example/" + "a" * 500,
        "",
    ],
)
def test_another_address_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        HttpMount(kind="http", url=url)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "smtp"},
        {"relation": "enterprise"},
        {**HTTP, "unknown": 1},
        {**HTTP, "records_at": "data"},
        {**HTTP, "records_at": "/a/b/c/d/e/f"},
        {**HTTP, "sources": {"名": "x"}},
        {**FILE, "url": "https://data.example/{uscc}.csv"},
        {**FILE, "sha256": "ABC"},
        {**TABLE, "relation": 'e"; DROP TABLE x; --'},
        {**TABLE, "relation": "Enterprise"},
        {**TABLE, "schema_name": "a.b"},
        {**TABLE, "filters": {"uscc": "code = code OR code"}},
        {**TABLE, "dsn": "mssql://u:p@h/d"},
        {**TABLE, "dsn": "postgresql://u:p @h/d"},
    ],
)
def test_a_mount_of_another_shape_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MOUNT.validate_python(wrong)


@pytest.mark.parametrize(
    ("mount", "changes", "fault"),
    [
        (HTTP, {}, ""),
        (TABLE, {"mode": "table"}, ""),
        (FILE, {"mode": "file"}, ""),
        (HTTP, {"mode": "table"}, "serves mode interface"),
        (TABLE, {"mode": "file"}, "serves mode table"),
        (FILE, {"mode": "interface"}, "serves mode file"),
        ({**HTTP, "url": "http://h.example/{uscc}/{who}"}, {}, "undeclared parameters: who"),
        ({**HTTP, "url": "http://h.example/all"}, {}, "does not use the declared parameters: uscc"),
        ({**TABLE, "filters": {}}, {"mode": "table"}, "does not use the declared parameters: uscc"),
        ({**FILE, "filters": {"uscc": "a", "x": "b"}}, {"mode": "file"}, "undeclared parameters: x"),
        ({**HTTP, "sources": {"name": "qymc"}}, {}, ""),
        ({**HTTP, "sources": {"address": "dz"}}, {}, "sources name unknown items: address"),
        ({**HTTP, "sources": {"name": "{uscc}"}}, {}, "a source is a plain name"),
        (
            {**HTTP, "url": "http://h.example/{uscc}?r={region}"},
            {"parameters": [UNCONTROLLED, OPTIONAL]},
            "required",
        ),
        (
            {**TABLE, "filters": {"uscc": "code", "region": "region"}},
            {"mode": "table", "parameters": [UNCONTROLLED, OPTIONAL]},
            "",
        ),
        ({**HTTP, "url": "http://h.example/all"}, {"parameters": []}, ""),
    ],
)
def test_a_mount_serves_exactly_its_description(
    mount: dict[str, Any], changes: dict[str, Any], fault: str
) -> None:
    said = mismatch(MOUNT.validate_python(mount), describe(**changes))
    assert fault in said
    assert bool(said) == bool(fault)
