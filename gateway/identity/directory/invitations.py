"""Acts on invitations: issued by a security administrator or on the box, opened and accepted by the person."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gateway.audit import AuditLog, EventType, Who
from gateway.errors import Conflict, FieldFault, Forbidden, Invalid, Unauthenticated
from gateway.identity.directory import store
from gateway.identity.directory.attempts import SIGN_IN, Attempts
from gateway.identity.directory.hashing import Hasher
from gateway.identity.directory.model import (
    Invitation,
    new_code,
    password_faults,
    plain_password,
    read_code,
)
from gateway.identity.directory.records import nobody, oneself, record, refusal
from gateway.identity.directory.second_factor import Factors, address_of
from gateway.identity.evidence import who
from gateway.identity.model import Person, Role
from gateway.identity.service import NoSuchPerson
from gateway.identity.sessions.model import Because, digest
from gateway.identity.sessions.store import end_sessions
from gateway.identity.store import find_person, lock_person
from gateway.names import Login
from gateway.settings import Identity as Limits
from gateway.storage import Connection, Database
from gateway.web import Principal

CONSOLE: Final = Who(kind="system", id="console")
_CODE: Final = "code"


class InvitationRefused(Unauthenticated):
    """The one-time code is not right for this login, or not any more（邀请码与登录名不符或已失效）."""

    remedy = (
        "Check both; a code is used once and expires. Ask a security administrator for a new one.",
        "请核对后重试；邀请码一次有效且有期限，可请安全管理员重新签发。",
    )


class OwnInvitation(Forbidden):
    """Nobody issues a one-time code to oneself（不得为本人签发邀请码）."""

    remedy = (
        "Another security administrator does it, or whoever runs the gateway's machine: ./gw person invite.",
        "请由其他安全管理员办理，或在网关主机上执行 ./gw person invite。",
    )


class CannotInviteDisabled(Conflict):
    """A disabled person cannot be invited（已停用人员不能签发邀请码）."""


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


class Invitations:
    """The acts.

    Args:
        issuer: shown by authenticator programs beside the login.
    """

    def __init__(
        self, database: Database, log: AuditLog, hasher: Hasher, attempts: Attempts, factors: Factors, limits: Limits,
        issuer: str, now: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._database = database
        self._log = log
        self._hasher = hasher
        self._attempts = attempts
        self._factors = factors
        self._limits = limits
        self._issuer = issuer
        self._now = now

    async def issue(self, actor: Principal, login: Login, *, renew_factor: bool) -> Issued:
        """A one-time code for a person, in the place of an earlier one. What they have now stays until it is used.

        Args:
            renew_factor: the person gets a new second factor without proving the old one (a lost device).

        Raises:
            OwnInvitation, NoSuchPerson, CannotInviteDisabled.
        """
        if actor.id == login:
            raise OwnInvitation("another security administrator must do this", "须由其他安全管理员办理")
        return await self._issue(who(actor, Role.SECURITY_ADMIN), login, renew_factor)

    async def issue_from_console(self, login: Login, *, renew_factor: bool) -> Issued:
        """The same on the gateway's own machine: whoever reads the master key may do this.

        Raises:
            NoSuchPerson, CannotInviteDisabled.
        """
        return await self._issue(CONSOLE, login, renew_factor)

    async def open(self, login: str, code: str, address: str) -> Offer:
        """What is to be set with a code; the code stays usable.

        Raises:
            InvitationRefused, SignInHeld.
        """
        invitation = await self._found(login, code, address)
        secret = self._factors.opened(invitation.person.login, invitation.factor_wrapped)
        return Offer(invitation, secret, address_of(secret, login, self._issuer))

    async def accept(self, login: str, code: str, password: str, factor: str | None, address: str) -> Person:
        """Set the own password, and the second factor where one is needed or proved, by a one-time code.

        Raises:
            InvitationRefused, SignInHeld, SignInBusy.
            Invalid: the password is too weak, or the six digits are missing or wrong; the code stays usable.
        """
        invitation = await self._found(login, code, address)
        person = invitation.person
        if faults := password_faults(plain_password(password), person):
            raise Invalid(*faults)
        attempt = await self._attempts.begin(_CODE, person.login)
        step = await self._proved_step(invitation, factor)
        password_hash = await self._hasher.hash(plain_password(password))
        async with self._database.transaction() as tx:
            await lock_person(tx, person.login)
            if not await store.use_invitation(tx, person.login, digest(read_code(code) or "")):
                raise InvitationRefused("the code was used meanwhile", "邀请码已被使用")
            await store.set_password(tx, person.login, password_hash, self._now())
            await self._keep_factor(tx, invitation, step)
            ended = await end_sessions(tx, person.login, Because.PASSWORD_SET)
            await self._attempts.succeeded(tx, attempt)
            await self._attempts.forget(tx, SIGN_IN, person.login)
            await record(
                self._log, tx, EventType.CREDENTIALS_SET, oneself(person, address), person.login,
                second_factor=_word(invitation, step), sessions_ended=ended,
            )  # fmt: skip
        return person

    async def _issue(self, issuer: Who, login: Login, renew_factor: bool) -> Issued:
        code, now = new_code(), self._now()
        until = now + timedelta(seconds=self._limits.invitation_seconds)
        async with self._database.transaction() as tx:
            person = await find_person(tx, login)
            if person is None:
                raise NoSuchPerson(f"{login} is unknown", f"{login} 不存在")
            if not person.active:
                raise CannotInviteDisabled(f"{login} is disabled", f"{login} 已停用")
            kept = digest(read_code(code) or "")
            wrapped = self._factors.new(login)
            await store.issue_invitation(tx, login, kept, wrapped, renew_factor, issuer.id, now, until)
            await record(
                self._log, tx, EventType.INVITATION_ISSUED, issuer, login, expires_at=until.isoformat(),
                renew_factor=renew_factor,
            )  # fmt: skip
        return Issued(login, code, until)

    async def _found(self, login: str, code: str, address: str) -> Invitation:
        """Guesses are counted by address alone: a code has 99 random bits, and wrong ones must not keep the person out."""
        attempt = await self._attempts.begin(_CODE, None, address)
        read = read_code(code)
        async with self._database.transaction() as tx:
            found = await store.find_invitation(tx, login, digest(read or ""), self._now())
            if read is not None and found is not None:
                await self._attempts.succeeded(tx, attempt)
                return found
        await self._log.append(refusal(nobody(address), InvitationRefused.slug(), None))
        raise InvitationRefused(
            "the code does not belong to this login, was used or has expired",
            "邀请码不属于该登录名、已使用或已过期",
        )

    async def _proved_step(self, invitation: Invitation, factor: str | None) -> int | None:
        """The time step of the six digits given; None where none are needed nor given.

        Raises:
            Invalid: they are missing or wrong.
        """
        if factor is None and not invitation.asks_for_factor:
            return None
        login, wrapped, after = invitation.person.login, invitation.factor_wrapped, 0
        if invitation.keeps_factor:
            async with self._database.connection() as connection:
                kept = await store.find_credential(connection, login)
            if kept is not None and kept.factor_wrapped is not None:
                wrapped, after = kept.factor_wrapped, kept.factor_step
        step = self._factors.step(login, wrapped, factor or "", self._now(), after)
        if step is None:
            raise _digits_wrong()
        return step

    async def _keep_factor(self, tx: Connection, invitation: Invitation, step: int | None) -> None:
        login = invitation.person.login
        if step is None:
            return
        if not invitation.keeps_factor:
            await store.set_factor(tx, login, invitation.factor_wrapped, step, self._now())
        elif not await store.use_step(tx, login, step):
            raise _digits_wrong()


def _digits_wrong() -> Invalid:
    return Invalid(FieldFault(
        "/second_factor", "the six digits of the authenticator are missing, wrong or used; wait for the next ones",
        "动态口令缺失、不正确或已使用，请等待下一组数字",
    ))  # fmt: skip


def _word(invitation: Invitation, step: int | None) -> str:
    if step is None:
        return "none"
    return "kept" if invitation.keeps_factor else "set"
