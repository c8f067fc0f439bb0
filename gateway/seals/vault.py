"""AES-256-GCM under keys derived from the master key (NIST SP 800-38D; HKDF, RFC 5869).

Apart from identity because the database passwords of providers and the cursors of lists need it as well.
"""

import base64
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.errors import BadSettings, FieldFault, Invalid


class WrongKey(BadSettings):
    """A stored secret does not open under this master key（主密钥与已存密文不符）."""

    remedy = (
        "Start with the master key file this database was created with.",
        "请使用创建该数据库时的主密钥文件启动。",
    )


def derived(master_key: bytes, label: str) -> bytes:
    """32 bytes that follow from the master key and say nothing about it or about other labels' (HKDF, RFC 5869)."""
    return HKDF(SHA256(), 32, salt=None, info=label.encode()).derive(master_key)


class Vault:
    """Encrypts and opens small secrets.

    Args:
        master_key: 32 bytes.
        purpose: names the derived key; vaults of different purposes cannot open each other's values.
    """

    def __init__(self, master_key: bytes, purpose: str) -> None:
        self._cipher = AESGCM(derived(master_key, f"gateway vault {purpose}"))

    def wrap(self, secret: bytes, context: str) -> bytes:
        """Encrypt; ``context`` (an id) is bound to the value. Returns nonce (12 bytes) and ciphertext."""
        nonce = os.urandom(12)
        return nonce + self._cipher.encrypt(nonce, secret, context.encode())

    def unwrap(self, wrapped: bytes, context: str) -> bytes:
        """Decrypt.

        Raises:
            WrongKey: another master key, another context, or a changed value.
        """
        try:
            return self._cipher.decrypt(wrapped[:12], wrapped[12:], context.encode())
        except (InvalidTag, ValueError):
            raise WrongKey(f"the secret of {context} does not open", f"{context} 的密文无法解开") from None

    def write_cursor(self, value: bytes, context: str) -> str:
        """``value`` as an opaque page cursor, valid only in the same ``context`` (caller, list, filters)."""
        return base64.urlsafe_b64encode(self.wrap(value, context)).decode().rstrip("=")

    def read_cursor(self, cursor: str, context: str) -> bytes:
        """Open a cursor.

        Raises:
            Invalid: it was changed, or made for another caller, list or filter.
        """
        try:
            return self.unwrap(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), context)
        except (WrongKey, ValueError):
            raise Invalid(
                FieldFault(
                    "/cursor",
                    "not a cursor of this list; start again without cursor",
                    "不是该列表的游标，请去掉 cursor 重新查询",
                )
            ) from None


def create_master_key(path: Path) -> None:
    """Write a new random key, readable by its owner only.

    Raises:
        FileExistsError: a key is there already; it is never overwritten.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(base64.b64encode(os.urandom(32)).decode() + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_master_key(path: Path | None) -> bytes:
    """The 32 bytes of the key file.

    Raises:
        BadSettings: no path, no file, readable by others, or not 32 bytes in base64.
    """
    if path is None:
        raise BadSettings(
            "[secrets] master_key_file is not set", "未设置 [secrets] master_key_file（主密钥文件）"
        )
    try:
        mode = path.stat().st_mode
        key = base64.b64decode(path.read_text("ascii").strip(), validate=True)
    except (OSError, ValueError) as fault:
        raise BadSettings(
            f"the master key file {path} cannot be read: {fault}", f"主密钥文件 {path} 无法读取"
        ) from None
    if mode & 0o077:
        raise BadSettings(
            f"the master key file {path} is open to others; run chmod 600",
            f"主密钥文件 {path} 权限过宽，请执行 chmod 600",
        )
    if len(key) != 32:
        raise BadSettings(f"the master key in {path} is not 32 bytes", f"{path} 中的主密钥不是 32 字节")
    return key
