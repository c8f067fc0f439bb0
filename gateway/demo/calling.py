"""Chapter four: the calls. What was granted comes; everything else is refused with a reason and a way on."""

import hashlib
import json
from datetime import datetime, time, timedelta
from time import monotonic
from time import time as unix_now
from typing import Any, Final

from gateway.deadlines import SHANGHAI, Line, local_day
from gateway.demo.api import Answer, ask, expected
from gateway.demo.cast import CALLER, SECURITY_ADMIN
from gateway.demo.departments.civil_affairs import MARRIED
from gateway.demo.departments.data_centre import COLUMNS
from gateway.demo.departments.market import FIRM, FIRM_BESIDE, FIRM_ELSEWHERE
from gateway.demo.forms import CASE, GRANTED_FIRMS, MATTER, QUOTA
from gateway.demo.refusals import refusal_lines
from gateway.demo.resources import BOUNDARIES, DIVISIONS, FIRMS, MARRIAGES, Entry
from gateway.demo.scene import NotYet, Scene
from gateway.demo.step import Chapter, Happened, Step
from gateway.seals.statement import read_statement, verify_statement
from gateway.seals.statement_keys import accepted_keys

_SENT_LESS: Final = Line(
    "the provider sent {sent}; the gateway let out {out}", "提供方给出 {sent}；网关只放行 {out}"
)
_BROKE_AT: Final = 1_000_000
_SURELY_SECONDS: Final = 0.05
_DAY_LEFT_SECONDS: Final = 30
_BATCH_SECONDS: Final = 60
_LOOK_SECONDS: Final = 0.2


def call_file(scene: Scene) -> Happened:
    """The whole table of codes, two of its five columns."""
    answer = scene.call(DIVISIONS, scene.token_for(DIVISIONS))
    return _permitted(answer, DIVISIONS, sorted(COLUMNS))


def call_interface(scene: Scene) -> Happened:
    """One firm of the city; 市场监管局's own journal says what it sent."""
    answer = scene.call(FIRMS, scene.token_for(FIRMS), uscc=FIRM)
    noted = [line for line in scene.world.journal() if line["request_id"] == answer.headers.get("Request-Id")]
    return _permitted(answer, FIRMS, noted[0]["sent"] if noted else [])


def call_table(scene: Scene) -> Happened:
    """Yes or no on one person. The number is personal, so it stands in a body and never in an address.

    This is the first call of a day's quota that is used up two steps further on, so it is not made just before midnight.
    """
    scene.world.ending.sleep(rest_of_a_day_that_ends(datetime.now(SHANGHAI)))
    answer = scene.call(MARRIAGES, scene.token_for(MARRIAGES), _check())
    scene.kept["answer"] = answer
    happened = _permitted(answer, MARRIAGES, [])
    asked = Line(f"about ****{MARRIED[-4:]}, case {CASE}", f"核验 ****{MARRIED[-4:]}，办件 {CASE}")
    return Happened(happened.outcome, CALLER, [asked, *happened.lines], happened.details)


def call_whole_file(scene: Scene) -> Happened:
    """A download that breaks off after its first million bytes and is resumed there; the digest is that of the file."""
    token = scene.token_for(BOUNDARIES)
    first = scene.call(BOUNDARIES, token, more={"Range": f"bytes=0-{_BROKE_AT - 1}"})
    tag = {"If-Range": first.headers.get("ETag", "")}
    rest = scene.call(BOUNDARIES, token, more={"Range": f"bytes={_BROKE_AT}-", **tag})
    whole, sm3 = first.raw + rest.raw, first.headers.get("Repr-Digest-SM3", "")
    good = hashlib.new("sm3", whole).hexdigest() == sm3
    lines = [
        Line(
            f"{len(first.raw)} bytes, then the {len(rest.raw)} missing ones",
            f"先收到 {len(first.raw)} 字节，续传 {len(rest.raw)} 字节",
        ),
        Line(f"SM3 {sm3[:16]}…", f"SM3 校验值 {sm3[:16]}…"),
    ]
    outcome = f"{first.told} and {rest.told}, {len(whole)} bytes, digest {'as told' if good else 'wrong'}"
    return Happened(outcome, CALLER, lines, {"sm3": sm3})


def call_batch(scene: Scene) -> Happened:
    """Two firms as one job; the result waits encrypted, and what it is stands in a manifest under the gateway's seal."""
    rows = {"rows": [{"uscc": FIRM}, {"uscc": FIRM_BESIDE}]}
    ordered = scene.batch(FIRMS, "POST", "", rows).body
    state = _finished(scene, ordered["id"])
    manifest = scene.batch(FIRMS, "GET", f"/{ordered['id']}/manifest").raw
    result = scene.batch(FIRMS, "GET", f"/{ordered['id']}/result").raw
    keys = expected(ask(scene.world.addresses["control"], "GET", "/.well-known/seal-keys.json"), 200)
    statement = read_statement(manifest)
    verify_statement(statement, accepted_keys(keys["keys"]), None)
    told = statement.content["sha256"]
    lines = [
        Line(
            f"accepted, then {state['rows_done']} of {state['rows']} rows asked and done",
            f"任务已受理，{state['rows']} 行完成 {state['rows_done']} 行",
        ),
        Line(f"SHA-256 {told[:16]}…, the gateway's seal is good", f"SHA-256 {told[:16]}…，网关签封核验有效"),
    ]
    digest = "as told" if told == hashlib.sha256(result).hexdigest() else "wrong"
    outcome = f"{state['state']}, {len(result.splitlines())} rows, digest {digest}"
    return Happened(outcome, CALLER, lines, {"manifest": statement.content})


def _finished(scene: Scene, batch: str) -> dict[str, Any]:
    """How the batch stands when it is over. Raises NotYet after a minute."""
    give_up = monotonic() + _BATCH_SECONDS
    while monotonic() < give_up:
        state = scene.batch(FIRMS, "GET", f"/{batch}").body
        if state["state"] not in ("queued", "running", "sealing"):
            return state
        scene.world.ending.sleep(_LOOK_SECONDS)
    raise NotYet("the batch's result")


def call_other_parameter(scene: Scene) -> Happened:
    """A firm of another city: a well-formed value that was not granted."""
    answer = scene.call(FIRMS, scene.token_for(FIRMS), uscc=FIRM_ELSEWHERE)
    asked = Line(
        f"asks for {FIRM_ELSEWHERE}; granted are {GRANTED_FIRMS}…",
        f"查询 {FIRM_ELSEWHERE}；授权只限 {GRANTED_FIRMS}…",
    )
    return _refused(answer, asked)


def call_outside_field(scene: Scene) -> Happened:
    """The spouse's name, which was asked for and not granted."""
    answer = scene.call(
        MARRIAGES, scene.token_for(MARRIAGES), _check() | {"fields": ["married", "spouse_name"]}
    )
    return _refused(answer, Line("asks for spouse_name as well", "另要求返回配偶姓名"))


def use_up_quota(scene: Scene) -> Happened:
    """The permitted call until it is permitted no more; refused calls before it have cost nothing."""
    answers = list[Answer]()
    while len(answers) <= QUOTA and (not answers or answers[-1].status == 200):
        # a token each: one of them lives five seconds, which a busy machine may need for a few calls
        answers.append(scene.call(MARRIAGES, scene.token_for(MARRIAGES), _check()))
    good = sum(answer.status == 200 for answer in answers)
    refused = _refused(answers[-1], Line(f"{good} more calls are permitted", f"再允许 {good} 次"))
    return Happened(f"{good} permitted, then {refused.outcome}", CALLER, refused.lines, refused.details)


def call_revoked(scene: Scene) -> Happened:
    """The authority revokes; the token is still good, the grant is not, from the next call on."""
    token = scene.token_for(MARRIAGES)
    because = {"reason": "核验用途抽查未通过，撤销授权。"}
    grant = scene.act(SECURITY_ADMIN, "POST", f"/v1/grants/{scene.grants[MARRIAGES.key]}/revoke", because)
    answer = scene.call(MARRIAGES, token, _check())
    done = Line(
        f"grant {grant['state']} by {SECURITY_ADMIN.name.en}",
        f"{SECURITY_ADMIN.name.zh}撤销授权：{because['reason']}",
    )
    return _refused(answer, done)


def call_expired(scene: Scene) -> Happened:
    """The token of the beginning, now expired; the grant behind it is still good."""
    token = scene.kept["early token"]
    scene.world.ending.sleep(token.expires_at - unix_now() + _SURELY_SECONDS)
    answer = scene.call(DIVISIONS, token)
    return _refused(answer, Line("the token from the beginning", "使用开头领取的令牌"))


def rest_of_a_day_that_ends(now: datetime) -> float:
    """Seconds to wait so that the next calls count on one day in Asia/Shanghai; 0 unless midnight is near."""
    midnight = datetime.combine(local_day(now) + timedelta(1), time(), SHANGHAI)
    left = (midnight - now).total_seconds()
    return left + _SURELY_SECONDS if left < _DAY_LEFT_SECONDS else 0.0


def _check() -> dict[str, Any]:
    return {
        "parameters": {"id_number": MARRIED},
        "matter": MATTER,
        "case": CASE,
        "operator": "窗口三号（演示）",
    }


def _permitted(answer: Answer, entry: Entry, sent: list[str]) -> Happened:
    records = expected(answer, 200)["records"]
    fields = list(records[0]) if records else []
    more = f", of {len(sent)} fields sent" if sent else ""
    outcome = f"200, {len(records)} records with {','.join(fields)}{more}"
    lines = [_shown(record, entry) for record in records[:2]]
    if sent:
        words = {"sent": ", ".join(sent), "out": ", ".join(fields)}
        lines.append(Line(_SENT_LESS.en.format(**words), _SENT_LESS.zh.format(**words)))
    receipt, left = answer.headers.get("Receipt-Id"), answer.headers.get("Quota-Remaining")
    lines.append(Line(f"receipt {receipt}; {left} calls left today", f"回执 {receipt}，今日余 {left} 次"))
    details = {
        "records": records,
        "sent": sent,
        "receipt": receipt,
        "request": answer.headers.get("Request-Id"),
    }
    return Happened(outcome, CALLER, lines, details)


def _shown(record: dict[str, Any], entry: Entry) -> Line:
    titles = {item["name"]: item["title"] for item in entry.description["items"]}
    told = {name: json.dumps(value, ensure_ascii=False).strip('"') for name, value in record.items()}
    return Line(
        ", ".join(f"{name}={value}" for name, value in told.items()),
        "，".join(f"{titles[name]} {value}" for name, value in told.items()),
    )


def _refused(answer: Answer, asked: Line) -> Happened:
    return Happened(answer.told, CALLER, [asked, *refusal_lines(answer)], {"problem": answer.body})


CHAPTER: Final = Chapter(
    Line("4. The calls", "四、数据调用"),
    (
        Step("call-file", Line("Permitted: the file, only granted columns", "允许：文件，只给授权列"),
             "200, 9 records with code,name, of 5 fields sent", call_file),
        Step("call-interface", Line("Permitted: the interface, only granted fields", "允许：接口，只给授权字段"),
             "200, 1 records with uscc,name,status, of 10 fields sent", call_interface),
        Step("call-table", Line("Permitted: the table, yes or no", "允许：库表，只答是否"), "200, 1 records with married", call_table),
        Step("call-whole-file", Line("Permitted: a file as it is, resumed where it broke off", "允许：整份文件，断点续传"),
             "206 and 206, 3000000 bytes, digest as told", call_whole_file),
        Step("call-batch", Line("Permitted: a batch, fetched with its sealed manifest", "允许：批量交换，附签封清单"),
             "done, 2 rows, digest as told", call_batch),
        Step("call-other-parameter", Line("Refused: another parameter value", "拒绝：管控参数超出授权"),
             "403 parameter-outside-grant", call_other_parameter),
        Step("call-outside-field", Line("Refused: a field outside the grant", "拒绝：字段超出授权"), "403 field-outside-grant",
             call_outside_field),
        Step("call-over-quota", Line("Refused: the day's quota is used up", "拒绝：当日配额用完"),
             f"{QUOTA - 1} permitted, then 429 quota-used-up", use_up_quota),
        Step("call-revoked", Line("Refused: the grant was revoked", "拒绝：授权已撤销"), "403 grant-revoked", call_revoked),
        Step("call-expired", Line("Refused: the token has expired", "拒绝：令牌已过期"), "401 token-refused", call_expired,
             Line("waiting until the token of the beginning expires …", "等待开头领取的令牌到期……")),
    ),
)  # fmt: skip
