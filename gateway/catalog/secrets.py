"""The secret of a mount, and how it is stored."""

from gateway.catalog.mount import AnyMount, BucketMount, TableMount
from gateway.errors import FieldFault, Invalid
from gateway.names import ResourceId
from gateway.seals import Vault
from gateway.storage.foreign import ForeignAddress


def wrapped_secret(vault: Vault, mount: AnyMount, resource: ResourceId) -> bytes | None:
    """The part of a mount that is stored wrapped: a table's database address, a store's secret key; None for others.

    Raises:
        Invalid: a table without an address, or with one that is not understood; a store without its secret key.
    """
    if isinstance(mount, BucketMount):
        if mount.secret_key is None:
            raise Invalid(FieldFault("/mount/secret_key", "an s3 mount needs its secret key", "缺少访问密钥"))
        return vault.wrap(mount.secret_key.encode(), str(resource))
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
                "must be postgresql:// or mysql://user:password@host:port/database, specials percent-encoded, no options",
                "须为 postgresql:// 或 mysql://用户:口令@主机:端口/库名，特殊字符须百分号编码，不带选项",
            )
        ) from None
    return vault.wrap(mount.dsn.encode(), str(resource))
