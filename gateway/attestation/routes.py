"""Addresses of statements and of the keys they are sealed with."""

from functools import partial
from typing import Final

from gateway.attestation.keys import KeyInDevice
from gateway.attestation.model import RecordDamaged
from gateway.attestation.service import Attestation, NoSuchReceipt, NothingDecided, NotOnRecordYet
from gateway.attestation.store import SealKeyChanging
from gateway.attestation.wire import SealedStatement, SealKeyRotated, SealKeySet
from gateway.authz.applications.refusals import NoSuchApplication
from gateway.identity import Role, who
from gateway.names import ApplicationId
from gateway.web import ANYONE, SIGNED_IN, Ask, Reply, Route


async def seal_decision(room: Attestation, ask: Ask[None]) -> Reply:
    made = await room.decision(ask.principal, ApplicationId(ask.uuid("application_id")))
    return Reply(SealedStatement(**made))


async def show_receipt(room: Attestation, ask: Ask[None]) -> Reply:
    return Reply(SealedStatement(**await room.receipt(ask.principal, ask.uuid("receipt_id"))))


async def show_seal_keys(room: Attestation, ask: Ask[None]) -> Reply:
    return Reply(SealKeySet(keys=await room.keys.public()), {"Cache-Control": "public, max-age=300"})


async def rotate_seal_key(room: Attestation, ask: Ask[None]) -> Reply:
    return Reply(SealKeyRotated(kid=await room.keys.rotate(who(ask.principal, Role.SECURITY_ADMIN))))


_route = partial(Route, tag="attestation")
ROUTES: Final = [
    _route("GET", "/v1/applications/{application_id}/decision-seal", seal_decision, SIGNED_IN,
           "The decisions on an application under the gateway's seal", "申请决定出证（网关签章）",
           returns=SealedStatement, problems=(NoSuchApplication, NothingDecided, NotOnRecordYet, RecordDamaged)),
    _route("GET", "/v1/receipts/{receipt_id}", show_receipt, SIGNED_IN, "The sealed receipt of an answered call",
           "调用回执出证", returns=SealedStatement, problems=(NoSuchReceipt, RecordDamaged)),
    _route("GET", "/.well-known/seal-keys.json", show_seal_keys, ANYONE, "Public keys of sealed statements",
           "出证公钥集", returns=SealKeySet),
    _route("POST", "/v1/seal-keys/rotate", rotate_seal_key, frozenset({Role.SECURITY_ADMIN}),
           "Rotate the key statements are sealed with", "更换出证密钥", returns=SealKeyRotated,
           problems=(KeyInDevice, SealKeyChanging)),
]  # fmt: skip
