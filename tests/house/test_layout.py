"""Every room looks the same inside, and says what it is for."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "gateway"
FILES = {"__init__.py", "model.py", "store.py", "service.py", "routes.py"}
SUITES = {
    "supervision": ("", "calendars", "contacts", "orders", "outbox"),
    "authz": ("applications", "grants", "timing"),
    "catalog": ("", "sheets", "sources"),
    "identity": ("", "directory", "roster", "sessions", "upstream"),
    "quality": ("comparisons", "corrections", "ratings"),
    "reports": ("duties", "health", "openings", "statistics"),
}

NOT_ROOMS = {
    "deadlines": "pure functions over calendars and rules: nothing is stored, no address answers",
    "proof": "checking what others were given: nothing stored, no address, copied out of the house",
    "seals": "keys and sealed bytes: technique without rows or addresses",
    "telemetry": "logs and metrics: technique without rows or addresses",
    "storage": "the database itself: its statements serve migrations and pools, not a subject",
    "workbooks": "spreadsheets as a format: technique without rows or addresses",
    "web": "HTTP itself: its routes are those of the rooms",
    "exchange": "the hot path of a call: its steps are files; nothing of it is an act on the control API",
    "bench": "measurements of other rooms: nothing is stored, no address answers",
    "drill": "faults made from outside a running gateway: nothing of it is part of one",
    "witness": "a program of its own, for places without a gateway: one file a log, no database",
    "siem": "records on their way out: what is stored is a position, no address answers",
    "cli": "commands, one file each",
    "demo": "a story told over the API of the others",
}


def rooms() -> list[Path]:
    """The folders that hold a subject of the domain."""
    found = []
    for folder in sorted(entry for entry in PACKAGE.iterdir() if (entry / "__init__.py").exists()):
        if folder.name not in NOT_ROOMS:
            found += [folder / part for part in SUITES.get(folder.name, ("",))]
    return found


def modules() -> dict[str, ast.Module]:
    """Every module of the gateway by its path."""
    return {
        str(path.relative_to(PACKAGE)): ast.parse(path.read_text("utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }


@pytest.mark.parametrize("room", rooms(), ids=lambda room: str(room.relative_to(PACKAGE)))
def test_a_room_has_the_five_files_and_its_statements(room: Path) -> None:
    assert FILES - {entry.name for entry in room.iterdir()} == set()
    assert (room / "queries.sql").exists()


def test_every_folder_is_a_room_or_said_not_to_be_one() -> None:
    folders = {entry.name for entry in PACKAGE.iterdir() if (entry / "__init__.py").exists()}
    assert set(NOT_ROOMS) <= folders
    assert folders - set(NOT_ROOMS) == {
        "audit",
        "identity",
        "supervision",
        "sealing",
        "catalog",
        "authz",
        "quality",
        "reports",
        "monitoring",
        "federation",
        "attestation",
        "alerts",
        "subscriptions",
    }


def test_every_module_says_what_it_holds() -> None:
    assert [path for path, module in modules().items() if not ast.get_docstring(module)] == []


def _public(module: ast.Module) -> list[tuple[str, ast.AST]]:
    """Public classes and functions, and the public methods of public classes."""
    found: list[tuple[str, ast.AST]] = []
    for node in module.body:
        if isinstance(
            node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        ) and not node.name.startswith("_"):
            found.append((node.name, node))
            inner = node.body if isinstance(node, ast.ClassDef) else []
            found += [
                (f"{node.name}.{part.name}", part)
                for part in inner
                if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) and not part.name.startswith("_")
            ]
    return found


SELF_EVIDENT = ("store.py", "wire.py")
"""Their functions are one statement or one shape each, which says it."""
CALLED_BY_ASYNCIO = (".connection_made", ".connection_lost", ".data_received")


def _is_handler(node: ast.AST) -> bool:
    """A handler of a route, whose summary says it in both languages."""
    return isinstance(node, ast.AsyncFunctionDef) and any(
        argument.annotation is not None and ast.unparse(argument.annotation).startswith("Ask[")
        for argument in node.args.args
    )


def test_every_public_class_and_function_says_what_it_means() -> None:
    silent = [
        f"{path}: {name}"
        for path, module in modules().items()
        for name, node in _public(module)
        if not ast.get_docstring(node)  # type: ignore[arg-type]  # of the three kinds _public lets through
        and not (path.endswith(SELF_EVIDENT) and not isinstance(node, ast.ClassDef))
        and not _is_handler(node)
        and not name.endswith(CALLED_BY_ASYNCIO)
    ]
    assert silent == []


def test_what_a_service_may_raise_is_an_error_of_the_gateway() -> None:
    """A room's refusals are classes of its own or of the ground, never strings or bare exceptions."""
    bare = [
        f"{path}:{node.lineno}"
        for path, module in modules().items()
        if path.endswith("service.py")
        for node in ast.walk(module)
        if isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and ast.unparse(node.exc.func) in ("Exception", "ValueError", "RuntimeError", "KeyError")
    ]
    assert bare == []
