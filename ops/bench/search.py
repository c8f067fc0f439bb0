"""Catalogue search at size: pages by words, codes and filters, and counts, in milliseconds.

    python ops/bench/search.py [--resources 100000] [--seconds 15] [--json]

Starts an embedded PostgreSQL on a throw-away directory, fills the catalogue by COPY with names put together from words
departments use, then asks one question after the other through the store, as the control API does: words that are in
a third of all entries, in one of a hundred, in a handful and in none; codes and their beginnings; filters; later pages.
Each kind is asked again and again until its share of the time is over. Printed: p50, p95 and the slowest, per kind.
"""

import argparse
import asyncio
import json
import os
import random
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import asyncpg
from throwaway import throwaway_server

from gateway.catalog.description import Description
from gateway.catalog.finding import Search, Sight
from gateway.catalog.finding.store import count, search
from gateway.catalog.search import terms_of, wording_of
from gateway.settings import Storage
from gateway.storage import Database, Zone, zone_dsn
from gateway.storage.migrate import migrate

KEY = bytes(32)
DEPARTMENTS = 200
SUBJECTS = ("企业", "个人", "不动产", "车辆", "社会保险", "学位", "婚姻", "工程项目", "食品经营", "排污", "医疗机构", "林权", "渔船", "民办学校",
            "特种设备", "危险化学品", "出租汽车", "律师", "社会组织", "宗教场所")  # fmt: skip
ACTS = (
    "登记",
    "许可",
    "备案",
    "处罚",
    "检查",
    "信用评价",
    "年报",
    "变更",
    "注销",
    "抽检结果",
    "公示",
    "核验",
    "缴费",
    "补贴发放",
    "培训",
)
PLACES = ("西峰区", "庆城县", "环县", "华池县", "合水县", "正宁县", "宁县", "镇原县", "市本级", "开发区")
CLASSES = (
    ("基础", "法人"),
    ("主题", "信用体系"),
    ("部门", "市场监管"),
    ("部门", "自然资源"),
    ("部门", "民政"),
)
QUESTIONS: dict[str, list[dict[str, Any]]] = {
    "frequent word": [{"words": ["信息"]}, {"words": ["登记"]}, {"words": ["企业"]}],
    "word in 1 of 100": [{"words": ["渔船登记"]}, {"words": ["律师", "处罚"]}],
    "word in a handful": [{"words": ["镇原县渔船年报"]}, {"words": ["第1077号"]}],
    "frequent signs, no entry": [{"words": ["记登"]}, {"words": ["业企"]}],
    "no such word": [{"words": ["龘龘"]}],
    "code": [{"words": ["307011024701/000077"]}, {"code": "3070110247"}],
    "filters": [{"sharing_class": "conditional"}, {"grade": "important", "format": "service"}, {"open": True}],
    "one department": [{"provider_org": "P"}, {"provider_org": "P", "words": ["登记"]}],
    "word and filters": [{"words": ["登记"], "sharing_class": "not_shared"}, {"words": ["许可"], "grade": "important"}],
}  # fmt: skip


def departments() -> list[str]:
    """Codes with a right check digit are not needed below the API."""
    return [f"1162{number:013}X" for number in range(DEPARTMENTS)]


def rows(resources: int, orgs: list[str]) -> Iterator[tuple[Any, ...]]:
    """Entries as the store would write them."""
    made = random.Random(7)
    for number in range(resources):
        subject, act, place = made.choice(SUBJECTS), made.choice(ACTS), made.choice(PLACES)
        words = (
            f"{place}{subject}{act}",
            made.choice(CLASSES),
            made.choice(("unconditional", "conditional", "conditional")),
        )
        described = _description(number, *words, made)
        state = "published" if made.random() < 0.95 else "draft"
        at = None if state == "draft" else time.gmtime()
        yield (
            UUID(int=number + 1), described.code, described.service, orgs[number * 7919 % len(orgs)],
            described.name, described.sharing_class, described.model_dump_json(),
            terms_of(described, orgs[number * 7919 % len(orgs)]), wording_of(described), state, at,
        )  # fmt: skip


def _description(
    number: int, name: str, level: tuple[str, str], shared: str, made: random.Random
) -> Description:
    kind = made.choice((("service", "interface"), ("database", "table"), ("spreadsheet", "file")))
    titles = made.sample(
        (
            "名称",
            "统一社会信用代码",
            "证件号码",
            "登记日期",
            "有效期",
            "状态",
            "地址",
            "等级",
            "类别",
            "经办机构",
        ),
        8,
    )
    return Description.model_validate({
        "code": f"307011{number // 1000:06}/{number % 1000:06}", "service": f"s{number}",
        "name": f"{name}信息第{number}号", "classification": level, "summary": f"{name}的办理结果，含时间、对象与经办机构",
        "format": kind[0], "mode": kind[1], "sharing_class": shared, "update_cycle": made.choice(("daily", "monthly", "yearly")),
        "conditions": "限依法履职使用" if shared == "conditional" else None,
        "grade": "important" if made.random() < 0.01 else "general", "open_to_public": made.random() < 0.05,
        "items": [{"name": f"f{at}", "title": title, "type": "C"} for at, title in enumerate(titles)],
    })  # fmt: skip


async def fill(owner: str, resources: int) -> None:
    """COPY, then what a running database does by itself in time: VACUUM ANALYZE."""
    connection = await asyncpg.connect(owner)
    await connection.execute("SET synchronous_commit = off")
    await connection.executemany(
        "INSERT INTO identity.org (code, name, region) VALUES ($1, $2, '621000')",
        [(code, f"部门{code[4:]}") for code in departments()],
    )
    await connection.execute(
        "CREATE TEMP TABLE raw (id uuid, code text, service text, org text, name text, sharing text, said text,"
        " terms text[], wording text, state text, published boolean)"
    )
    batch: list[tuple[Any, ...]] = []
    for row in rows(resources, departments()):
        batch.append((*row[:-1], row[-1] is not None))
        if len(batch) == 20_000:
            await connection.copy_records_to_table("raw", records=batch)
            batch.clear()
    await connection.copy_records_to_table("raw", records=batch)
    await connection.execute(
        "INSERT INTO catalog.resource (id, code, service, provider_org, name, sharing_class, description, terms, wording,"
        " state, published_at, drafted_by, event_id, event_digest, version)"
        " SELECT id, code, service, org, name, sharing, said::jsonb, terms, wording, state,"
        " CASE WHEN published THEN now() END, 'bench', id, sha256(''), 1 FROM raw"
    )
    await connection.execute("DROP TABLE raw")
    await connection.execute("VACUUM (ANALYZE) catalog.resource")
    await connection.close()


async def ask(database: Database, seconds: float) -> dict[str, list[float]]:
    """Milliseconds of every answer, by kind of question."""
    org, taken = departments()[3], dict[str, list[float]]()
    sight = Sight(org, False)
    kinds: dict[str, list[dict[str, Any]]] = {
        **QUESTIONS,
        "facets of a word": QUESTIONS["word in 1 of 100"],
        "facets of all": [{}],
    }
    for kind, questions in kinds.items():
        until = time.perf_counter() + seconds / len(kinds)
        spent = taken[kind] = []
        async with database.connection() as connection:
            while time.perf_counter() < until or len(spent) < 5:
                wanted = Search(
                    **{**questions[len(spent) % len(questions)], **_org(questions, len(spent), org)}
                )
                after = None if len(spent) % 3 else f"307011{random.randrange(100):06}/"
                began = time.perf_counter()
                if kind.startswith("facets"):
                    await count(connection, wanted, sight)
                else:
                    await search(connection, wanted, sight, after, 51)
                spent.append((time.perf_counter() - began) * 1000)
        del spent[: min(3, len(spent) // 4)]
    return taken


def _org(questions: list[dict[str, Any]], at: int, org: str) -> dict[str, str]:
    return {"provider_org": org} if "provider_org" in questions[at % len(questions)] else {}


async def measure(owner: str, resources: int, seconds: float) -> dict[str, Any]:
    """Fill, then ask."""
    await migrate(owner, "bench", KEY)
    began = time.perf_counter()
    await fill(owner, resources)
    filled = time.perf_counter() - began
    database = await Database.open(zone_dsn(owner, Zone.CONTROL, "bench", KEY), Storage(), size=1)
    try:
        taken = await ask(database, seconds)
    finally:
        await database.close()
    shown = {kind: _figures(times) for kind, times in taken.items()}
    pages = [one for kind, times in taken.items() if not kind.startswith("facets") for one in times]
    return {"resources": resources, "fill_seconds": filled, "kinds": shown, "pages": _figures(pages)}


def _figures(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "answers": len(ordered),
        "p50_ms": ordered[len(ordered) // 2],
        "p95_ms": ordered[int(len(ordered) * 0.95)],
        "most_ms": ordered[-1],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--resources", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=15, help="time for all questions")
    parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")
    given = parser.parse_args()
    with throwaway_server() as dsn:
        found = asyncio.run(measure(dsn, given.resources, given.seconds))
    if given.as_json:
        print(json.dumps(found))
        return
    print(
        f"{found['resources']} resources, filled in {found['fill_seconds']:.0f} s; load {os.getloadavg()[0]:.1f}"
    )
    for kind, figures in {**found["kinds"], "all pages": found["pages"]}.items():
        line = "  ".join(f"{name} {figures[name]:>7.1f}" for name in ("p50_ms", "p95_ms", "most_ms"))
        print(f"{kind:<26} {figures['answers']:>6} answers  {line}")


if __name__ == "__main__":
    main()
