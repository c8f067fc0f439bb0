"""Right requests of people's sign-in: a person with an open invitation, and sessions of others."""

from typing import Any, Final
from uuid import uuid4

from rosters import person, roster
from world import CONSUMER, File

from rights import Right, Stage, at

CODE: Final = "ABCDE-FGHJK-MNPQR-STUVW"


async def prepare(stage: Stage) -> None:
    """Somebody of the consumer's department to invite, and an id no session has."""
    await stage.world.person("invited", CONSUMER, "requester")
    stage.ids["session"] = str(uuid4())


def _sign_in(_: Stage) -> Any:
    return {"login": "invited", "password": "Not-The-Word-1", "second_factor": "123456", "device": "A" * 40}


def _accept(_: Stage) -> Any:
    return {"login": "invited", "code": CODE, "password": "Wheat-Field-77", "second_factor": "123456"}


def _finish(_: Stage) -> Any:
    return {
        "provider": "province",
        "ticket": "A" * 40,
        "code": "c",
        "state": "s",
        "iss": "https://id.example.test",
    }


def _roster(_: Stage) -> File:
    return roster([person("invited", 姓名="invited")], [])


_ONE = "/v1/people/invited"

CASES: Final = {
    "show_me": Right("requester", at("/v1/me")),
    "list_my_sessions": Right("requester", at("/v1/sessions")),
    "sign_out": Right("requester", at("/v1/sign-out")),
    "end_my_session": Right("requester", at("/v1/sessions/{session}/end")),
    "list_sessions_of_person": Right("security-admin", at(f"{_ONE}/sessions")),
    "end_sessions_of_person": Right("security-admin", at(f"{_ONE}/sessions/end")),
    "sign_in": Right("", at("/v1/sign-in"), (_sign_in,)),
    "invite_person": Right(
        "security-admin", at(f"{_ONE}/invitation"), (lambda _: {"renew_second_factor": False},)
    ),
    "open_invitation": Right("", at("/v1/invitations/open"), (lambda _: {"login": "invited", "code": CODE},)),
    "accept_invitation": Right("", at("/v1/invitations/accept"), (_accept,)),
    "list_providers": Right("", at("/v1/sign-in/providers")),
    "begin_sign_in": Right("", at("/v1/sign-in/begin"), (lambda _: {"provider": "province"},)),
    "finish_sign_in": Right("", at("/v1/sign-in/finish"), (_finish,)),
    "give_second_factor": Right(
        "", at("/v1/sign-in/second-factor"), (lambda _: {"ticket": "A" * 40, "second_factor": "123456"},)
    ),
    "list_accounts": Right("security-admin", at(f"{_ONE}/accounts")),
    "link_account": Right(
        "security-admin", at(f"{_ONE}/accounts"), (lambda _: {"provider": "province", "subject": "u-7"},)
    ),
    "unlink_account": Right("security-admin", at(f"{_ONE}/accounts/{{session}}")),
    "roster_template": Right("security-admin", at("/v1/roster/template")),
    "export_roster": Right("security-admin", at("/v1/roster/export")),
    "check_roster": Right("security-admin", at("/v1/roster/check"), (_roster,)),
    "import_roster": Right("security-admin", at("/v1/roster/import"), (_roster,)),
    "change_password": Right(
        "requester", at("/v1/password"), (lambda _: {"current": "x", "password": "Wheat-Field-77"},)
    ),
}
