"""How many small faults in the decision on a call the unit tests notice: the mutation score.

    .venv/bin/python ops/bench/mutation.py [--jobs 2] [--all]

Method: each mutant is one of the two modules of the decision with one change in its syntax tree: a comparison turned or
moved by one, ``and`` for ``or``, an operand or a condition dropped, an ``if`` negated, branches swapped, a returned value
dropped, a number or a short text changed, an operator of arithmetic turned, a rule left out or tried before the one before
it. Texts to readers, annotations and decorators are left alone. The tests are collected once; a mutant lives
only in the memory of a fork of that process, which takes over its code and runs the unit tests of the decision until the
first one fails; the checkout is never written. Hypothesis draws the same examples for each mutant and does not shrink what it finds.
Printed: survivors with file, line and change, then the counts.
"""

import argparse
import ast
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType
from typing import Any

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = ("gateway/authz/grants/decide.py", "gateway/authz/grants/compiled.py")
TESTS = tuple(
    f"tests/unit/authz/test_{name}.py" for name in ("decide", "decide_edges", "decide_properties", "opinions")
)
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,), ast.NotIn: (ast.In,), ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
}  # fmt: skip
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
}  # fmt: skip
SHORT_TEXT = 2
OPTIONS = ("-x", "-q", "--capture=no", "-W",
           "ignore::pytest.PytestAssertRewriteWarning", "-p", "no:cacheprovider", "-p", "no:xdist",
           "-p", "no:schemathesis")  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """A module with one fault: ``change`` says what was written and what stands there now."""

    file: str
    line: int
    change: str
    source: str


def plant(mutant: Mutant) -> None:
    """Put the mutant's code into the functions and values of its module, which others have imported by name."""
    module = sys.modules[mutant.file.removesuffix(".py").replace("/", ".")]
    fresh: dict[str, Any] = {"__name__": module.__name__}
    exec(compile(mutant.source, mutant.file, "exec"), fresh)
    for name, old in list(vars(module).items()):
        if isinstance(old, FunctionType) and old.__module__ == module.__name__:
            old.__code__ = fresh[name].__code__
        elif isinstance(old, type) and old.__module__ == module.__name__:
            for method, value in vars(old).items():
                if (
                    isinstance(value, FunctionType)
                    and method in vars(fresh[name])
                    and not method.startswith("__")
                ):
                    value.__code__ = vars(fresh[name])[method].__code__
        elif name.isupper() and isinstance(old, dict):
            rules = {key: vars(module)[rule.__name__] for key, rule in fresh[name].items()}
            old.clear()
            old.update(rules)
    for name, new in fresh.items():
        if name.isupper() and isinstance(new, tuple):
            setattr(module, name, tuple(vars(module)[rule.__name__] for rule in new))
        elif name.isupper() and not isinstance(new, dict) and not callable(new):
            setattr(module, name, new)


def faults(node: ast.AST) -> Iterator[ast.AST]:
    """What could stand instead of a node; each is one small fault."""
    match node:
        case ast.Compare(left, ops, values):
            for place, op in enumerate(ops):
                for other in COMPARISONS[type(op)]:
                    yield ast.Compare(left, [*ops[:place], other(), *ops[place + 1 :]], values)
        case ast.BoolOp(op, values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
            yield from values
        case ast.UnaryOp(ast.Not(), operand):
            yield operand
        case ast.If(test, body, orelse):
            for other in (ast.UnaryOp(ast.Not(), test), ast.Constant(False)):
                yield ast.If(other, body, orelse)
        case ast.IfExp(test, body, orelse):
            yield ast.IfExp(test, orelse, body)
        case ast.comprehension(target, source, [_, *_] as conditions, is_async):
            for place in range(len(conditions)):
                yield ast.comprehension(
                    target, source, conditions[:place] + conditions[place + 1 :], is_async
                )
        case ast.Return(ast.Constant(None)):
            pass
        case ast.Return(ast.AST()):
            yield ast.Return(ast.Constant(None))
        case ast.BinOp(left, op, right) if type(op) in ARITHMETIC:
            yield ast.BinOp(left, ARITHMETIC[type(op)](), right)
        case ast.Constant(bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(int() as value):
            yield ast.Constant(value + 1)
        case ast.Constant(str() as value) if len(value) <= SHORT_TEXT:
            yield ast.Constant(value + "?")
        case ast.Dict([_, *_] as keys, values):
            for rules in _shorter_or_turned(list(zip(keys, values, strict=True))):
                yield ast.Dict([key for key, _ in rules], [value for _, value in rules])
        case ast.Tuple(parts) if len(parts) > SHORT_TEXT and all(
            isinstance(part, ast.Name) for part in parts
        ):
            for some in _shorter_or_turned(parts):
                yield ast.Tuple(some, ast.Load())


def _shorter_or_turned(parts: list) -> Iterator[list]:  # type: ignore[type-arg]
    for place in range(len(parts)):
        yield parts[:place] + parts[place + 1 :]
        if place:
            yield [*parts[: place - 1], parts[place], parts[place - 1], *parts[place + 1 :]]


def nodes(node: ast.AST) -> Iterator[ast.AST]:
    """A tree without its annotations, decorators and the texts of f-strings."""
    yield node
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "format_spec"):
            continue
        for child in value if isinstance(value, list) else [value]:
            text = isinstance(node, ast.JoinedStr) and isinstance(child, ast.Constant)
            if isinstance(child, ast.AST) and not text:
                yield from nodes(child)


class _Exchange(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else self.generic_visit(node)


def mutants(file: str) -> Iterator[Mutant]:
    """Every mutant of a module, from its first line to its last."""
    source = (ROOT / file).read_text("utf-8")
    line = 1
    for place in range(len(list(nodes(ast.parse(source))))):
        number = 0
        while True:
            tree = ast.parse(source)
            old = list(nodes(tree))[place]
            line = getattr(old, "lineno", line)
            news = list(faults(old))
            if number >= len(news):
                break
            new = news[number]
            change = f"{_said(old)}  ->  {_said(new)}"
            whole = ast.unparse(ast.fix_missing_locations(_Exchange(old, new).visit(tree)))
            yield Mutant(file, line, change, whole)
            number += 1


def _said(node: ast.AST) -> str:
    """Of a statement its head; of a long expression both ends."""
    text = ast.unparse(node).strip().partition("\n")[0]
    return text if len(text) <= 110 else f"{text[:50]} … {text[-50:]}"


class Trial:
    """A pytest plugin: after collection, runs the tests once as they are and then in one fork per mutant."""

    def __init__(self, found: list[Mutant], jobs: int, tell_all: bool) -> None:
        self.found, self.jobs, self.tell_all = found, jobs, tell_all
        self.is_child = False
        self.survivors = 0
        self.began = time.monotonic()

    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """In a fork: None, so that pytest goes on with the tests. In the parent: True, all is done."""
        running: dict[int, Mutant | None] = {}
        done = 0
        for mutant in (None, *self.found):
            if len(running) >= (1 if done == 0 else self.jobs):
                done += self._ended(running)
            sys.stdout.flush()
            if not (child := os.fork()):
                self.is_child = True
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                if mutant is not None:
                    plant(mutant)
                return None
            running[child] = mutant
        while running:
            done += self._ended(running)
        return True

    def _ended(self, running: dict[int, Mutant | None]) -> int:
        child, status = os.wait()
        mutant = running.pop(child)
        if mutant is None:
            if status:
                sys.exit("the unit tests fail without a fault")
            return 1
        self.survivors += not status
        if self.tell_all or not status:
            said = "killed" if status else "survived"
            print(f"{said} {mutant.file}:{mutant.line}: {mutant.change}", file=sys.__stdout__, flush=True)
        left = self.found.index(mutant) + 1
        if left % 20 == 0:
            seconds = time.monotonic() - self.began
            print(f"... {left} of {len(self.found)} after {seconds:.0f} s", file=sys.stderr, flush=True)
        return 1

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """A fork ends here and tells whether a test failed."""
        if self.is_child:
            os._exit(int(exitstatus))


def main() -> None:
    """Try the tests without a fault, then with each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--all", action="store_true", help="name the killed ones too")
    given = parser.parse_args()
    os.chdir(ROOT)
    found = [mutant for file in MODULES for mutant in mutants(file)]
    generate = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile("mutation", database=None, derandomize=True, phases=generate)
    hypothesis.settings.load_profile("mutation")
    trial = Trial(found, given.jobs, given.all)
    pytest.main([*OPTIONS, *TESTS], plugins=[trial])
    killed = len(found) - trial.survivors
    print(
        f"killed {killed}, survived {trial.survivors}, total {len(found)}: {100 * killed / len(found):.1f} %"
    )


if __name__ == "__main__":
    main()
