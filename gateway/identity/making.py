"""What a process needs to issue and to check tokens, made once from its zone's connections."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.identity.keys import KeyRing
from gateway.identity.nonces import Nonces
from gateway.identity.proofs import Proofs
from gateway.identity.revocations import Revocations
from gateway.identity.sweeping import Sweeping
from gateway.identity.tokens import Tokens
from gateway.seals import Vault
from gateway.seals.vault import derived
from gateway.settings import Identity as Limits
from gateway.storage import Database


@dataclass(frozen=True, slots=True)
class Passes:
    """Tokens and proofs of one process; where tokens are issued also the worker that keeps the stores small."""

    tokens: Tokens
    proofs: Proofs
    sweeping: Sweeping | None


def make_passes(
    database: Database,
    issuer: str,
    limits: Limits,
    master_key: bytes,
    now: Callable[[], float],
    *,
    signs: bool,
) -> Passes:
    """Make them.

    Args:
        now: Unix seconds.
        signs: whether this process issues tokens: only the control zone can open the private keys.
    """
    vault = Vault(master_key, "signing keys") if signs else None
    ring = KeyRing(database, limits.longest_token_seconds, vault)
    nonces = Nonces(derived(master_key, "dpop nonces"), limits.nonce_seconds, now)
    return Passes(
        Tokens(issuer, ring, Revocations(database), limits, now),
        Proofs(nonces, limits, now),
        Sweeping(database, limits) if signs else None,
    )
