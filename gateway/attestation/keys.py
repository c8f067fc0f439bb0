"""The key statements are sealed with: made and wrapped here, or kept in a device, as the settings say."""

import asyncio
from pathlib import Path
from typing import Any

from gateway.attestation import store
from gateway.audit import AuditLog, Event, EventType, Outcome, Who
from gateway.errors import BadSettings, Conflict
from gateway.seals import Vault
from gateway.seals.device import DeviceSigner
from gateway.seals.selftest import proven_sm2
from gateway.seals.signing import Signer, new_private_key, signer_of
from gateway.seals.sm2 import Sm2
from gateway.seals.statement import seal_statement
from gateway.seals.statement_keys import SM2_NAME, jwk_of
from gateway.settings import Attestation as Settings
from gateway.storage import Connection, Database

_SYSTEM = Who(kind="system", id="gateway", role="attestation")


class KeyInDevice(Conflict):
    """The seal key is in a device and is not made here（出证密钥在密码设备中，不由网关生成）."""

    remedy = (
        "Make the new key pair in the device, name its label in [attestation] pkcs11_label and restart.",
        "请在设备中生成新密钥对，在 [attestation] pkcs11_label 中填写其标签后重启。",
    )


class SealKeys:
    """The present seal key and the set of all there were.

    Args:
        vault: wraps the private key of ``key = "vault"``.
        settings: algorithm, and where the key is.

    Raises:
        Sm2Unavailable: the settings ask for SM2 and this machine has none.
    """

    def __init__(self, database: Database, log: AuditLog, vault: Vault, settings: Settings) -> None:
        self._database = database
        self._log = log
        self._vault = vault
        self._settings = settings
        self._sm2: Sm2 | None = proven_sm2() if settings.algorithm == "SM2" else None
        self._device: DeviceSigner | None = None
        self._open: tuple[str, Signer] | None = None

    async def ready(self) -> None:
        """See that the key the settings name is in use; the first start makes it.

        Raises:
            DeviceUnusable, BadSettings: the device's key cannot be used.
        """
        if self._settings.key == "pkcs11":
            self._device = await asyncio.to_thread(_device, self._settings)
        try:
            async with self._database.transaction() as tx:
                row = await store.current_key(tx)
                if row is None or not self._fits(row):
                    await self._put(tx, EventType.KEY_CREATED, _SYSTEM)
        except store.SealKeyChanging:
            return  # another process of this installation made it just now

    def close(self) -> None:
        """Log out of the device, if there is one."""
        if self._device is not None:
            self._device.close()

    async def rotate(self, who: Who) -> str:
        """A new key; statements sealed before stay verifiable, since the old key stays published. The new kid.

        Raises:
            KeyInDevice, SealKeyChanging.
        """
        if self._device is not None:
            raise KeyInDevice("this gateway makes no keys in devices", "网关不在密码设备中生成密钥")
        async with self._database.transaction() as tx:
            return await self._put(tx, EventType.KEY_ROTATED, who)

    async def public(self) -> list[dict[str, Any]]:
        """Every public key there ever was, newest first."""
        async with self._database.connection() as connection:
            return await store.public_keys(connection)

    async def seal(self, tx: Connection, kind: str, content: dict[str, Any]) -> dict[str, str]:
        """A statement under the present key.

        Raises:
            WrongKey: the master key is not the one the key was wrapped with. DeviceUnusable: the device failed.
        """
        row = await store.current_key(tx)
        assert row is not None  # made before the first request
        return await asyncio.to_thread(seal_statement, kind, content, self._signer(row), row["public_jwk"])

    def _signer(self, row: Any) -> Signer:
        if self._device is not None:
            return self._device
        if self._open is None or self._open[0] != row["kid"]:
            self._open = (
                row["kid"],
                signer_of(self._vault.unwrap(row["private_wrapped"], row["kid"]), self._sm2),
            )
        return self._open[1]

    def _fits(self, row: Any) -> bool:
        if self._device is not None:
            return bool(row["kid"] == jwk_of(self._device)["kid"])
        wanted = SM2_NAME if self._settings.algorithm == "SM2" else "ES256"
        return row["private_wrapped"] is not None and row["public_jwk"]["alg"] == wanted

    async def _put(self, tx: Connection, act: EventType, who: Who) -> str:
        wrapped: bytes | None = None
        if self._device is not None:
            jwk = jwk_of(self._device)
        else:
            raw = new_private_key("sm2" if self._sm2 is not None else "p256", self._sm2)
            jwk = jwk_of(signer_of(raw, self._sm2))
            wrapped = self._vault.wrap(raw, jwk["kid"])
        retired = await store.put_key(tx, jwk["kid"], jwk, wrapped)
        detail = {"algorithm": jwk["alg"], "place": self._settings.key, "retired": retired}
        await self._log.emit(
            tx, Event(act, Outcome.DONE, who, object_kind="seal_key", object_id=jwk["kid"], detail=detail)
        )
        return jwk["kid"]


def _device(settings: Settings) -> DeviceSigner:
    if settings.algorithm == "SM2":
        raise BadSettings(
            "[attestation] a device seals with ES256: PKCS #11 has no standard SM2",
            "[attestation] 密码设备仅支持 ES256：PKCS #11 没有标准的 SM2 机制",
        )
    if settings.pkcs11_module is None or settings.pkcs11_pin_file is None:
        raise BadSettings(
            "[attestation] key = pkcs11 needs pkcs11_module and pkcs11_pin_file",
            "[attestation] key = pkcs11 须设置 pkcs11_module 与 pkcs11_pin_file",
        )
    pin = _pin(settings.pkcs11_pin_file)
    return DeviceSigner.open(settings.pkcs11_module, settings.pkcs11_token, settings.pkcs11_label, pin)


def _pin(file: Path) -> str:
    try:
        if file.stat().st_mode & 0o077:
            raise BadSettings(
                f"{file} is open to others; run chmod 600", f"{file} 权限过宽，请执行 chmod 600"
            )
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise BadSettings(f"the PIN file {file} cannot be read", f"PIN 文件 {file} 无法读取") from None
