"""Acts of people who have a password: signing in, changing it, proving the second factor."""

from collections.abc import Callable
from datetime import datetime
from typing import NoReturn

from gateway.audit import AuditLog, EventType
from gateway.errors import Conflict, Forbidden, Invalid, Unauthenticated
from gateway.identity.directory import store
from gateway.identity.directory.attempts import SIGN_IN, Attempts, SignInHeld
from gateway.identity.directory.hashing import Hasher
from gateway.identity.directory.model import Credential, password_faults, plain_password
from gateway.identity.directory.records import nobody, oneself, record, refusal
from gateway.identity.directory.second_factor import Factors
from gateway.identity.evidence import who
from gateway.identity.model import Person
from gateway.identity.sessions.model import Because, Method, Proof, needs_second_factor
from gateway.identity.sessions.service import Begun, Sessions
from gateway.identity.sessions.store import end_sessions
from gateway.identity.store import lock_person
from gateway.names import Login
from gateway.storage import Connection, Database
from gateway.telemetry import Metrics
from gateway.web import Principal

_CHANGE = "change"


class SignInRefused(Unauthenticated):
    """Login, password or six-digit code is not right（登录名、密码或动态口令不正确）."""

    remedy = (
        "Check all three; whoever decides gives the six digits too. Who forgot the password, lost the device or never set "
        "them asks a security administrator for a one-time code.",
        "请核对后重试；有审批、管理职责的人员须同时填写动态口令。忘记密码、更换设备或尚未设置的，请联系安全管理员签发邀请码。",
    )


class SecondFactorNotSet(Forbidden):
    """Who decides signs in with a second factor, and none is set（有审批、管理职责的人员须设置动态口令）."""

    remedy = (
        "Ask a security administrator for a one-time code and set both with it.",
        "请联系安全管理员签发邀请码，重新设置密码和动态口令。",
    )


class WrongPassword(Forbidden):
    """The current password is not right（当前密码不正确）."""

    remedy = (
        "Type the password you signed in with; who forgot it asks a security administrator for a one-time code.",
        "请填写现用密码；忘记密码请联系安全管理员签发邀请码。",
    )


class NoPasswordSet(Conflict):
    """No password is set for this person（尚未设置密码）."""

    remedy = (
        "Ask a security administrator for a one-time code and set the password with it.",
        "请联系安全管理员签发邀请码，凭码设置密码。",
    )


class Directory:
    """The acts."""

    def __init__(
        self, database: Database, log: AuditLog, sessions: Sessions, hasher: Hasher, attempts: Attempts, factors: Factors,
        now: Callable[[], datetime], metrics: Metrics,
    ) -> None:  # fmt: skip
        self._database = database
        self._log = log
        self._sessions = sessions
        self._hasher = hasher
        self._attempts = attempts
        self._factors = factors
        self._now = now
        self._metrics = metrics

    async def credential(self, login: Login) -> Credential | None:
        """What a person signs in with; None for a login that is nobody's."""
        async with self._database.connection() as connection:
            return await store.find_credential(connection, login)

    async def sign_in(
        self, login: str, password: str, factor: str | None, device: str | None, address: str
    ) -> tuple[Begun, str]:
        """A session for the right password and, where one is set or needed, the second factor; and the machine's mark.

        Raises:
            SignInRefused: anything of it is not right; which is not said.
            SecondFactorNotSet: the password is right, but the person decides and has no second factor.
            SignInHeld, SignInBusy.
        """
        try:
            attempt = await self._attempts.begin(SIGN_IN, login, address, device)
        except SignInHeld:
            self._metrics.sign_ins.labels("password", "held").inc()
            raise
        kept, step = await self._proved(login, password, factor, address)
        async with self._database.transaction() as tx:
            await lock_person(tx, kept.person.login)
            now_kept = await store.find_credential(tx, login)
            if now_kept is None or not now_kept.person.active or now_kept.password_hash != kept.password_hash:
                raise _refused()
            if step is not None:
                await self._use_step(tx, login, step)
            await self._attempts.succeeded(tx, attempt)
            proof = Proof(Method.PASSWORD, step is not None)
            begun = await self._sessions.begin(tx, now_kept.person, proof, address)
        await self._renew(kept, password)
        self._metrics.sign_ins.labels("password", "accepted").inc()
        return begun, self._attempts.mark(login)

    async def change_password(self, actor: Principal, current: str, password: str) -> Person:
        """Set another password; every session of the person ends, this one too.

        Raises:
            WrongPassword, NoPasswordSet: the current password is not right, or there is none.
            Invalid: the new one is too weak.
            SignInHeld, SignInBusy.
        """
        attempt = await self._attempts.begin(_CHANGE, actor.id)
        async with self._database.connection() as connection:
            kept = await store.find_credential(connection, actor.id)
        if kept is None or kept.password_hash is None:
            raise NoPasswordSet(
                "ask a security administrator for a one-time code", "请联系安全管理员签发邀请码"
            )
        if not await self._hasher.verify(kept.password_hash, plain_password(current)):
            await self._log.append(refusal(who(actor), WrongPassword.slug(), kept.person.login, "password"))
            raise WrongPassword("the current password is not right", "当前密码不正确")
        if faults := password_faults(plain_password(password), kept.person):
            raise Invalid(*faults)
        made = await self._hasher.hash(plain_password(password))
        async with self._database.transaction() as tx:
            await lock_person(tx, actor.id)
            held = await store.find_credential(tx, actor.id)
            if held is None or held.password_hash != kept.password_hash or not held.person.active:
                raise WrongPassword("the password was changed meanwhile", "密码已被更改")
            await store.set_password(tx, actor.id, made, self._now())
            ended = await end_sessions(tx, actor.id, Because.PASSWORD_SET)
            await self._attempts.succeeded(tx, attempt)
            await record(
                self._log, tx, EventType.PASSWORD_CHANGED, who(actor), Login(actor.id), sessions_ended=ended
            )
        return kept.person

    async def holds_factor(self, login: Login) -> bool:
        """Whether a second factor is set for the person."""
        async with self._database.connection() as connection:
            kept = await store.find_credential(connection, login)
        return kept is not None and kept.factor_wrapped is not None

    async def prove_factor(self, tx: Connection, person: Person, factor: str) -> bool:
        """Whether six digits are the person's, used now; for people whom a provider vouched for with one factor."""
        kept = await store.find_credential(tx, person.login)
        step = self._step(kept, factor) if kept else None
        return step is not None and await store.use_step(tx, person.login, step)

    async def _proved(
        self, login: str, password: str, factor: str | None, address: str
    ) -> tuple[Credential, int | None]:
        async with self._database.connection() as connection:
            kept = await store.find_credential(connection, login)
        right = await self._hasher.verify(kept.password_hash if kept else None, plain_password(password))
        if kept is None or not right or not kept.person.active:
            await self._refuse(kept, address, "password")
        if kept.factor_wrapped is None:
            if needs_second_factor(kept.person.roles):
                actor = oneself(kept.person, address)
                await self._log.append(refusal(actor, SecondFactorNotSet.slug(), login))
                raise SecondFactorNotSet("no second factor is set for this login", "该登录名尚未设置动态口令")
            return kept, None
        step = self._step(kept, factor or "")
        if step is None:
            await self._refuse(kept, address, "second_factor")
        return kept, step

    def _step(self, kept: Credential, factor: str) -> int | None:
        if kept.factor_wrapped is None:
            return None
        return self._factors.step(
            kept.person.login, kept.factor_wrapped, factor, self._now(), kept.factor_step
        )

    async def _refuse(self, kept: Credential | None, address: str, what: str) -> NoReturn:
        """What was typed as login is recorded only where it is one: people type passwords there."""
        known = kept.person.login if kept else None
        await self._log.append(refusal(nobody(address), SignInRefused.slug(), known, what))
        self._metrics.sign_ins.labels("password", "refused").inc()
        raise _refused()

    async def _use_step(self, tx: Connection, login: str, step: int) -> None:
        if not await store.use_step(tx, login, step):
            raise _refused()

    async def _renew(self, kept: Credential, password: str) -> None:
        before = kept.password_hash
        if before is not None and self._hasher.is_outdated(before):
            made = await self._hasher.hash(plain_password(password))
            async with self._database.transaction() as tx:
                await store.renew_hash(tx, kept.person.login, before, made)


def _refused() -> SignInRefused:
    return SignInRefused("login, password or six-digit code is not right", "登录名、密码或动态口令不正确")
