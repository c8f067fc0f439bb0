"""The two ways a notice goes: pushed as a signed token to a webhook, or as a mail.

A webhook gets a Security Event Token (RFC 8417) by push (RFC 8935): ``Content-Type: application/secevent+jwt``, signed
with the gateway's key (``/.well-known/jwks.json``), ``jti`` the notice's id. Addresses outside the networks of
departments are never connected to.
"""

from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from typing import Final
from uuid import UUID

import aiosmtplib

from gateway.errors import BadSettings, Unavailable
from gateway.identity import Tokens
from gateway.settings import Notify
from gateway.storage import Database
from gateway.supervision.outbox.model import Channel, Notice
from gateway.web.posting import Posting

_EVENT_URI: Final = "urn:gateway:supervision:"
Deliver = Callable[[Notice], Awaitable[None]]


class NoMailServer(BadSettings):
    """No mail server is set（未配置邮件服务器）."""


class MailRefused(Unavailable):
    """The mail server did not take the mail（邮件服务器未接收邮件）."""


class Webhooks:
    """Delivery by webhook."""

    def __init__(self, database: Database, tokens: Tokens, posting: Posting) -> None:
        self._database = database
        self._tokens = tokens
        self._posting = posting

    async def deliver(self, notice: Notice) -> None:
        """Push the notice; a 2xx answer is its receipt.

        Raises:
            UpstreamUnreachable, UpstreamTimeout, UpstreamStatus, UpstreamInvalid: it was not taken.
            NoSigningKey: the gateway has no key yet.
        """
        events = {f"{_EVENT_URI}{notice.kind}": notice.content}
        async with self._database.transaction() as tx:
            token = await self._tokens.security_event(tx, notice.target, str(notice.id), events)
        headers = {"Content-Type": "application/secevent+jwt", "Accept": "application/json"}
        await self._posting.push(notice.target, headers, token.encode())


class Mail:
    """Delivery by SMTP (RFC 5321)."""

    def __init__(self, settings: Notify) -> None:
        self._settings = settings

    async def deliver(self, notice: Notice) -> None:
        """Hand the mail over to the configured server; its Message-ID holds the notice's id.

        Raises:
            NoMailServer: none is configured, or its password cannot be read.
            MailRefused: it did not take the mail.
        """
        settings = self._settings
        if settings.smtp_host is None or settings.smtp_sender is None:
            raise NoMailServer(
                "[notify] smtp_host and smtp_sender are not set", "未设置 smtp_host 与 smtp_sender"
            )
        try:
            await aiosmtplib.send(
                _mail(notice, settings.smtp_sender), hostname=settings.smtp_host, port=settings.smtp_port,
                username=settings.smtp_user, password=self._password(), use_tls=settings.smtp_security == "tls",
                start_tls=settings.smtp_security == "starttls", timeout=settings.smtp_seconds,
            )  # fmt: skip
        except (aiosmtplib.SMTPException, OSError, ValueError) as fault:
            raise MailRefused(f"{type(fault).__name__}: {fault}"[:300], "邮件未被接收") from None

    def _password(self) -> str | None:
        if self._settings.smtp_password_file is None:
            return None
        try:
            return self._settings.smtp_password_file.read_text("utf-8").strip()
        except OSError as fault:
            raise NoMailServer(f"[notify] smtp_password_file: {fault}", "无法读取邮件密码文件") from None


def channels(webhooks: Webhooks, mail: Mail) -> dict[Channel, Deliver]:
    """How each channel delivers."""
    return {Channel.WEBHOOK: webhooks.deliver, Channel.EMAIL: mail.deliver}


def _mail(notice: Notice, sender: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, notice.target, notice.title
    message["Message-ID"] = _message_id(notice.id, sender)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    message.set_content(notice.text)
    return message


def _message_id(notice: UUID, sender: str) -> str:
    return f"<{notice}@{sender.rpartition('@')[2]}>"
