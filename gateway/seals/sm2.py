"""SM2 signatures (GB/T 32918.2, GM/T 0003.2) by the system's libcrypto through ctypes.

Apart from every other signature because ``cryptography`` offers SM3 and SM4 but no SM2. There is no second
implementation: where libcrypto is missing, too old or fails its self-test, SM2 is unavailable and says so.
"""

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_size_t, c_ulong, c_void_p
from functools import lru_cache
from typing import Any, Final

from gateway.errors import Unavailable

DEFAULT_ID: Final = b"1234567812345678"
"""The signer's id where none was agreed (GM/T 0009 section 10)."""
SPKI_PREFIX: Final = bytes.fromhex("3059301306072A8648CE3D020106082A811CCF5501822D034200")
_LONGEST_ID: Final = 128
_OLDEST: Final = 0x30000000


class Sm2Unavailable(Unavailable):
    """SM2 is not available on this machine（本机不支持 SM2）."""

    remedy = (
        "Install OpenSSL 3.0 or newer (libcrypto.so.3).",
        "请安装 OpenSSL 3.0 或更高版本（libcrypto.so.3）。",
    )


class BadKey(ValueError):
    """The bytes are not an SM2 key in its one accepted form."""


_SIGNATURES: Final[dict[str, tuple[Any, list[Any]]]] = {
    "OpenSSL_version_num": (c_ulong, []),
    "ERR_clear_error": (None, []),
    "d2i_PUBKEY": (c_void_p, [c_void_p, POINTER(c_char_p), c_long]),
    "i2d_PUBKEY": (c_int, [c_void_p, c_void_p]),
    "d2i_AutoPrivateKey": (c_void_p, [c_void_p, POINTER(c_char_p), c_long]),
    "EVP_PKEY2PKCS8": (c_void_p, [c_void_p]),
    "i2d_PKCS8_PRIV_KEY_INFO": (c_int, [c_void_p, c_void_p]),
    "PKCS8_PRIV_KEY_INFO_free": (None, [c_void_p]),
    "EVP_PKEY_free": (None, [c_void_p]),
    "EVP_PKEY_is_a": (c_int, [c_void_p, c_char_p]),
    "EVP_PKEY_CTX_new_from_pkey": (c_void_p, [c_void_p, c_void_p, c_char_p]),
    "EVP_PKEY_CTX_new_from_name": (c_void_p, [c_void_p, c_char_p, c_char_p]),
    "EVP_PKEY_CTX_free": (None, [c_void_p]),
    "EVP_PKEY_CTX_set1_id": (c_int, [c_void_p, c_char_p, c_int]),
    "EVP_PKEY_public_check": (c_int, [c_void_p]),
    "EVP_PKEY_keygen_init": (c_int, [c_void_p]),
    "EVP_PKEY_generate": (c_int, [c_void_p, POINTER(c_void_p)]),
    "EVP_sm3": (c_void_p, []),
    "EVP_MD_CTX_new": (c_void_p, []),
    "EVP_MD_CTX_free": (None, [c_void_p]),
    "EVP_MD_CTX_set_pkey_ctx": (None, [c_void_p, c_void_p]),
    "EVP_DigestVerifyInit": (c_int, [c_void_p, c_void_p, c_void_p, c_void_p, c_void_p]),
    "EVP_DigestVerify": (c_int, [c_void_p, c_char_p, c_size_t, c_char_p, c_size_t]),
    "EVP_DigestSignInit": (c_int, [c_void_p, c_void_p, c_void_p, c_void_p, c_void_p]),
    "EVP_DigestSign": (c_int, [c_void_p, c_void_p, POINTER(c_size_t), c_char_p, c_size_t]),
}


def _load(name: str) -> Any:
    try:
        library = ctypes.CDLL(name)
        for function, (result, arguments) in _SIGNATURES.items():
            getattr(library, function).restype = result
            getattr(library, function).argtypes = arguments
    except (OSError, AttributeError) as fault:
        raise Sm2Unavailable(f"{name} cannot be used: {fault}", f"{name} 无法使用") from None
    if library.OpenSSL_version_num() < _OLDEST:
        raise Sm2Unavailable(f"{name} is older than OpenSSL 3.0", f"{name} 版本低于 OpenSSL 3.0")
    return library


class Key:
    """An SM2 key of libcrypto; freed with the object, which must outlive every call that uses it."""

    def __init__(self, library: Any, handle: int) -> None:
        self._library = library
        self.handle = handle

    def __del__(self) -> None:
        self._library.EVP_PKEY_free(self.handle)


class Sm2:
    """Verifies and signs over SM3 with the signer's id.

    Args:
        libcrypto: soname or path of OpenSSL's libcrypto, 3.0 or newer.

    Raises:
        Sm2Unavailable: not found or too old.
    """

    def __init__(self, libcrypto: str = "libcrypto.so.3") -> None:
        self._c = _load(libcrypto)
        self.public_key: Callable[[bytes], Key] = lru_cache(maxsize=1024)(self._public_key)

    def _public_key(self, spki: bytes) -> Key:
        """The key of a SubjectPublicKeyInfo: exactly the named curve, uncompressed and on the curve.

        Raises:
            BadKey: anything else.
        """
        if len(spki) != 91 or spki[:26] != SPKI_PREFIX or spki[26] != 4:
            raise BadKey("not an uncompressed SM2 public key")
        key = self._parsed("d2i_PUBKEY", spki)
        with self._key_context(key) as context:
            if self._c.EVP_PKEY_public_check(context) != 1:
                self._c.ERR_clear_error()
                raise BadKey("not a point of the curve")
        return key

    def private_key(self, der: bytes) -> Key:
        """A private key in PKCS #8 or SEC 1, unencrypted.

        Raises:
            BadKey: not an SM2 private key.
        """
        key = self._parsed("d2i_AutoPrivateKey", der)
        if self._c.EVP_PKEY_is_a(key.handle, b"SM2") != 1:
            raise BadKey("not an SM2 private key")
        return key

    def generate(self) -> tuple[bytes, bytes]:
        """A new key pair: the private key in PKCS #8, the public key as SubjectPublicKeyInfo."""
        context = self._c.EVP_PKEY_CTX_new_from_name(None, b"SM2", None)
        made = c_void_p()
        try:
            self._must(context is not None and self._c.EVP_PKEY_keygen_init(context) == 1)
            self._must(self._c.EVP_PKEY_generate(context, byref(made)) == 1 and made.value is not None)
        finally:
            self._c.EVP_PKEY_CTX_free(context)
        key = Key(self._c, made.value or 0)
        return self._pkcs8(key), self.public_bytes(key)

    def public_bytes(self, key: Key) -> bytes:
        """The SubjectPublicKeyInfo of a key."""
        return self._encoded(self._c.i2d_PUBKEY, key.handle)

    def verify(self, spki: bytes, message: bytes, signature: bytes, distid: bytes = DEFAULT_ID) -> bool:
        """Whether ``signature`` (DER, strictly) is the key's over ``message``.

        Raises:
            BadKey: ``spki`` is not an SM2 key.
        """
        key = self.public_key(spki)
        with self._digest(key, distid) as context:
            self._must(self._c.EVP_DigestVerifyInit(context, None, self._c.EVP_sm3(), None, key.handle) == 1)
            good: bool = (
                self._c.EVP_DigestVerify(context, signature, len(signature), message, len(message)) == 1
            )
        if not good:
            self._c.ERR_clear_error()  # the ssl module shares this queue; a leftover poisons its next call
        return good

    def sign(self, key: Key, message: bytes, distid: bytes = DEFAULT_ID) -> bytes:
        """A signature in DER over ``message``."""
        size = c_size_t(128)
        buffer = ctypes.create_string_buffer(size.value)
        with self._digest(key, distid) as context:
            self._must(self._c.EVP_DigestSignInit(context, None, self._c.EVP_sm3(), None, key.handle) == 1)
            self._must(self._c.EVP_DigestSign(context, buffer, byref(size), message, len(message)) == 1)
        return buffer.raw[: size.value]

    @contextmanager
    def _key_context(self, key: Key) -> Iterator[int]:
        context = self._c.EVP_PKEY_CTX_new_from_pkey(None, key.handle, None)
        self._must(context is not None)
        try:
            yield context
        finally:
            self._c.EVP_PKEY_CTX_free(context)

    @contextmanager
    def _digest(self, key: Key, distid: bytes) -> Iterator[int]:
        """A digest context with the id set before Init: set later, OpenSSL 3 signs with an empty one."""
        if not 0 < len(distid) <= _LONGEST_ID:
            raise ValueError(f"an SM2 id has 1 to {_LONGEST_ID} bytes")
        context = self._c.EVP_MD_CTX_new()
        self._must(context is not None)
        try:
            with self._key_context(key) as inner:
                self._must(self._c.EVP_PKEY_CTX_set1_id(inner, distid, len(distid)) > 0)
                self._c.EVP_MD_CTX_set_pkey_ctx(context, inner)
                yield context
        finally:
            self._c.EVP_MD_CTX_free(context)

    def _parsed(self, function: str, der: bytes) -> Key:
        handle = getattr(self._c, function)(None, byref(c_char_p(der)), len(der))
        if not handle:
            self._c.ERR_clear_error()
            raise BadKey("not a key libcrypto reads")
        return Key(self._c, handle)

    def _pkcs8(self, key: Key) -> bytes:
        info = self._c.EVP_PKEY2PKCS8(key.handle)
        self._must(info is not None)
        try:
            return self._encoded(self._c.i2d_PKCS8_PRIV_KEY_INFO, info)
        finally:
            self._c.PKCS8_PRIV_KEY_INFO_free(info)

    def _encoded(self, function: Callable[[Any, Any], int], handle: int) -> bytes:
        size = function(handle, None)
        self._must(size > 0)
        buffer = ctypes.create_string_buffer(size)
        self._must(function(handle, byref(c_void_p(ctypes.addressof(buffer)))) == size)
        return buffer.raw

    def _must(self, good: bool) -> None:
        if not good:
            self._c.ERR_clear_error()
            raise Sm2Unavailable("libcrypto failed at SM2", "libcrypto 的 SM2 运算失败")
