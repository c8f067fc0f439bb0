"""What must not be found in any file of the checkout."""

import ast
import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE = 500

# Put together here, so that this file does not hold what it forbids.
MACHINE_PATH = re.compile(r"(?:^|[\"'`(= ])/(?:" + "|".join(("work", "farm", "root", "Users")) + ")/", re.M)
INDEX_HOST = re.compile("py" r"pi\.|python" r"hosted|mirr" r"ors\.|registry" r"\.npm")
INDEX_OPTION = re.compile(r"--(?:extra-)?index-url|--find-" r"links|\"resolved\": *\"https?://")
FILE_URL = re.compile("file://")
CONFIGURATION = {".txt", ".toml", ".json", ".cfg", ".ini", ".lock", ".yml", ".yaml"}

SQL = re.compile(
    r"\s*(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|ALTER|DROP|TRUNCATE|GRANT|REVOKE|COPY|WITH)\s"
)
ALL_COLUMNS = re.compile(r"\b(?:SELECT|RETURNING)\s+(?:DISTINCT\s+)?(?:\w+\.)?\*", re.I)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")


@cache
def _ignored() -> tuple[str, ...]:
    lines = (ROOT / ".gitignore").read_text().splitlines()
    return (".git", *(line.strip("/") for line in lines if line.strip() and not line.startswith("#")))


def _below(folder: Path) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if any(fnmatch(entry.name, pattern) for pattern in _ignored()):
            continue
        if entry.is_dir():
            yield from _below(entry)
        else:
            yield entry


@cache
def texts() -> dict[Path, str]:
    """Every text file of the checkout that git does not ignore, by its path from the root."""
    found = {}
    for path in _below(ROOT):
        try:
            found[path.relative_to(ROOT)] = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
    return found


def code() -> dict[Path, str]:
    """The Python files of the gateway itself."""
    return {
        path: text for path, text in texts().items() if path.parts[0] == "gateway" and path.suffix == ".py"
    }


def lines_with(pattern: re.Pattern[str], wanted: Callable[[Path], bool] = lambda _: True) -> list[str]:
    return [
        f"{path}:{text.count(chr(10), 0, match.start()) + 1}"
        for path, text in texts().items()
        if wanted(path)
        for match in pattern.finditer(text)
    ]


def faults(check: Callable[[ast.AST], bool]) -> list[str]:
    return [
        f"{path}:{getattr(node, 'lineno', 0)}"
        for path, text in code().items()
        for node in ast.walk(ast.parse(text))
        if check(node)
    ]


def assert_none(found: list[str]) -> None:
    assert not found, "\n".join(["", *found])


def is_loose_task(node: ast.AST) -> bool:
    """A task nobody waits for: made by ``asyncio`` or a loop instead of a task group."""
    if not isinstance(node, ast.Call):
        return False
    called = ast.unparse(node.func)
    return called.endswith("ensure_future") or bool(
        re.search(r"(?:^|asyncio\.|loop(?:\(\))?\.)create_task$", called)
    )


def is_built_sql(node: ast.AST) -> bool:
    """A statement put together from pieces: f-string, ``+``, ``%`` or ``format``."""
    match node:
        case ast.JoinedStr(values=[ast.Constant(value=str(first)), _, *_]):
            return bool(SQL.match(first))
        case ast.BinOp(left=ast.Constant(value=str(first)), op=ast.Add() | ast.Mod()):
            return bool(SQL.match(first))
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(first)), attr="format")):
            return bool(SQL.match(first))
    return False


def is_swallowed(node: ast.AST) -> bool:
    """A handler of everything that does nothing."""
    broad = {"Exception", "BaseException", ""}
    if isinstance(node, ast.ExceptHandler):
        empty = all(isinstance(step, ast.Pass | ast.Continue) or _is_dots(step) for step in node.body)
        return empty and (ast.unparse(node.type) if node.type else "") in broad
    return (
        isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith("suppress")
        and any(ast.unparse(argument) in broad for argument in node.args)
    )


def _is_dots(step: ast.stmt) -> bool:
    return isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant) and step.value.value is ...


def pins(lock: str) -> dict[str, str]:
    """Package to version, of a lock file."""
    return dict(
        re.findall(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", (ROOT / "requirements" / lock).read_text(), re.M)
    )


def test_no_file_of_the_gateway_is_longer_than_a_person_reads() -> None:
    assert_none([str(path) for path, text in code().items() if text.count("\n") > LONGEST_FILE])


def test_no_file_names_a_path_of_the_machine_it_was_written_on() -> None:
    assert_none(lines_with(MACHINE_PATH))


def test_no_file_names_a_package_index() -> None:
    assert_none(lines_with(INDEX_HOST) + lines_with(INDEX_OPTION))


def test_no_lock_or_settings_file_points_at_a_local_file() -> None:
    assert_none(lines_with(FILE_URL, lambda path: path.suffix in CONFIGURATION))


def test_every_task_belongs_to_a_task_group() -> None:
    assert_none(faults(is_loose_task))


def test_no_statement_is_put_together_at_run_time() -> None:
    assert_none(faults(is_built_sql))


def test_no_failure_is_swallowed() -> None:
    assert_none(faults(is_swallowed))


def test_every_statement_lists_its_columns() -> None:
    ours = {".py", ".sql"}
    assert_none(lines_with(ALL_COLUMNS, lambda path: path.parts[0] == "gateway" and path.suffix in ours))


def test_every_link_of_a_document_leads_to_a_file() -> None:
    broken = []
    for path, text in texts().items():
        for match in LINK.finditer(text if path.suffix == ".md" else ""):
            target = (match[1] or match[2]).split("#")[0]
            if target and not re.match(r"[a-z]+:", target) and not (ROOT / path.parent / target).exists():
                broken.append(f"{path}: {target}")
    assert_none(broken)


def test_the_lock_for_development_holds_every_pin_of_the_lock_for_running() -> None:
    assert pins("runtime.txt")
    assert pins("runtime.txt").items() <= pins("dev.txt").items()


@pytest.mark.parametrize(
    ("check", "source"),
    [
        (is_loose_task, "asyncio.create_task(work())"),
        (is_loose_task, "asyncio.get_running_loop().create_task(work())"),
        (is_loose_task, "create_task(work())"),
        (is_loose_task, "asyncio.ensure_future(work())"),
        (is_built_sql, "f'SELECT title FROM {table}'"),
        (is_built_sql, "'DELETE FROM item WHERE id = ' + item_id"),
        (is_built_sql, "'UPDATE item SET title = %s' % title"),
        (is_built_sql, "'DROP TABLE {}'.format(table)"),
        (is_swallowed, "try:\n    work()\nexcept Exception:\n    pass"),
        (is_swallowed, "try:\n    work()\nexcept:\n    ..."),
        (is_swallowed, "with contextlib.suppress(Exception):\n    work()"),
    ],
)
def test_the_check_sees(check: Callable[[ast.AST], bool], source: str) -> None:
    assert any(check(node) for node in ast.walk(ast.parse(source)))


@pytest.mark.parametrize(
    ("check", "source"),
    [
        (is_loose_task, "tasks.create_task(work())"),
        (is_built_sql, "f'Updated {count} rows'"),
        (is_built_sql, "SQL['find'] + ''"),
        (is_swallowed, "try:\n    work()\nexcept ValueError:\n    pass"),
        (is_swallowed, "try:\n    work()\nexcept Exception:\n    abort()\n    raise"),
    ],
)
def test_the_check_allows(check: Callable[[ast.AST], bool], source: str) -> None:
    assert not any(check(node) for node in ast.walk(ast.parse(source)))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (MACHINE_PATH, 'open("/' + "root" + '/x")'),
        (INDEX_HOST, "https://py" + "pi.org/simple"),
        (INDEX_OPTION, "--find-" + "links wheels"),
        (ALL_COLUMNS, "select i.* from item i"),
        (ALL_COLUMNS, "INSERT INTO item VALUES ($1) RETURNING *"),
    ],
)
def test_the_pattern_finds(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)


def test_counting_rows_is_not_selecting_all_columns() -> None:
    assert not ALL_COLUMNS.search("SELECT count(*) FROM item")
