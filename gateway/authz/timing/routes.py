"""Addresses of acts on clocks."""

from functools import partial
from typing import Any, Final

from gateway.authz.applications.refusals import ApplicationNotInState, NoSuchApplication
from gateway.authz.timing.model import ExtensionDecided, ExtensionPending, NoSuchExtension, NotTheHolder
from gateway.authz.timing.service import Ask as Asked
from gateway.authz.timing.service import Timed, Timing
from gateway.authz.timing.wire import ExtensionDecision, NewExtension, NewPause, TimingShown, Transfer
from gateway.catalog import SelfApproval
from gateway.deadlines import AlreadyPaused, Backdated, NotExtendable, NotPausable, NotPaused, WorkingDays
from gateway.identity import Role
from gateway.names import ApplicationId
from gateway.web import SIGNED_IN, Ask, Reply, Route

_PROVIDER: Final = frozenset({Role.PROVIDER})
_PLATFORM: Final = frozenset({Role.PLATFORM_ADMIN})
_HOLDER: Final = _PROVIDER | _PLATFORM


def _id(ask: Ask[Any]) -> ApplicationId:
    return ApplicationId(ask.uuid("application_id"))


def _shown(timed: Timed) -> Reply:
    return Reply(TimingShown.of(timed))


async def show_clocks(timing: Timing, ask: Ask[None]) -> Reply:
    return _shown(await timing.show(ask.principal, _id(ask)))


async def ask_extension(timing: Timing, ask: Ask[NewExtension]) -> Reply:
    given = ask.given
    asked = Asked(given.rule, WorkingDays(given.days), given.reason, given.notice)
    return _shown(await timing.ask_extension(ask.principal, _id(ask), asked))


async def decide_extension(timing: Timing, ask: Ask[ExtensionDecision]) -> Reply:
    given, extension = ask.given, ask.uuid("extension_id")
    return _shown(
        await timing.decide_extension(
            ask.principal, _id(ask), extension, consent=given.consent, opinion=given.opinion
        )
    )


async def pause_clocks(timing: Timing, ask: Ask[NewPause]) -> Reply:
    return _shown(await timing.pause(ask.principal, _id(ask), ask.given.reason, ask.given.basis))


async def resume_clocks(timing: Timing, ask: Ask[None]) -> Reply:
    return _shown(await timing.resume(ask.principal, _id(ask)))


async def transfer_application(timing: Timing, ask: Ask[Transfer]) -> Reply:
    return _shown(await timing.transfer(ask.principal, _id(ask), ask.given.to, ask.given.reason))


_route = partial(Route, tag="clocks", returns=TimingShown)
_ONE: Final = "/v1/applications/{application_id}"
_STEP: Final = (NoSuchApplication, ApplicationNotInState, SelfApproval, Backdated)

ROUTES: Final = [
    _route("GET", f"{_ONE}/clocks", show_clocks, SIGNED_IN, "Clocks with every day explained", "时限逐日说明",
           problems=(NoSuchApplication,)),
    _route("POST", f"{_ONE}/extensions", ask_extension, _PROVIDER, "Ask for an extension", "提出延期",
           given=NewExtension, problems=(*_STEP, NotExtendable, ExtensionPending)),
    _route("POST", f"{_ONE}/extensions/{{extension_id}}/decision", decide_extension, _PLATFORM,
           "Consent to an extension, or decline it", "决定是否同意延期",
           given=ExtensionDecision, problems=(*_STEP, NotExtendable, NoSuchExtension, ExtensionDecided)),
    _route("POST", f"{_ONE}/pause", pause_clocks, _HOLDER, "Pause the clocks whose rules allow it", "暂停计时",
           given=NewPause, problems=(*_STEP, NotPausable, AlreadyPaused, NotTheHolder)),
    _route("POST", f"{_ONE}/resume", resume_clocks, _HOLDER, "Resume the clocks", "恢复计时",
           problems=(*_STEP, NotPaused, NotTheHolder)),
    _route("POST", f"{_ONE}/transfer", transfer_application, _HOLDER, "Hand over to another handler or unit", "移交",
           given=Transfer, problems=(*_STEP, NotTheHolder)),
]  # fmt: skip
