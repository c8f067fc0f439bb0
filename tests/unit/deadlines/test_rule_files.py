"""Rule sets are data: what ships, what a new file adds, and what is refused."""

from datetime import date
from pathlib import Path

import pytest

from gateway.deadlines import (
    Actor,
    BadRuleSet,
    Event,
    Extension,
    Level,
    PauseReason,
    RuleSet,
    Subject,
    WorkingDays,
    clocks_for,
    load_rule_sets,
    rule_sets_in_force,
)
from gateway.deadlines.regions import significant

GAOPING = """
id = "gp2024"
level = "county"
region = "140581"
effective_from = 2024-01-01
effective_to = 2025-12-31
title = "Gaoping 2024"
title_zh = "高平市政务数据共享时限"
source = "高平 2024"

[[clocks]]
id = "check"
title = "Compliance check"
title_zh = "合规性审查"
start = ["filed"]
stop = ["reviewed"]
actor = "platform"
limit_days = 2
day_type = "working"
article = "第十条"
"""

ANSWERS = """
[[clocks]]
id = "answer_published"
title = "Reply, data on the platform"
title_zh = "平台已发布数据的答复"
start = ["accepted"]
stop = ["decided"]
actor = "provider"
limit_days = 5
day_type = "working"
traits = ["published"]
article = "第十条"

[[clocks]]
id = "answer_unpublished"
title = "Reply, data not yet on the platform"
title_zh = "平台未发布数据的答复"
start = ["accepted"]
stop = ["decided"]
actor = "provider"
limit_days = 10
day_type = "working"
traits = ["unpublished"]
pauses = ["supplement", "meeting"]
article = "第十条"

[clocks.extension]
most_days = 2.5
consents = "platform"
"""


def test_the_two_shipped_sets_hold_their_clocks(rule_sets: tuple[RuleSet, ...]) -> None:
    held = {rule.id: (rule.actor, rule.limit.count) for each in rule_sets for rule in each.clocks}
    assert held == {
        "qy132.review": (Actor.PLATFORM, 3),
        "qy132.provide": (Actor.PLATFORM, 3),
        "qy132.approve": (Actor.PROVIDER, 10),
        "tl809.reply_uncond": (Actor.PROVIDER, 1),
        "tl809.reply_cond": (Actor.PROVIDER, 10),
        "tl809.share": (Actor.PROVIDER, 20),
        "tl809.correct": (Actor.PROVIDER, 10),
        "tl809.cat_update": (Actor.PROVIDER, 10),
        "tl809.cat_review": (Actor.PLATFORM, 2),
        "local.negotiate": (Actor.PROVIDER, 10),
        "local.coordinate": (Actor.PLATFORM, 10),
        "local.decide": (Actor.GOVERNMENT, 20),
        "local.complaint": (Actor.PROVIDER, 15),
    }
    assert [(each.id, each.level, each.region) for each in rule_sets] == [
        ("local", Level.LOCAL, "000000"),
        ("qy132", Level.CITY, "621000"),
        ("tl809", Level.NATIONAL, "000000"),
    ]


@pytest.mark.parametrize(
    ("on", "region", "expected"),
    [
        (date(2018, 10, 18), "621000", []),
        (date(2018, 10, 19), "621000", ["qy132"]),
        (date(2025, 7, 31), "621021", ["qy132"]),
        (date(2025, 8, 1), "621021", ["qy132", "tl809"]),
        (date(2026, 11, 20), "620100", ["tl809"]),
        (date(2026, 11, 20), "620000", ["tl809"]),
        (date(2026, 11, 20), "140581", ["tl809"]),
    ],
)
def test_an_application_keeps_the_sets_in_force_where_and_when_it_was_filed(
    rule_sets: tuple[RuleSet, ...], on: date, region: str, expected: list[str]
) -> None:
    assert [each.id for each in rule_sets_in_force(rule_sets, on, region)] == expected


@pytest.mark.parametrize(
    ("route", "sharing_class", "expected"),
    [
        ("direct", "unconditional", {"qy132.review", "qy132.provide", "tl809.reply_uncond", "tl809.share"}),
        (
            "department",
            "unconditional",
            {"qy132.review", "qy132.approve", "tl809.reply_uncond", "tl809.share"},
        ),
        ("department", "conditional", {"qy132.review", "qy132.approve", "tl809.reply_cond", "tl809.share"}),
    ],
)
def test_route_and_sharing_class_choose_the_clocks(
    rule_sets: tuple[RuleSet, ...], route: str, sharing_class: str, expected: set[str]
) -> None:
    assert {rule.id for rule in clocks_for(rule_sets, route, sharing_class)} == expected


def test_a_third_rule_set_works_as_soon_as_its_file_is_there(rules: Path) -> None:
    (rules / "gp2024.toml").write_text(GAOPING, encoding="utf-8")
    in_force = rule_sets_in_force(load_rule_sets(rules), date(2025, 12, 31), "140581")
    assert [each.id for each in in_force] == ["gp2024", "tl809"]
    check = clocks_for(in_force, "department", "conditional")[0]
    assert (check.id, check.limit, check.stop) == (
        "gp2024.check",
        WorkingDays(2),
        frozenset({Event.REVIEWED}),
    )
    assert [each.id for each in rule_sets_in_force(load_rule_sets(rules), date(2026, 1, 1), "140581")] == [
        "tl809"
    ]


def test_a_rule_may_ask_for_a_trait_of_the_case_for_half_days_and_for_pauses(rules: Path) -> None:
    (rules / "gp2024.toml").write_text(GAOPING + ANSWERS, encoding="utf-8")
    sets = rule_sets_in_force(load_rule_sets(rules), date(2025, 7, 31), "140581")
    limits = {
        trait: {rule.id: rule.limit.count for rule in clocks_for(sets, "department", traits=[trait])}
        for trait in ("published", "unpublished")
    }
    assert limits == {
        "published": {"gp2024.check": 2, "gp2024.answer_published": 5},
        "unpublished": {"gp2024.check": 2, "gp2024.answer_unpublished": 10},
    }
    rule = clocks_for(sets, traits=["unpublished"])[-1]
    assert rule.extension == Extension(WorkingDays(2.5), Actor.PLATFORM, tells_requester=False)
    assert (rule.halves, rule.pauses) == (True, {PauseReason.SUPPLEMENT, PauseReason.MEETING})


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (Subject.CATALOGUE, ["tl809.cat_update", "tl809.cat_review"]),
        (Subject.CORRECTION, ["tl809.correct"]),
        (Subject.DISPUTE, ["local.negotiate", "local.coordinate", "local.decide"]),
    ],
)
def test_every_kind_of_case_has_its_own_clocks(
    rule_sets: tuple[RuleSet, ...], subject: Subject, expected: list[str]
) -> None:
    in_force = rule_sets_in_force(rule_sets, date(2026, 11, 20), "621000", subject)
    assert [rule.id for rule in clocks_for(in_force, subject=subject)] == expected
    assert {each.id for each in in_force} == {rule.partition(".")[0] for rule in expected}


def test_the_extensions_of_the_regulations_are_data(rule_sets: tuple[RuleSet, ...]) -> None:
    found = {rule.id: rule.extension for each in rule_sets for rule in each.clocks if rule.extension}
    reply = Extension(WorkingDays(10), Actor.PLATFORM, tells_requester=True)
    assert found == {
        "tl809.reply_uncond": reply,
        "tl809.reply_cond": reply,
        "tl809.cat_update": Extension(WorkingDays(5), Actor.PLATFORM, tells_requester=False),
    }
    assert not any(rule.pauses for each in rule_sets for rule in each.clocks)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "gp2024"', 'id = "gp2025"', "id gp2025 is not the file's name"),
        ('level = "county"', 'level = "city"', "region 140581 is of level county"),
        ('level = "county"', 'level = "village"', "level: Input should be"),
        ('region = "140581"', 'region = "14"', "region: String should match"),
        ("effective_to = 2025-12-31", "effective_to = 2023-12-31", "effective_to is before"),
        ("effective_from = 2024-01-01", "", "effective_from: Field required"),
        ('source = "高平 2024"', 'sauce = "高平 2024"', "sauce: Extra inputs"),
        ('start = ["filed"]', 'start = ["field"]', "clocks.0.start.0: Input should be"),
        ('stop = ["reviewed"]', "stop = []", "clocks.0.stop: "),
        ('actor = "platform"', 'actor = "mayor"', "clocks.0.actor: "),
        ("limit_days = 2", "limit_days = -2", "clocks.0.limit_days"),
        ("limit_days = 2", "limit_days = 0.4", "clocks.0.limit_days"),
        ('day_type = "working"', 'day_type = "natural"', "clocks.0.day_type: "),
        ('day_type = "working"', 'day_type = "working"\nroutes = ["post"]', "clocks.0.routes.0: "),
        ('day_type = "working"', 'day_type = "working"\nclasses = ["not_shared"]', "clocks.0.classes.0: "),
        ("limit_days = 2", "limit_days = true", "clocks.0.limit_days"),
        ("limit_days = 2", "", "either limit_days or limit_hours"),
        ("limit_days = 2", "limit_days = 2\nlimit_hours = 24", "either limit_days or limit_hours"),
        ('day_type = "working"', "", "day_type belongs to limit_days"),
        (
            'day_type = "working"',
            'day_type = "working"\nsubject = "dispute"',
            "no events of .* dispute: filed",
        ),
        ('day_type = "working"', 'day_type = "working"\npauses = ["holiday"]', "clocks.0.pauses.0"),
        ('day_type = "working"', 'day_type = "working"\nextension = {most_days = 0}', "extension.most_days"),
        (
            'start = ["filed"]\nstop = ["reviewed"]',
            'start = ["received"]\nstop = ["closed"]\nsubject = "correction"\nroutes = ["direct"]',
            "routes and classes belong to applications",
        ),
        (
            'limit_days = 2\nday_type = "working"',
            "limit_hours = 24\nextension = {most_days = 1}",
            "a limit in hours cannot be extended by days",
        ),
        ("[[clocks]]", "[[clocks]", "cannot be read: "),
        (GAOPING[GAOPING.index("[[") :], "clocks = []", "clocks: Tuple should have at least 1"),
        (GAOPING[GAOPING.index("[[") :], GAOPING[GAOPING.index("[[") :] * 2, "two clocks have the same id"),
    ],
)
def test_a_spoiled_rule_set_is_refused_by_file_and_place(rules: Path, old: str, new: str, said: str) -> None:
    assert old in GAOPING
    (rules / "gp2024.toml").write_text(GAOPING.replace(old, new), encoding="utf-8")
    with pytest.raises(BadRuleSet, match=rf"gp2024\.toml: .*{said}"):
        load_rule_sets(rules)


def test_a_folder_without_rule_sets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRuleSet, match="no rule set"):
        load_rule_sets(tmp_path)


@pytest.mark.parametrize(
    ("region", "expected"),
    [("000000", ""), ("620000", "62"), ("621000", "6210"), ("621021", "621021"), ("110100", "1101")],
)
def test_trailing_zero_pairs_of_a_region_code_are_not_significant(region: str, expected: str) -> None:
    assert significant(region) == expected
