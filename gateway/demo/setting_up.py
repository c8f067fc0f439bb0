"""Chapter one: departments, people and the application system are registered."""

from typing import Final

from gateway.deadlines import Line
from gateway.demo.cast import (
    ADMINISTRATORS,
    DEPARTMENTS,
    NATURAL_RESOURCES,
    PEOPLE,
    PLATFORM_ADMIN,
    REGION,
    SECURITY_ADMIN,
    SYSTEM,
    SYSTEM_NAME,
)
from gateway.demo.refusals import refusal_lines
from gateway.demo.scene import Scene
from gateway.demo.stamping import register_seals
from gateway.demo.step import Chapter, Happened, Step
from gateway.identity import Role
from gateway.identity.assertion import new_client_key


def sign_in(scene: Scene) -> Happened:
    """Tokens for the three administrators of the first start."""
    scene.sign_in(*ADMINISTRATORS)
    names = Line(
        ", ".join(one.name.en for one in ADMINISTRATORS), "、".join(one.name.zh for one in ADMINISTRATORS)
    )
    return Happened(f"{len(ADMINISTRATORS)} tokens", lines=[names])


def register_departments(scene: Scene) -> Happened:
    """Every department by its 统一社会信用代码."""
    for one in DEPARTMENTS:
        given = {"code": one.code, "name": one.name.zh, "region": REGION}
        scene.act(PLATFORM_ADMIN, "POST", "/v1/orgs", given)
    lines = [Line(one.name.en, f"{one.code}  {one.name.zh}") for one in DEPARTMENTS]
    return Happened(f"{len(DEPARTMENTS)} departments", PLATFORM_ADMIN.name, lines)


def register_people(scene: Scene) -> Happened:
    """The people of the departments with their roles, and a token for each."""
    for one in PEOPLE:
        org = one.department.code if one.department else ""
        given = {"login": one.login, "name": one.name.zh, "org": org, "roles": list(one.roles)}
        scene.act(SECURITY_ADMIN, "POST", "/v1/people", given)
    scene.sign_in(*PEOPLE)
    lines = [Line(f"{one.name.en} ({', '.join(one.roles)})", f"{one.login}  {one.name.zh}") for one in PEOPLE]
    return Happened(f"{len(PEOPLE)} people", SECURITY_ADMIN.name, lines)


def keep_powers_apart(scene: Scene) -> Happened:
    """Nobody holds two of the three separated powers (三权分立)."""
    given = {
        "login": "two-powers",
        "name": "兼任两权者",
        "org": NATURAL_RESOURCES.code,
        "roles": [Role.SECURITY_ADMIN, Role.AUDITOR],
    }
    answer = scene.control(SECURITY_ADMIN, "POST", "/v1/people", given)
    return Happened(answer.told, SECURITY_ADMIN.name, refusal_lines(answer), {"problem": answer.body})


def register_system(scene: Scene) -> Happened:
    """The registration system makes its key pair and only the public part is registered."""
    given = {
        "id": SYSTEM,
        "name": SYSTEM_NAME,
        "org": NATURAL_RESOURCES.code,
        "keys": [new_client_key(scene.key_file)],
    }
    shown = scene.act(SECURITY_ADMIN, "POST", "/v1/clients", given)
    line = Line(
        f"{SYSTEM}, public key {shown['keys'][0]['kid']}; the private key stays with the system",
        f"{SYSTEM}（{SYSTEM_NAME}），公钥 {shown['keys'][0]['kid']}，私钥只在系统自己手中",
    )
    return Happened("registered", SECURITY_ADMIN.name, [line], {"client": SYSTEM})


CHAPTER: Final = Chapter(
    Line("1. Who is who", "一、登记部门、人员和系统"),
    (
        Step("sign-in", Line("The administrators sign in on the box", "三员登录"), "3 tokens", sign_in),
        Step("register-departments", Line("Register the departments", "登记部门"), "4 departments",
             register_departments),
        Step("register-people", Line("Register people and their roles", "登记人员及角色"), "4 people",
             register_people),
        Step("keep-powers-apart", Line("One person may not hold two of the separated powers", "三权分立：一人不得兼任两权"),
             "409 powers-not-separated", keep_powers_apart),
        Step("register-seals", Line("Register the departments' electronic seals", "登记部门电子印章"), "2 seals", register_seals),
        Step("register-system", Line("Register the application system", "登记应用系统"), "registered", register_system),
    ),
)  # fmt: skip
