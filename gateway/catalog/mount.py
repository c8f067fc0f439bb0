"""Mounts (挂接): where a resource's data is, for each of the three official modes.

A mount holds templates and identifiers only; what varies in a call are typed parameters put in by construction.
The secret of a mount (a database address with its password) is stored wrapped, apart from the rest.
"""

import re
from ipaddress import ip_address
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from gateway.catalog.description import Description, FieldName, ModeKind
from gateway.web import Code, Model, Slug

_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_VISIBLE = re.compile(r"[!-~]+")
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.port != 0 and _is_host(parts.hostname or "")
    except ValueError:
        good, parts = False, urlsplit("")
    if not good or parts.username is not None or parts.fragment or not _VISIBLE.fullmatch(url):
        raise PydanticCustomError(
            "mount",
            "must be an http(s) address without user, fragment or blanks; parameters only in path and query",
        )
    if set("{}") & set(_PLACE.sub("", url)):
        raise PydanticCustomError("mount", "braces only enclose the name of a parameter, as in {uscc}")
    return url


def _is_host(host: str) -> bool:
    """A name, or an address in its usual form: ``127.1`` and ``0x7f000001`` are read differently by each library."""
    last = host.rpartition(".")[2]
    if ":" in host or last.isdigit() or last.startswith("0x"):
        return bool(ip_address(host))
    return _HOST.fullmatch(host) is not None


def _fixed(url: str) -> str:
    if "{" in url:
        raise PydanticCustomError("mount", "this address takes no parameters")
    return url


Address = Annotated[str, StringConstraints(min_length=8, max_length=500), AfterValidator(_address)]
FixedAddress = Annotated[Address, AfterValidator(_fixed)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_]{0,62}$")]
Source = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class UpperService(Model):
    """A service of an upper platform (上级平台服务): the platform's name here, and its code for the service."""

    platform: Slug
    service: Code


class HttpMount(Model):
    """接口: a GET address with ``{parameter}`` places in path or query, answering one JSON object or a list.

    ``records_at`` is the JSON pointer of the records in the answer; ``sources`` maps items to upstream names where
    they differ. ``probe`` is an address without parameters that monitoring may ask for life; its Last-Modified, if it
    sends one, is taken as the last refresh of the data. ``upper`` says that it is a service of an upper platform, whose
    headers and signature the gateway then puts on; the answer's ``code`` must be that of success.
    """

    kind: Literal["http"]
    url: Address
    upper: UpperService | None = None
    probe: FixedAddress | None = None
    records_at: Annotated[str, StringConstraints(pattern=r"^(/[A-Za-z0-9_-]{1,64}){0,5}$")] = ""
    sources: dict[FieldName, Source] = {}

    def places(self) -> set[str]:
        """The parameters the address takes."""
        return set(_PLACE.findall(self.url))


class TableMount(Model):
    """库表: a table or view in a department's PostgreSQL database, read under a login that may only read.

    ``filters`` maps parameters to columns compared for equality; every filtered parameter is bound, never spliced.
    ``updated`` is the column whose newest value is the last refresh of the data. ``key`` is the column that tells every row
    apart and by which long answers are read page by page; a table's own primary key needs not be named, a view's does.
    """

    kind: Literal["table"]
    dsn: Annotated[str, StringConstraints(pattern=r"^postgres(ql)?://[!-~]{3,400}$")] | None = None
    schema_name: Identifier = "public"
    relation: Identifier
    updated: Identifier | None = None
    key: Identifier | None = None
    filters: dict[FieldName, Identifier] = {}
    sources: dict[FieldName, Identifier] = {}

    def places(self) -> set[str]:
        """The parameters the query takes."""
        return set(self.filters)


class FileMount(Model):
    """文件: a CSV file with a header line (UTF-8) at an address; ``sha256`` pins its content where given."""

    kind: Literal["file"]
    url: Address
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    filters: dict[FieldName, Source] = {}
    sources: dict[FieldName, Source] = {}

    @model_validator(mode="after")
    def _fixed_address(self) -> Self:
        if "{" in self.url:
            raise PydanticCustomError("mount", "the address of a file takes no parameters")
        return self

    def places(self) -> set[str]:
        """The parameters the selection takes."""
        return set(self.filters)


Mount = Annotated[HttpMount | TableMount | FileMount, Field(discriminator="kind")]

_KINDS = {"http": ModeKind.INTERFACE, "table": ModeKind.TABLE, "file": ModeKind.FILE}


def mismatch(mount: HttpMount | TableMount | FileMount, description: Description) -> str:
    """Why this mount cannot serve that description, or an empty text."""
    if _KINDS[mount.kind] is not description.mode:
        return f"a {mount.kind} mount serves mode {_KINDS[mount.kind]}, the resource says {description.mode}"
    declared = {parameter.name for parameter in description.parameters}
    if foreign := sorted(mount.places() - declared):
        return f"the mount takes undeclared parameters: {', '.join(foreign)}"
    if unused := sorted(declared - mount.places()):
        return f"the mount does not use the declared parameters: {', '.join(unused)}"
    if mount.kind != "table" and any("{" in str(part) for part in mount.sources.values()):
        return "a source is a plain name"
    if foreign := sorted(mount.sources.keys() - {item.name for item in description.items}):
        return f"sources name unknown items: {', '.join(foreign)}"
    optional = [parameter.name for parameter in description.parameters if not parameter.required]
    if mount.kind == "http" and optional:
        return f"every parameter of an http mount must be required: {', '.join(optional)}"
    return ""
