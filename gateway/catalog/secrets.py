"""The secret of a mount, and how it is stored."""

from typing import TypeAlias

from gateway.catalog.mount import FileMount, HttpMount, TableMount
from gateway.errors import FieldFault, Invalid
from gateway.names import ResourceId
from gateway.seals import Vault
from gateway.storage.foreign import ForeignAddress

AnyMount: TypeAlias = HttpMount | TableMount | FileMount


def wrapped_secret(vault: Vault, mount: AnyMount, resource: ResourceId) -> bytes | None:
    """The part of a mount that is stored wrapped: a table's database address; None for the other kinds.

    Raises:
        Invalid: a table without an address, or with one that is not understood.
    """
    if not isinstance(mount, TableMount):
        return None
    if mount.dsn is None:
        raise Invalid(
            FieldFault("/mount/dsn", "a table mount needs the database's address", "缺少数据库地址")
        )
    try:
        ForeignAddress.of(mount.dsn)
    except ValueError:
        raise Invalid(
            FieldFault(
                "/mount/dsn",
                "must be postgresql://user:password@host:port/database, specials percent-encoded, no options",
                "须为 postgresql://用户:口令@主机:端口/库名，特殊字符须百分号编码，不带选项",
            )
        ) from None
    return vault.wrap(mount.dsn.encode(), str(resource))
