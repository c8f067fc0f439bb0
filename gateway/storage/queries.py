"""Named SQL blocks read from a room's ``queries.sql``.

A block starts with ``-- name(argument, …)`` and a line saying why it is written so; the text below runs to the
next header. Arguments are ``$1 …`` in the header's order. Every block is prepared against the migrated schema
in a test, so a wrong column fails before a user meets it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

_HEADER = re.compile(r"^-- ([a-z][a-z0-9_]*)\(([a-z0-9_, ]*)\)$")


@dataclass(frozen=True, slots=True)
class Block:
    """One statement: its name, the names of its arguments, its text."""

    name: str
    arguments: tuple[str, ...]
    text: str


class Queries:
    """The blocks of one room, by name: ``queries["find_item"]`` is the SQL text.

    Raises:
        ValueError: a header is repeated, or the arguments named are not the ``$n`` used.
    """

    def __init__(self, package: str, file: str = "queries.sql") -> None:
        self.origin = f"{package}/{file}"
        self._blocks: dict[str, Block] = {}
        for block in _parse(files(package).joinpath(file).read_text("utf-8")):
            self._add(block)

    def _add(self, block: Block) -> None:
        used = {int(number) for number in re.findall(r"\$(\d+)", block.text)}
        if used != set(range(1, len(block.arguments) + 1)):
            raise ValueError(f"{self.origin}: {block.name} names {block.arguments} but uses ${sorted(used)}")
        if block.name in self._blocks:
            raise ValueError(f"{self.origin}: {block.name} stands twice")
        self._blocks[block.name] = block

    def __getitem__(self, name: str) -> str:
        return self._blocks[name].text

    def __iter__(self) -> Iterator[Block]:
        return iter(self._blocks.values())


def _parse(text: str) -> Iterator[Block]:
    name, lines = "", list[str]()
    arguments: tuple[str, ...] = ()
    for line in [*text.splitlines(), "-- end()"]:
        if header := _HEADER.match(line):
            if name:
                yield Block(name, arguments, "\n".join(lines).strip().rstrip(";"))
            name = header[1]
            arguments = tuple(part.strip() for part in header[2].split(",") if part.strip())
            lines = []
        elif not line.startswith("--"):
            lines.append(line)
