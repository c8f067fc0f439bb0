"""Opening the file a mount and a call's parameters name."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from gateway.authz.grants.denials import ParameterWrong
from gateway.catalog import BucketMount, FolderMount
from gateway.errors import FieldFault
from gateway.exchange.connectors.files.bucket import BucketFile
from gateway.exchange.connectors.files.checking import Checker, Facts
from gateway.exchange.connectors.files.folder import FolderFile
from gateway.exchange.connectors.files.source import Source
from gateway.names import OrgCode
from gateway.settings import Exchange as Limits
from gateway.web.fetching import Fetching
from gateway.web.outbound import UpstreamInvalid, UpstreamUnreachable

_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Checked:
    """A file ready to leave: where to read it, what it is, and its own name."""

    source: Source
    facts: Facts
    name: str


class Files:
    """Opens and checks files. ``now`` gives the present instant with its zone, for signatures."""

    def __init__(self, limits: Limits, fetching: Fetching, now: Callable[[], datetime]) -> None:
        self._limits = limits
        self._fetching = fetching
        self._checker = Checker(limits)
        self._now = now

    @asynccontextmanager
    async def opened(
        self, mount: FolderMount | BucketMount, org: OrgCode, secret: str, parameters: Mapping[str, str]
    ) -> AsyncIterator[Checked]:
        """The file, read and scanned, open until the block ends.

        Args:
            org: whose folder; a department's files lie under its own code.
            secret: of an S3 mount.

        Raises:
            ParameterWrong, FileNotThere, FileInfected, FileNotScanned; Upstream in one of its kinds.
        """
        path = put_in(mount.path, parameters)
        source = await self._source(mount, org, secret, path)
        try:
            facts = await self._checker.facts(source)
            _compare(mount, facts)
            yield Checked(source, facts, path.rpartition("/")[2])
        finally:
            await source.close()

    async def _source(self, mount: FolderMount | BucketMount, org: OrgCode, secret: str, path: str) -> Source:
        if isinstance(mount, BucketMount):
            return await BucketFile.open(self._fetching, mount, secret, path, self._now)
        if self._limits.files_dir is None:
            raise UpstreamUnreachable(
                "the gateway has no folder of files ([exchange] files_dir)",
                "网关未配置文件目录（[exchange] files_dir）",
            )
        return await FolderFile.open(self._limits.files_dir / org, path.split("/"))


def put_in(template: str, parameters: Mapping[str, str]) -> str:
    """The path with each parameter in its place; a parameter stays within a name and cannot hide a file.

    Raises:
        ParameterWrong: a value with a slash, backslash or control sign, or one that makes a name begin with a dot.
    """

    def put(match: re.Match[str]) -> str:
        value = parameters[match[1]]
        if re.search(r"[/\\\x00-\x1f\x7f]", value) or value.startswith("."):
            pointer = f"/parameters/{match[1]}"
            raise ParameterWrong(
                FieldFault(pointer, "cannot hold / or \\ nor begin with a dot", "不能含斜杠，不能以点号开头")
            )
        return value

    return _PLACE.sub(put, template)


def _compare(mount: FolderMount | BucketMount, facts: Facts) -> None:
    for name, pinned, found in (("SHA-256", mount.sha256, facts.sha256), ("SM3", mount.sm3, facts.sm3)):
        if pinned is not None and pinned != found.hex():
            raise UpstreamInvalid(
                f"the file is not the one mounted ({name})", f"文件内容与挂接时不一致（{name} 不符）"
            )
