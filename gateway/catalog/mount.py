"""Mounts (挂接): where a resource's data is, for each of the three official modes.

A mount holds templates and identifiers only; what varies in a call are typed parameters put in by construction.
The secret of a mount (a database address with its password) is stored wrapped, apart from the rest.
"""

import re
from ipaddress import ip_address
from typing import Annotated, Final, Literal, Self, TypeAlias
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


def _file_path(path: str) -> str:
    if set("{}") & set(_PLACE.sub("", path)):
        raise PydanticCustomError("mount", "braces only enclose the name of a parameter, as in {month}")
    if any(not part or part.startswith(".") for part in path.split("/")):
        raise PydanticCustomError(
            "mount", "must be names joined by single slashes, none of which begins with a dot"
        )
    return path


Address = Annotated[str, StringConstraints(min_length=8, max_length=500), AfterValidator(_address)]
FixedAddress = Annotated[Address, AfterValidator(_fixed)]
FilePath = Annotated[
    str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f\\]{1,400}$"), AfterValidator(_file_path)
]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
MediaType = Annotated[str, StringConstraints(pattern=r"^[a-z]{1,40}/[a-z0-9][a-z0-9.+-]{0,100}$")]
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
    """库表: a table or view in a department's PostgreSQL, MySQL or MariaDB, read under a login that may only read.

    ``filters`` maps parameters to columns compared for equality; every filtered parameter is bound, never spliced.
    ``updated`` is the column whose newest value is the last refresh of the data. ``key`` is the column that tells every row
    apart and by which long answers are read page by page; a table's own primary key needs not be named, a view's does.
    """

    kind: Literal["table"]
    dsn: Annotated[str, StringConstraints(pattern=r"^(postgres(ql)?|mysql)://[!-~]{3,400}$")] | None = None
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


class WholeFile(Model):
    """What the mounts of files that are given as they are have in common.

    ``path`` names the file, with ``{parameter}`` places; ``sha256`` and ``sm3`` pin its content where given.
    """

    path: FilePath
    media_type: MediaType = "application/octet-stream"
    sha256: Digest | None = None
    sm3: Digest | None = None

    @property
    def sources(self) -> dict[str, str]:
        """No item has a name of its own in a file that is given as it is."""
        return {}

    def places(self) -> set[str]:
        """The parameters the path takes."""
        return set(_PLACE.findall(self.path))


class FolderMount(WholeFile):
    """文件: a file in the department's own folder on the gateway's machine (``files_dir``/code of the department)."""

    kind: Literal["folder"]


class BucketMount(WholeFile):
    """文件: an object of an S3-compatible store, asked for with Signature Version 4 under a key that may read."""

    kind: Literal["s3"]
    endpoint: Annotated[FixedAddress, StringConstraints(pattern=r"^https?://[^/?]+$")]
    bucket: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    region: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")] = "us-east-1"
    access_key: Annotated[str, StringConstraints(pattern=r"^[!-+.-~-]{3,128}$")]
    secret_key: Annotated[str, StringConstraints(pattern=r"^[!-~]{3,400}$")] | None = None


AnyMount: TypeAlias = HttpMount | TableMount | FileMount | FolderMount | BucketMount
Mount = Annotated[AnyMount, Field(discriminator="kind")]
SECRETS: Final = {"dsn", "secret_key"}
"""Members of mounts that are stored wrapped and shown to nobody."""

_KINDS = {
    "http": ModeKind.INTERFACE,
    "table": ModeKind.TABLE,
    "file": ModeKind.FILE,
    "folder": ModeKind.FILE,
    "s3": ModeKind.FILE,
}


def mismatch(mount: AnyMount, description: Description) -> str:
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
    if mount.kind in ("http", "folder", "s3") and optional:
        return f"every parameter of an address or path must be required: {', '.join(optional)}"
    return ""
