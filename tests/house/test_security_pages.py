"""What the pages on security say is tried, is tried: every test they name exists."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


@cache
def functions_of(file: Path) -> frozenset[str]:
    tree = ast.parse(file.read_text("utf-8"))
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def lost(text: str) -> list[str]:
    """Tests a text names that are not there."""
    found = NAMED.findall(text)
    return [
        f"{path}::{name}"
        for path, name in found
        if not (ROOT / path).is_file() or name not in functions_of(ROOT / path)
    ]


def test_every_test_a_page_on_security_names_exists() -> None:
    pages = sorted((ROOT / "ops" / "security").glob("*.md"))
    assert sum(len(NAMED.findall(page.read_text("utf-8"))) for page in pages) > 30
    assert [one for page in pages for one in lost(page.read_text("utf-8"))] == []


def test_the_check_sees_a_test_that_is_gone() -> None:
    assert lost("`tests/house/test_security_pages.py::test_gone` `tests/gone.py::test_x`") == [
        "tests/house/test_security_pages.py::test_gone",
        "tests/gone.py::test_x",
    ]
