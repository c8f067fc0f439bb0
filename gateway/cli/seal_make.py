"""``./gw seal make``: a demonstration authority, and seals and stamps to test with. Nothing of it is for production."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import click

from gateway.cli.instants import instant
from gateway.errors import BadSettings
from gateway.seals.authority import Issued, Wish, certify, revoke
from gateway.seals.files import pem_blocks, to_pem
from gateway.seals.making import SealWish, seal, stamp
from gateway.seals.model import Version
from gateway.seals.reading import FormatRefused, read_seal
from gateway.seals.selftest import proven_sm2
from gateway.seals.signing import new_private_key, signer_of
from gateway.seals.sm2 import BadKey, Sm2, Sm2Unavailable

_YEAR: Final = timedelta(days=365)
_FOLDER = click.Path(file_okay=False, path_type=Path)
_NEW = click.Path(dir_okay=False, path_type=Path)
_OLD = click.Path(exists=True, dir_okay=False, path_type=Path)
_DEMO = click.option(
    "--authority", "folder", type=_FOLDER, required=True, help="The folder made by gw seal make authority."
)


@click.group("make")
def make() -> None:
    """Make a demonstration authority, seals and stamps (演示用)."""


@make.command("authority")
@click.argument("folder", type=_FOLDER)
@click.option("--key", "kind", type=click.Choice(["sm2", "rsa", "p256"]), default="sm2", show_default=True)
@click.option("--name", default="示范单位", show_default=True, help="The signing department (签章单位).")
@click.option("--at", "at", metavar="TIME", callback=instant, help="When it is made.  [default: now]")
def authority(folder: Path, kind: str, name: str, at: datetime | None) -> None:
    """Make two authorities in FOLDER, a signer and a seal maker with their keys, and empty revocation lists.

    \b
    anchors/        root of signers           signer.pem, signer.key
    maker-anchors/  root of seal makers       maker.pem, maker.key
    signers.crl, makers.crl                   for --crl
    """
    now = (at or datetime.now(UTC)).replace(microsecond=0)
    if folder.exists() and any(folder.iterdir()):
        raise BadSettings(f"{folder} is not empty", f"{folder} 不是空目录")
    sm2 = proven_sm2() if kind == "sm2" else None
    for pool, role, who in (("anchors", "signer", name), ("maker-anchors", "maker", "示范制章单位")):
        root_key, own_key = new_private_key(kind, sm2), new_private_key(kind, sm2)
        span = (now - timedelta(days=1), now + 10 * _YEAR)
        root = certify(Wish(f"示范根 {role}", *span, is_ca=True), signer_of(root_key, sm2))
        issued = certify(Wish(who, *span), signer_of(own_key, sm2), root)
        _write(folder / pool / "root.pem", to_pem("CERTIFICATE", root.der))
        _write(folder / f"{role}.pem", to_pem("CERTIFICATE", issued.der))
        _write(folder / f"{role}.key", to_pem("PRIVATE KEY", own_key))
        _write(folder / f"{role}-root.key", to_pem("PRIVATE KEY", root_key))
        _write(folder / f"{role}s.crl", revoke(root, (), now, now + _YEAR))
    click.echo(f"{folder}: made; now gw seal make seal --authority {folder} OUT.esl")


@make.command("seal")
@_DEMO
@click.argument("file", type=_NEW)
@click.option("--version", type=click.Choice(["1", "4", "5"]), default="4", show_default=True)
@click.option("--name", default="示范单位印章", show_default=True, help="Name of the seal (印章名称).")
@click.option("--es-id", default="00000000000001", show_default=True, help="The seal's id (印章标识).")
@click.option("--at", "at", metavar="TIME", callback=instant, help="When it is made.  [default: now]")
def make_seal(folder: Path, file: Path, version: str, name: str, es_id: str, at: datetime | None) -> None:
    """Make a seal for the authority's signer, valid for a year, in FILE (.esl)."""
    now = (at or datetime.now(UTC)).replace(microsecond=0)
    if not (es_id.isascii() and es_id.isprintable()):
        raise click.BadParameter("must be ASCII", param_hint="'--es-id'")
    wish = SealWish(Version(version), es_id, name, (_issued(folder, "signer").der,), now, now, now + _YEAR)
    _write(file, seal(wish, _issued(folder, "maker")))
    click.echo(f"{file}: a seal of version {version}")


@make.command("stamp")
@_DEMO
@click.argument("file", type=_NEW)
@click.option("--seal", "seal_file", type=_OLD, required=True, help="The seal (.esl).")
@click.option("--document", type=_OLD, required=True, help="The document to stamp (原文).")
@click.option("--at", "at", metavar="TIME", callback=instant, help="When it is stamped.  [default: now]")
def make_stamp(folder: Path, file: Path, seal_file: Path, document: Path, at: datetime | None) -> None:
    """Stamp a document with a seal of the authority; the stamp goes to FILE."""
    now = (at or datetime.now(UTC)).replace(microsecond=0)
    try:
        held = read_seal(seal_file.read_bytes())
    except FormatRefused as fault:
        raise BadSettings(f"{seal_file} is not a seal: {fault}", f"{seal_file} 不是电子印章") from None
    signer = _issued(folder, "signer")
    _write(file, stamp(held.version, held.raw, signer, document.read_bytes(), now, "whole document"))
    click.echo(f"{file}: a stamp on {document}")


def _issued(folder: Path, role: str) -> Issued:
    try:
        (der,) = pem_blocks((folder / f"{role}.pem").read_bytes(), "CERTIFICATE")
        (key,) = pem_blocks((folder / f"{role}.key").read_bytes(), "PRIVATE KEY")
        return Issued(der, signer_of(key, _engine()))
    except (OSError, ValueError, BadKey):
        raise BadSettings(
            f"{folder} is not a demonstration authority; make one with gw seal make authority",
            f"{folder} 不是演示机构目录",
        ) from None


def _engine() -> Sm2 | None:
    try:
        return proven_sm2()
    except Sm2Unavailable:
        return None


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(
            file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if file.suffix == ".key" else 0o644
        )
    except FileExistsError:
        raise BadSettings(f"{file} exists and is not overwritten", f"{file} 已存在，不会覆盖") from None
    with os.fdopen(handle, "wb") as opened:
        opened.write(content)
