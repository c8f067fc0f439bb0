"""Acts of the built-in directory: inviting a person, setting a password, signing in, changing the password."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NoReturn

from gateway.audit import AuditLog, Event, EventType, Outcome, Who
from gateway.errors import Conflict, FieldFault, Forbidden, Invalid, Unauthenticated
from gateway.identity.directory import store
from gateway.identity.directory.attempts import Attempt, Attempts, SignInHeld
from gateway.identity.directory.hashing import Hasher
from gateway.identity.directory.model import (
    Credential,
    Invitation,
    new_code,
    password_faults,
    plain_password,
    read_code,
)
from gateway.identity.directory.second_factor import address_of, new_secret, step_of
from gateway.identity.evidence import who
from gateway.identity.model import Person, Role
from gateway.identity.service import NoSuchPerson
from gateway.identity.sessions.model import Because, Method, Proof, digest, needs_second_factor
from gateway.identity.sessions.service import Begun, Sessions
from gateway.identity.sessions.store import end_sessions
from gateway.identity.store import find_person, lock_person
from gateway.names import Login
from gateway.seals import Vault
from gateway.settings import Identity as Limits
from gateway.storage import Connection, Database
from gateway.telemetry import Metrics
from gateway.web import Principal

CONSOLE: Final = Who(kind="system", id="console")
_SIGN_IN, _CODE = "login", "code"


class SignInRefused(Unauthenticated):
    """Login, password or six-digit code is not right（登录名、密码或动态口令不正确）."""

    remedy = (
        "Check all three; whoever decides gives the six digits too. Who forgot the password, lost the device or never set "
        "them asks a security administrator for a one-time code.",
        "请核对后重试；有审批、管理职责的人员须同时填写动态口令。忘记密码、更换设备或尚未设置的，请联系安全管理员签发邀请码。",
    )


class InvitationRefused(Unauthenticated):
    """The one-time code is not right for this login, or not any more（邀请码与登录名不符或已失效）."""

    remedy = (
        "Check both; a code is used once and expires. Ask a security administrator for a new one.",
        "请核对后重试；邀请码一次有效且有期限，可请安全管理员重新签发。",
    )


class SecondFactorNotSet(Forbidden):
    """Who decides signs in with a second factor, and none is set（有审批、管理职责的人员须设置动态口令）."""

    remedy = (
        "Ask a security administrator for a one-time code and set both with it.",
        "请联系安全管理员签发邀请码，重新设置密码和动态口令。",
    )


class OwnInvitation(Forbidden):
    """Nobody issues a one-time code to oneself（不得为本人签发邀请码）."""

    remedy = (
        "Another security administrator does it, or whoever runs the gateway's machine: ./gw person invite.",
        "请由其他安全管理员办理，或在网关主机上执行 ./gw person invite。",
    )


class CannotInviteDisabled(Conflict):
    """A disabled person cannot be invited（已停用人员不能签发邀请码）."""


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


@dataclass(frozen=True, slots=True)
class Issued:
    """An invitation as its issuer passes it on: the code is shown this once."""

    login: Login
    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Offer:
    """What an invitation asks for: the second factor to set up, or the one held to be proved."""

    invitation: Invitation
    secret: str
    address: str


class Directory:
    """The room's acts.

    Args:
        vault: wraps the secrets of second factors.
        issuer: shown by authenticator programs beside the login.
    """

    def __init__(
        self, database: Database, log: AuditLog, sessions: Sessions, hasher: Hasher, attempts: Attempts, vault: Vault,
        limits: Limits, issuer: str, now: Callable[[], datetime], metrics: Metrics,
    ) -> None:  # fmt: skip
        self._database = database
        self._log = log
        self._sessions = sessions
        self._hasher = hasher
        self._attempts = attempts
        self._vault = vault
        self._limits = limits
        self._issuer = issuer
        self._now = now
        self._metrics = metrics

    async def invite(self, actor: Principal, login: Login, *, renew_factor: bool) -> Issued:
        """A one-time code for a person, in the place of an earlier one. What they have now stays until it is used.

        Args:
            renew_factor: the person gets a new second factor without proving the old one (a lost device).

        Raises:
            OwnInvitation, NoSuchPerson, CannotInviteDisabled.
        """
        if actor.id == login:
            raise OwnInvitation("another security administrator must do this", "须由其他安全管理员办理")
        return await self._issue(who(actor, Role.SECURITY_ADMIN), login, renew_factor)

    async def invite_from_console(self, login: Login, *, renew_factor: bool) -> Issued:
        """The same on the gateway's own machine: whoever reads the master key may do this.

        Raises:
            NoSuchPerson, CannotInviteDisabled.
        """
        return await self._issue(CONSOLE, login, renew_factor)

    async def open_invitation(self, login: str, code: str, address: str) -> Offer:
        """What is to be set with a code; the code stays usable.

        Raises:
            InvitationRefused, SignInHeld.
        """
        attempt = await self._attempts.begin(_CODE, login, address)
        invitation = await self._invitation(login, code, address)
        async with self._database.transaction() as tx:
            await self._attempts.succeeded(tx, attempt)
        secret = self._opened(invitation.person.login, invitation.factor_wrapped)
        return Offer(invitation, secret, address_of(secret, login, self._issuer))

    async def accept(self, login: str, code: str, password: str, factor: str | None, address: str) -> Person:
        """Set the own password, and the second factor where one is needed or proved, by a one-time code.

        Raises:
            InvitationRefused, SignInHeld, SignInBusy.
            Invalid: the password is too weak, or the six digits are missing or wrong; the code stays usable.
        """
        attempt = await self._attempts.begin(_CODE, login, address)
        invitation = await self._invitation(login, code, address)
        person = invitation.person
        if faults := password_faults(plain_password(password), person):
            raise Invalid(*faults)
        step = await self._proved_step(invitation, factor)
        password_hash = await self._hasher.hash(plain_password(password))
        now = self._now()
        async with self._database.transaction() as tx:
            await lock_person(tx, person.login)
            if not await store.use_invitation(tx, person.login, digest(read_code(code) or "")):
                raise InvitationRefused("the code was used meanwhile", "邀请码已被使用")
            await store.set_password(tx, person.login, password_hash, now)
            if invitation.keeps_factor:
                await self._use_step(tx, person.login, step or 0)
            elif step is not None:
                wrapped = self._vault.wrap(
                    self._opened(person.login, invitation.factor_wrapped).encode(), person.login
                )
                await store.set_factor(tx, person.login, wrapped, step, now)
            ended = await end_sessions(tx, person.login, Because.PASSWORD_SET)
            await self._attempts.succeeded(
                tx, Attempt((*attempt.own, f"{_SIGN_IN} {person.login}"), attempt.shared)
            )
            detail = {"second_factor": _factor_word(invitation, step), "sessions_ended": ended}
            await self._record(
                tx, EventType.CREDENTIALS_SET, self._self(person, address), person.login, **detail
            )
        return person

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
            attempt = await self._attempts.begin(_SIGN_IN, login, address, device)
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
        attempt = await self._attempts.begin(_SIGN_IN, actor.id, actor.address)
        async with self._database.connection() as connection:
            kept = await store.find_credential(connection, actor.id)
        if kept is None or kept.password_hash is None:
            raise NoPasswordSet(
                "ask a security administrator for a one-time code", "请联系安全管理员签发邀请码"
            )
        if not await self._hasher.verify(kept.password_hash, plain_password(current)):
            await self._log.append(_refusal(who(actor), WrongPassword.slug(), kept.person.login, "password"))
            raise WrongPassword("the current password is not right", "当前密码不正确")
        if faults := password_faults(plain_password(password), kept.person):
            raise Invalid(*faults)
        made = await self._hasher.hash(plain_password(password))
        async with self._database.transaction() as tx:
            await lock_person(tx, actor.id)
            await store.set_password(tx, actor.id, made, self._now())
            ended = await end_sessions(tx, actor.id, Because.PASSWORD_SET)
            await self._attempts.succeeded(tx, attempt)
            await self._record(
                tx, EventType.PASSWORD_CHANGED, who(actor), Login(actor.id), sessions_ended=ended
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

    async def _issue(self, issuer: Who, login: Login, renew_factor: bool) -> Issued:
        code, now = new_code(), self._now()
        until = now + timedelta(seconds=self._limits.invitation_seconds)
        async with self._database.transaction() as tx:
            person = await find_person(tx, login)
            if person is None:
                raise NoSuchPerson(f"{login} is unknown", f"{login} 不存在")
            if not person.active:
                raise CannotInviteDisabled(f"{login} is disabled", f"{login} 已停用")
            wrapped = self._vault.wrap(new_secret().encode(), login)
            read = digest(read_code(code) or "")
            await store.issue_invitation(tx, login, read, wrapped, renew_factor, issuer.id, now, until)
            await self._record(
                tx,
                EventType.INVITATION_ISSUED,
                issuer,
                login,
                expires_at=until.isoformat(),
                renew_factor=renew_factor,
            )
        return Issued(login, code, until)

    async def _invitation(self, login: str, code: str, address: str) -> Invitation:
        read = read_code(code)
        async with self._database.connection() as connection:
            found = await store.find_invitation(connection, login, digest(read or ""), self._now())
        if read is None or found is None:
            await self._log.append(_refusal(Who("anonymous", address=address), "invitation-refused", None))
            raise InvitationRefused(
                "the code does not belong to this login, was used or has expired",
                "邀请码不属于该登录名、已使用或已过期",
            )
        return found

    async def _proved_step(self, invitation: Invitation, factor: str | None) -> int | None:
        """The time step of the six digits given; None where none are needed nor given.

        Raises:
            Invalid: they are missing or wrong.
        """
        if factor is None and not invitation.asks_for_factor:
            return None
        login, step = invitation.person.login, None
        async with self._database.connection() as connection:
            kept = await store.find_credential(connection, login)
        if factor is not None and kept is not None:
            secret, after = invitation.factor_wrapped, 0
            if invitation.keeps_factor and kept.factor_wrapped is not None:
                secret, after = kept.factor_wrapped, kept.factor_step
            step = step_of(factor, self._opened(login, secret), self._now(), after)
        if step is None:
            raise Invalid(FieldFault(
                "/second_factor", "the six digits of the authenticator are missing, wrong or used; wait for the next ones",
                "动态口令缺失、不正确或已使用，请等待下一组数字",
            ))  # fmt: skip
        return step

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
                await self._log.append(
                    _refusal(self._self(kept.person, address), "second-factor-not-set", login)
                )
                raise SecondFactorNotSet("no second factor is set for this login", "该登录名尚未设置动态口令")
            return kept, None
        step = self._step(kept, factor or "")
        if step is None:
            await self._refuse(kept, address, "second_factor")
        return kept, step

    def _step(self, kept: Credential, factor: str) -> int | None:
        if kept.factor_wrapped is None:
            return None
        return step_of(
            factor, self._opened(kept.person.login, kept.factor_wrapped), self._now(), kept.factor_step
        )

    async def _refuse(self, kept: Credential | None, address: str, what: str) -> NoReturn:
        """What was typed as login is recorded only where it is one: people type passwords there."""
        known = kept.person.login if kept else None
        await self._log.append(_refusal(Who("anonymous", address=address), "sign-in-refused", known, what))
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

    def _opened(self, login: str, wrapped: bytes) -> str:
        return self._vault.unwrap(wrapped, login).decode()

    def _self(self, person: Person, address: str) -> Who:
        return Who("person", person.login, person.org, address=address)

    async def _record(self, tx: Connection, kind: EventType, actor: Who, login: Login, **detail: Any) -> None:
        event = Event(kind, Outcome.DONE, actor, object_kind="person", object_id=login, detail=detail)
        await self._log.emit(tx, event)


def _refused() -> SignInRefused:
    return SignInRefused("login, password or six-digit code is not right", "登录名、密码或动态口令不正确")


def _refusal(actor: Who, reason: str, login: str | None, what: str = "") -> Event:
    detail = {"what": what} if what else {}
    return Event(
        EventType.SIGN_IN_REFUSED, Outcome.DENY, actor, reason=reason, object_kind="person", object_id=login or "",
        detail=detail,
    )  # fmt: skip


def _factor_word(invitation: Invitation, step: int | None) -> str:
    if invitation.keeps_factor:
        return "kept"
    return "none" if step is None else "set"
