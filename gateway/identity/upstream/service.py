"""Acts of signing in through a provider, and of linking its subjects to people."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn
from uuid import UUID

from gateway.audit import AuditLog, Event, EventType, Outcome, Who
from gateway.errors import FieldFault, Forbidden, GatewayError, Invalid, NotFound, Unauthenticated
from gateway.identity.directory.attempts import Attempts
from gateway.identity.directory.service import Directory, SecondFactorNotSet, SignInRefused
from gateway.identity.evidence import who
from gateway.identity.jose import TokenRefused
from gateway.identity.model import Person, Role
from gateway.identity.service import NoSuchPerson
from gateway.identity.sessions.model import Because, Method, Proof, digest, needs_second_factor
from gateway.identity.sessions.service import Begun as BegunSession
from gateway.identity.sessions.service import Sessions
from gateway.identity.sessions.store import end_sessions
from gateway.identity.store import find_person, lock_person
from gateway.identity.upstream import store
from gateway.identity.upstream.conversation import Conversation
from gateway.identity.upstream.id_token import Expected, UnknownKey, check_id_token
from gateway.identity.upstream.model import Account, Vouched
from gateway.identity.upstream.tickets import PROVED_SECONDS, Begun, TicketRefused, Tickets, Waiting
from gateway.names import Login, new_id
from gateway.settings import Identity as Limits
from gateway.settings import Provider
from gateway.storage import Connection, Database
from gateway.telemetry import Metrics
from gateway.web import Principal


class NoSuchProvider(NotFound):
    """There is no such identity provider（没有该身份认证平台）."""

    remedy = ("See GET /v1/sign-in/providers.", "请查看 GET /v1/sign-in/providers。")


class NoSuchAccount(NotFound):
    """There is no such linked account（没有该关联账号）."""


class ProviderAnswerRefused(Unauthenticated):
    """What the identity provider answered is not accepted（身份认证平台的应答不被接受）.

    ``reason`` is a stable word for the rule that was broken.
    """

    remedy = (
        "Begin again; if it happens again, quote the reason to whoever runs this gateway.",
        "请重新发起登录；如再次出现，请将 reason 告知网关运维人员。",
    )


class AccountNotLinked(Forbidden):
    """The identity provider knows you, this gateway does not yet（该账号尚未与本网关人员关联）."""

    remedy = (
        "Give provider and subject to a security administrator of this gateway, who links them to you: "
        "POST /v1/people/{login}/accounts.",
        "请将 provider 和 subject 告知本网关安全管理员，由其办理关联：POST /v1/people/{login}/accounts。",
    )


class PersonNotActive(Forbidden):
    """The person this account is linked to is disabled（所关联人员已停用）."""

    remedy = ("Ask a security administrator.", "请联系安全管理员。")


class SecondFactorAsked(Forbidden):
    """Your roles ask for a second factor the provider did not vouch for（须补充动态口令）.

    ``ticket`` serves for the next step.
    """

    remedy = (
        "Send ticket and the six digits of your authenticator: POST /v1/sign-in/second-factor.",
        "请将 ticket 与动态口令一并提交：POST /v1/sign-in/second-factor。",
    )


class OwnAccount(Forbidden):
    """Nobody links or unlinks an account of oneself（不得为本人办理账号关联）."""

    remedy = ("Another security administrator does it.", "请由其他安全管理员办理。")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back to the redirect address (RFC 6749 section 4.1.2, RFC 9207)."""

    provider: str
    ticket: str
    code: str
    state: str
    issuer: str | None


@dataclass(frozen=True, slots=True)
class Invitation:
    """Where the browser goes, what the beginner keeps, and where the provider's own session ends."""

    authorize_url: str
    ticket: str
    expires_at: datetime
    sign_out_url: str | None


class Upstream:
    """The room's acts; ``conversations`` by the provider's name."""

    def __init__(
        self, database: Database, log: AuditLog, sessions: Sessions, directory: Directory, attempts: Attempts,
        conversations: Mapping[str, Conversation], tickets: Tickets, limits: Limits, now: Callable[[], datetime],
        metrics: Metrics,
    ) -> None:  # fmt: skip
        self._database = database
        self._log = log
        self._sessions = sessions
        self._directory = directory
        self._attempts = attempts
        self._conversations = conversations
        self._tickets = tickets
        self._limits = limits
        self._now = now
        self._metrics = metrics

    def providers(self) -> list[Provider]:
        """The providers of the settings."""
        return [one.provider for one in self._conversations.values()]

    async def begin(self, provider: str) -> Invitation:
        """Begin a sign-in; nothing is stored.

        Raises:
            NoSuchProvider, ProviderSilent.
        """
        conversation = self._conversation(provider)
        begun = Begun.new(provider, self._seconds())
        url = await conversation.authorize_url(begun)
        leaving = (await conversation.metadata()).end_session_endpoint
        until = datetime.fromtimestamp(begun.until, UTC)
        return Invitation(url, self._tickets.seal(begun), until, leaving)

    async def finish(self, answer: Answer, address: str) -> BegunSession:
        """A session for whom the provider vouches.

        Raises:
            TicketRefused: not the ticket of this sign-in, used, or too late.
            ProviderAnswerRefused: state, issuer or ID token are not those of this sign-in.
            CodeRefused, ProviderSilent: the provider says no, or nothing usable.
            AccountNotLinked, PersonNotActive: nobody of ours.
            SecondFactorAsked, SecondFactorNotSet: the person decides and showed one factor.
        """
        try:
            vouched = await self._vouched(answer)
            person, conversation = (
                await self._person(answer.provider, vouched),
                self._conversation(answer.provider),
            )
            if needs_second_factor(person.roles) and not vouched.second_factor:
                await self._ask_for_factor(person, conversation.provider)
            return await self._begin(
                person, Proof(Method.PROVIDER, vouched.second_factor, answer.provider), address
            )
        except (Unauthenticated, Forbidden) as error:
            await self._refuse(error, answer.provider, address)

    async def finish_with_factor(self, ticket: str, factor: str, address: str) -> BegunSession:
        """The second step for who decides: the six digits of the own authenticator.

        Raises:
            TicketRefused; SignInRefused: the digits are not right; SignInHeld; PersonNotActive.
        """
        waiting = self._tickets.open_waiting(ticket, self._seconds())
        attempt = await self._attempts.begin("factor", waiting.login, address)
        try:
            async with self._database.transaction() as tx:
                person = await self._active(tx, waiting.login)
                if not await self._directory.prove_factor(tx, person, factor):
                    raise SignInRefused("the six digits are not right", "动态口令不正确")
                await self._claim(tx, ticket, waiting.until)
                await self._attempts.succeeded(tx, attempt)
                proof = Proof(Method.PROVIDER, True, waiting.provider)
                begun = await self._sessions.begin(tx, person, proof, address)
        except (Unauthenticated, Forbidden) as error:
            await self._refuse(error, waiting.provider, address, waiting.login)
        self._metrics.sign_ins.labels("provider", "accepted").inc()
        return begun

    async def link(self, actor: Principal, login: Login, provider: str, subject: str) -> Account:
        """Let a provider's subject stand for a person.

        Raises:
            OwnAccount, NoSuchPerson, AccountTaken; Invalid: no such provider.
        """
        _check_not_own(actor, login)
        if provider not in self._conversations:
            raise Invalid(
                FieldFault("/provider", "is no provider of the settings", "不是已配置的身份认证平台")
            )
        issuer = self._conversations[provider].provider.issuer
        account = Account(new_id(), login, issuer, subject, actor.id, self._now())
        async with self._database.transaction() as tx:
            await self._known(tx, login)
            await store.add_account(tx, account)
            await self._record(tx, EventType.ACCOUNT_LINKED, actor, account)
        return account

    async def unlink(self, actor: Principal, login: Login, account: UUID) -> Account:
        """End a link; the sessions begun through the provider end too.

        Raises:
            OwnAccount, NoSuchPerson, NoSuchAccount.
        """
        _check_not_own(actor, login)
        async with self._database.transaction() as tx:
            await self._known(tx, login)
            found = await store.drop_account(tx, account, login)
            if found is None:
                raise NoSuchAccount(f"{account} is not linked to {login}", f"{account} 未关联该人员")
            for one in self.providers():
                if one.issuer == found.issuer:
                    await end_sessions(tx, login, Because.ACCOUNT_UNLINKED, one.name)
            await self._record(tx, EventType.ACCOUNT_UNLINKED, actor, found)
        return found

    async def accounts(self, login: Login) -> list[Account]:
        """A person's links.

        Raises:
            NoSuchPerson: unknown.
        """
        async with self._database.connection() as connection:
            await self._known(connection, login)
            return await store.accounts_of(connection, login)

    async def _vouched(self, answer: Answer) -> Vouched:
        begun = self._tickets.open_begun(answer.ticket, self._seconds())
        conversation = self._conversation(answer.provider)
        if begun.provider != answer.provider:
            raise ProviderAnswerRefused(
                "the sign-in was begun with another provider", "登录是向其他平台发起的", reason="provider"
            )
        if not hmac.compare_digest(begun.state.encode(), answer.state.encode()):
            raise ProviderAnswerRefused(
                "state is not of this sign-in", "state 与本次登录不符", reason="state"
            )
        await self._check_issuer(conversation, answer.issuer)
        async with self._database.transaction() as tx:
            await self._claim(tx, answer.ticket, begun.until)
        token = await conversation.redeem(answer.code, begun.verifier)
        expected = Expected(begun.nonce, begun.began, self._seconds(), self._limits.clock_skew_seconds)
        try:
            try:
                return check_id_token(token, await conversation.keys(), conversation.provider, expected)
            except UnknownKey:
                return check_id_token(
                    token, await conversation.keys(anew=True), conversation.provider, expected
                )
        except TokenRefused as fault:
            raise ProviderAnswerRefused(fault.detail, fault.detail_zh, **fault.extra) from None

    async def _check_issuer(self, conversation: Conversation, named: str | None) -> None:
        needed = (await conversation.metadata()).names_itself
        if (named is None and needed) or (named is not None and named != conversation.provider.issuer):
            raise ProviderAnswerRefused(
                "iss is not the provider the sign-in was begun with", "iss 与发起登录的平台不符", reason="iss"
            )

    async def _claim(self, tx: Connection, ticket: str, until: int) -> None:
        expires_at = datetime.fromtimestamp(until, UTC)
        if not await store.use_ticket(tx, digest(ticket), self._now(), expires_at):
            raise TicketRefused("the ticket was used before", "登录凭条已使用")

    async def _person(self, provider: str, vouched: Vouched) -> Person:
        async with self._database.connection() as connection:
            login = await store.find_login(connection, vouched.issuer, vouched.subject)
            if login is None:
                raise AccountNotLinked(
                    f"{vouched.subject} of {provider} is nobody here yet", f"{provider} 的 {vouched.subject} 尚未关联人员",
                    provider=provider, subject=vouched.subject,
                )  # fmt: skip
            return await self._active(connection, login)

    async def _ask_for_factor(self, person: Person, provider: Provider) -> NoReturn:
        if not await self._directory.holds_factor(person.login):
            raise SecondFactorNotSet("no second factor is set for this login", "该登录名尚未设置动态口令")
        until = self._seconds() + PROVED_SECONDS
        ticket = self._tickets.seal(Waiting(provider.name, person.login, until))
        raise SecondFactorAsked("six digits are needed", "须补充动态口令", ticket=ticket)

    async def _begin(self, person: Person, proof: Proof, address: str) -> BegunSession:
        async with self._database.transaction() as tx:
            await lock_person(tx, person.login)
            begun = await self._sessions.begin(tx, await self._active(tx, person.login), proof, address)
        self._metrics.sign_ins.labels("provider", "accepted").inc()
        return begun

    async def _refuse(self, error: GatewayError, provider: str, address: str, login: str = "") -> NoReturn:
        known = provider if provider in self._conversations else ""
        reason = error.extra.get("reason")
        await self._log.append(Event(
            EventType.SIGN_IN_REFUSED, Outcome.DENY, Who("anonymous", address=address), reason=error.slug(),
            object_kind="person", object_id=login,
            detail={"provider": known, **({"what": str(reason)} if reason else {})},
        ))  # fmt: skip
        self._metrics.sign_ins.labels("provider", "refused").inc()
        raise error

    async def _record(self, tx: Connection, kind: EventType, actor: Principal, account: Account) -> None:
        detail = {"issuer": account.issuer, "subject": account.subject, "account": str(account.id)}
        await self._log.emit(tx, Event(
            kind, Outcome.DONE, who(actor, Role.SECURITY_ADMIN), object_kind="person", object_id=account.login,
            detail=detail,
        ))  # fmt: skip

    async def _known(self, connection: Connection, login: str) -> Person:
        found = await find_person(connection, login)
        if found is None:
            raise NoSuchPerson(f"{login} is unknown", f"{login} 不存在")
        return found

    async def _active(self, connection: Connection, login: str) -> Person:
        found = await self._known(connection, login)
        if not found.active:
            raise PersonNotActive(f"{login} is disabled", f"{login} 已停用")
        return found

    def _conversation(self, provider: str) -> Conversation:
        if provider not in self._conversations:
            raise NoSuchProvider(f"no provider {provider}", f"没有身份认证平台 {provider}")
        return self._conversations[provider]

    def _seconds(self) -> int:
        return int(self._now().timestamp())


def _check_not_own(actor: Principal, login: Login) -> None:
    if actor.id == login:
        raise OwnAccount("another security administrator must do this", "须由其他安全管理员办理")
