"""XML without document types, entities or network, in limits: a plain tree of elements."""

from dataclasses import dataclass, field
from typing import Any, Final
from xml.parsers import expat

_DEEPEST: Final = 64
_MOST_ELEMENTS: Final = 100_000
_LARGEST: Final = 10_000_000


class XmlRefused(ValueError):
    """Not well-formed, with a document type, or beyond a limit; the text says which."""


@dataclass(slots=True)
class Element:
    """An element by its local name: attributes, children in order, and its own text."""

    name: str
    namespace: str
    attributes: dict[str, str]
    children: list["Element"] = field(default_factory=list)
    text: str = ""

    def all(self, name: str) -> list["Element"]:
        """The children of a name."""
        return [child for child in self.children if child.name == name]

    def one(self, name: str) -> "Element | None":
        """The only child of a name, or None.

        Raises:
            XmlRefused: there are several.
        """
        found = self.all(name)
        if len(found) > 1:
            raise XmlRefused(f"{name} stands there twice")
        return found[0] if found else None


class _Builder:
    """Receives expat's events."""

    def __init__(self) -> None:
        self.stack: list[Element] = [Element("", "", {})]
        self.count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if len(self.stack) > _DEEPEST or self.count > _MOST_ELEMENTS:
            raise XmlRefused("too deep or too many elements")
        namespace, _, name = tag.rpartition(" ")
        element = Element(name, namespace, attributes)
        self.stack[-1].children.append(element)
        self.stack.append(element)

    def end(self, _tag: str) -> None:
        self.stack.pop()

    def text(self, data: str) -> None:
        self.stack[-1].text += data

    def refuse(self, *_: Any) -> None:
        raise XmlRefused("document types and entities are refused")


def parse(data: bytes) -> Element:
    """The root element.

    Raises:
        XmlRefused: see there.
    """
    if len(data) > _LARGEST:
        raise XmlRefused(f"larger than {_LARGEST} bytes")
    parser, builder = expat.ParserCreate(namespace_separator=" "), _Builder()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = builder.start, builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = builder.refuse
    parser.ExternalEntityRefHandler = builder.refuse  # type: ignore[assignment]
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, UnicodeError, LookupError) as fault:
        raise XmlRefused(f"not well-formed: {fault}"[:300]) from None
    return builder.stack[0].children[0]
