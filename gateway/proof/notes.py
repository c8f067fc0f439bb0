"""Signed notes: a short text with one signature per line below it (C2SP signed-note), made and checked.

A key is written ``name+hash+base64``: the base64 holds the algorithm's byte and the public key, the hash is the first four
bytes of SHA-256(name ‖ LF ‖ those bytes) in hexadecimal. Two algorithms are read: 1, Ed25519 over the text, and 4, an
Ed25519 cosignature with its time (C2SP tlog-cosignature). Lines of signers nobody asked for are ignored, and prove nothing.
"""

import base64
import binascii
import hashlib
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .refusal import Refused

ED25519: Final = 1
COSIGNATURE: Final = 4
LARGEST_NOTE: Final = 16384
_MOST_SIGNATURES: Final = 100
_SIGNATURE_BYTES: Final = 64
_TIME_BYTES: Final = 8
_NAME: Final = re.compile(r"[^\s+]{1,200}")
_LINE: Final = re.compile(r"— ([^\s+]{1,200}) ([A-Za-z0-9+/=]{8,8000})")


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A verifier key: the signer's name, the algorithm's number and 32 bytes of an Ed25519 public key."""

    name: str
    algorithm: int
    public: bytes

    @classmethod
    def parse(cls, text: str) -> "NoteKey":
        """Read ``name+hash+base64``.

        Raises:
            Refused: another form, an unknown algorithm, or a hash that is not this key's.
        """
        name, _, rest = text.strip().partition("+")
        told, _, encoded = rest.partition("+")
        raw = _base64(encoded)
        if not _NAME.fullmatch(name) or len(raw) != 33 or raw[0] not in (ED25519, COSIGNATURE):
            raise Refused(
                "key",
                "a key reads name+hash+base64 and is Ed25519",
                "公钥格式应为 name+hash+base64（Ed25519）",
            )
        key = cls(name, raw[0], raw[1:])
        if told != key.hash.hex():
            raise Refused("key", "the hash in the key is not this key's", "公钥中的散列与公钥不符")
        return key

    @property
    def hash(self) -> bytes:
        """Four bytes that stand before each of its signatures."""
        typed = bytes([self.algorithm]) + self.public
        return hashlib.sha256(self.name.encode() + b"\n" + typed).digest()[:4]

    def __str__(self) -> str:
        encoded = base64.b64encode(bytes([self.algorithm]) + self.public).decode()
        return f"{self.name}+{self.hash.hex()}+{encoded}"


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature that verified: by whom, and for a cosignature when."""

    key: NoteKey
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it stands: the text with its final newline, and (name, hash ‖ signature) of each line below."""

    text: str
    lines: tuple[tuple[str, bytes], ...]

    def verified(self, keys: Sequence[NoteKey]) -> list[Signed]:
        """The signatures of these keys, in the order of the keys.

        Raises:
            Refused: a line that claims one of the keys and does not verify, or no line of any of them.
        """
        found = self.signatures(keys)
        if not found:
            raise Refused("unsigned", "none of the given keys signed this note", "所给公钥均未签署该文书")
        return found

    def signatures(self, keys: Sequence[NoteKey]) -> list[Signed]:
        """As :meth:`verified`, where it may be that none of them signed.

        Raises:
            Refused: a line that claims one of the keys does not verify.
        """
        return [signed for key in keys for signed in self._by(key)]

    def _by(self, key: NoteKey) -> list[Signed]:
        return [
            Signed(key, _check(key, self.text, body[4:]))
            for name, body in self.lines
            if (name, body[:4]) == (key.name, key.hash)
        ]


def read_note(data: bytes) -> Note:
    """Read a signed note without tolerance.

    Raises:
        Refused: larger than 16 KB, not UTF-8, control characters, no blank line before the signatures, a signature
            line of another form, two lines of one key.
    """
    if len(data) > LARGEST_NOTE:
        raise Refused("size", f"a note has at most {LARGEST_NOTE} bytes", f"文书不超过 {LARGEST_NOTE} 字节")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("text", "the note is not UTF-8", "文书不是 UTF-8 文本") from None
    if any((ord(sign) < 32 and sign != "\n") or sign == "\x7f" for sign in whole):
        raise Refused("text", "the note holds control characters", "文书含控制字符")
    text, blank, below = whole.rpartition("\n\n")
    if not blank or not text or not below.endswith("\n"):
        raise Refused(
            "form", "a blank line and signature lines must end the note", "文书须以空行与签名行结尾"
        )
    lines = [_signature_line(line) for line in below.removesuffix("\n").split("\n")]
    if len(lines) > _MOST_SIGNATURES or len({(name, body[:4]) for name, body in lines}) != len(lines):
        raise Refused("form", "a signer stands twice, or there are too many", "签名者重复或过多")
    return Note(text + "\n", tuple(lines))


def sign_note(text: str, name: str, private: Ed25519PrivateKey) -> bytes:
    """The note with the signer's line below (algorithm 1).

    Args:
        text: ends with a newline and holds no blank line at its end.
    """
    key = NoteKey(name, ED25519, private.public_key().public_bytes_raw())
    return f"{text}\n{_line(key, private.sign(text.encode()))}\n".encode()


def cosigned_note(note: bytes, name: str, private: Ed25519PrivateKey, at: datetime) -> bytes:
    """The note with a cosignature line added (algorithm 4); ``at`` in whole seconds."""
    key = NoteKey(name, COSIGNATURE, private.public_key().public_bytes_raw())
    seconds = int(at.timestamp())
    signature = private.sign(_cosigned(read_note(note).text, seconds))
    return note + f"{_line(key, struct.pack('>Q', seconds) + signature)}\n".encode()


def _line(key: NoteKey, signature: bytes) -> str:
    return f"— {key.name} {base64.b64encode(key.hash + signature).decode()}"


def _cosigned(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def _signature_line(line: str) -> tuple[str, bytes]:
    match = _LINE.fullmatch(line)
    body = _base64(match[2]) if match else b""
    if match is None or len(body) <= 4:
        raise Refused("form", "a signature line reads: — name base64", "签名行格式应为：— 名称 base64")
    return match[1], body


def _check(key: NoteKey, text: str, signature: bytes) -> datetime | None:
    message, at = text.encode(), None
    if key.algorithm == COSIGNATURE:
        seconds = int.from_bytes(signature[:_TIME_BYTES], "big")
        if len(signature) != _TIME_BYTES + _SIGNATURE_BYTES or seconds > 253402300799:
            raise _unverified(key)
        message, signature = _cosigned(text, seconds), signature[_TIME_BYTES:]
        at = datetime.fromtimestamp(seconds, UTC)
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise _unverified(key) from None
    return at


def _unverified(key: NoteKey) -> Refused:
    return Refused("signature", f"the signature of {key.name} does not verify", f"{key.name} 的签名校验失败")


def _base64(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return raw if base64.b64encode(raw).decode() == text else b""
