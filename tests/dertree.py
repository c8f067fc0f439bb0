"""DER taken apart into nodes, changed in one place, and put together again with right lengths around it."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.seals.reading import sequence


@dataclass
class Node:
    """One element: its tag byte, and its content or, where it is constructed, its parts."""

    tag: int
    value: bytes
    parts: list["Node"] | None = None

    def der(self) -> bytes:
        content = self.value if self.parts is None else b"".join(part.der() for part in self.parts)
        return bytes((self.tag,)) + sequence(content)[1:]

    def at(self, *path: int) -> "Node":
        node = self
        for place in path:
            assert node.parts is not None
            node = node.parts[place]
        return node


def parse(raw: bytes) -> Node:
    """The one element that fills ``raw``."""
    (node,) = _all(raw)
    return node


def _all(raw: bytes) -> list[Node]:
    found = []
    while raw:
        start = 2 if raw[1] < 0x80 else 2 + (raw[1] & 0x7F)
        size = raw[1] if raw[1] < 0x80 else int.from_bytes(raw[2:start])
        content = raw[start : start + size]
        constructed = raw[0] & 0x20
        found.append(Node(raw[0], content, _all(content) if constructed else None))
        raw = raw[start + size :]
    return found


def changed(raw: bytes, change: Callable[[Node], None]) -> bytes:
    """``raw`` after a change to its tree."""
    tree = parse(raw)
    change(tree)
    return tree.der()
