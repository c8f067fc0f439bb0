"""A key in a device: PKCS #11 (OASIS v2.40). The library that speaks it is optional: ``pip install '.[pkcs11]'``.

Only ECDSA on P-256: PKCS #11 names no mechanism for SM2, each vendor has its own, so a device's SM2 is refused rather than
guessed at.
"""

import hashlib
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any, Final, Self

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from gateway.errors import BadSettings
from gateway.seals.statement_keys import P256_PREFIX

_POINT: Final = 65


class DeviceUnusable(BadSettings):
    """The key in the signing device cannot be used（密码设备中的密钥不可用）."""

    remedy = (
        "Check module, token, label and PIN of [attestation]; the device must hold a P-256 key pair of that label.",
        "请检查 [attestation] 中的模块、令牌、标签与 PIN；设备中须有该标签的 P-256 密钥对。",
    )


class DeviceSigner:
    """A P-256 key that never leaves its device; one session, used by one thread at a time."""

    algorithm: Final = "1.2.840.10045.4.3.2"

    def __init__(self, session: Any, key: Any, spki: bytes) -> None:
        self._session = session
        self._key = key
        self._one = Lock()
        self.spki = spki

    @classmethod
    def open(cls, module: Path, token: str, label: str, pin: str) -> Self:
        """Log in and find the key pair.

        Raises:
            DeviceUnusable: no library, module, token or key, a wrong PIN, or a key of another curve.
        """
        try:
            pkcs11: Any = import_module("pkcs11")
        except ImportError:
            raise DeviceUnusable(
                "the optional package python-pkcs11 is not installed", "未安装可选组件 python-pkcs11"
            ) from None
        try:
            session = pkcs11.lib(str(module)).get_token(token_label=token).open(user_pin=pin)
            private = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=label)
            public = session.get_key(object_class=pkcs11.ObjectClass.PUBLIC_KEY, label=label)
            spki = P256_PREFIX + bytes(public[pkcs11.Attribute.EC_POINT])[-_POINT:]
        except (pkcs11.PKCS11Error, RuntimeError, KeyError) as fault:
            said = f"{type(fault).__name__} {fault}".strip()
            raise DeviceUnusable(f"the device says: {said}", f"设备返回：{said}") from None
        try:
            load_der_public_key(spki)
        except ValueError:
            raise DeviceUnusable(f"the key {label} is not P-256", f"密钥 {label} 不是 P-256") from None
        return cls(session, private, spki)

    def close(self) -> None:
        """Log out: a device counts its users' sessions, and lets a process log in once."""
        with self._one:
            self._session.close()

    def sign(self, message: bytes) -> bytes:
        """ECDSA over SHA-256, in DER.

        Raises:
            DeviceUnusable: the device failed or was taken away.
        """
        pkcs11: Any = import_module("pkcs11")
        try:
            with self._one:
                raw = self._key.sign(hashlib.sha256(message).digest(), mechanism=pkcs11.Mechanism.ECDSA)
        except pkcs11.PKCS11Error as fault:
            said = type(fault).__name__
            raise DeviceUnusable(f"the device did not sign: {said}", f"设备未能签名：{said}") from None
        if len(raw) != 64:
            raise DeviceUnusable("the key is not P-256", "密钥不是 P-256")
        return encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
