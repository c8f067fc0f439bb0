"""What is printed when the story is over and the gateway stays up: addresses, tokens, and three lines to try."""

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from gateway.demo.cast import ADMINISTRATORS, PEOPLE, REQUESTER, SYSTEM
from gateway.demo.departments.market import FIRM, FIRM_ELSEWHERE
from gateway.demo.resources import FIRMS
from gateway.demo.scene import Scene

_CHECKOUT = Path(__file__).resolve().parents[2]
_CURL = "curl -sS --noproxy 127.0.0.1"  # a proxy of the office's would be asked for its own 127.0.0.1


@dataclass(frozen=True, slots=True)
class Try:
    """A line for a shell, and what it shows."""

    en: str
    zh: str
    line: str


def lines_to_try(scene: Scene) -> list[Try]:
    """Three ``curl`` lines that work as they are, from any directory."""
    at, person, system = scene.world.addresses, person_token(scene, REQUESTER.login), system_token(scene)
    called = f"{at['exchange']}/services/{FIRMS.service}?uscc="
    return [
        Try("search the catalogue", "检索目录",
            f"{_CURL} -G {at['control']}/v1/resources --data-urlencode 'q=婚姻' -H \"Authorization: Bearer $({person})\""),
        Try("a permitted call: three fields of ten", "允许的调用：十个字段只给三个",
            f"{_CURL} '{called}{FIRM}' -H \"Authorization: Bearer $({system})\""),
        Try("a firm of another city: refused, with what to do", "查询外市企业：被拒绝，并说明怎么办",
            f"{_CURL} '{called}{FIRM_ELSEWHERE}' -H \"Authorization: Bearer $({system})\""),
    ]  # fmt: skip


def person_token(scene: Scene, login: str) -> str:
    """The command that prints a person's token."""
    return f"{_gw()} token --as {login} --data-dir {_place(scene)}"


def system_token(scene: Scene) -> str:
    """The command that prints the registration system's token for the firms' service."""
    key = shlex.quote(str(scene.key_file))
    return f"{_gw()} token --client {SYSTEM} --key {key} --service {FIRMS.service} --data-dir {_place(scene)}"


def invitation(scene: Scene) -> str:
    """All of it, for a person."""
    at = scene.world.addresses
    logins = ", ".join(one.login for one in (*ADMINISTRATORS, *PEOPLE))
    tries = "\n\n".join(f"  # {one.zh} · {one.en}\n  {one.line}" for one in lines_to_try(scene))
    return f"""
网关继续运行，Ctrl-C 结束并清除全部数据。 The gateway stays up; Ctrl-C ends it and removes everything.
  calls      (数据调用)  {at["exchange"]}/services/<service>
  control    (管理接口)  {at["control"]}   description: {at["control"]}/openapi.json
  operations (运行监测)  {at["operations"]}/metrics /healthz /readyz
  data       (数据目录)  {scene.world.installation.data_dir}

取令牌 How to get a token, in another terminal:
  # 人员 a person: {logins}
  {person_token(scene, "auditor")}
  # 应用系统 an application system
  {system_token(scene)}

试一试 Three lines to try:
{tries}
"""


def _gw() -> str:
    """The launcher of this checkout where we run from it, else the same Python."""
    launcher = _CHECKOUT / "gw"
    if launcher.exists() and Path(sys.prefix) == _CHECKOUT / ".venv":
        return shlex.quote(str(launcher))
    return f"{shlex.quote(sys.executable)} -P -m gateway"


def _place(scene: Scene) -> str:
    return shlex.quote(str(scene.world.installation.data_dir))
