"""Chapter two: the departments list what they hold, say where it is, and the platform publishes it."""

from typing import Final

from gateway.deadlines import Line
from gateway.demo.cast import PLATFORM_ADMIN, REQUESTER
from gateway.demo.departments.data_centre import FILE
from gateway.demo.resources import ADOPTIONS, DIVISIONS, ENTRIES, FIRMS, MARRIAGES, clearance, mounts
from gateway.demo.scene import Scene
from gateway.demo.step import Chapter, Happened, Step

_EDITORS: Final = Line("the providing departments", "各数据提供部门")
_KINDS: Final = {"file": "文件", "folder": "整份文件", "http": "接口", "table": "库表"}
_WORDS: Final = {"区划": DIVISIONS, "企业": FIRMS, "婚姻": MARRIAGES, "收养": ADOPTIONS}


def draft(scene: Scene) -> Happened:
    """Each department drafts its entries."""
    for entry in ENTRIES:
        shown = scene.act(entry.editor, "POST", "/v1/resources", dict(entry.description))
        scene.resources[entry.key] = shown["id"]
    lines = [
        Line(
            f"{entry.service}: {entry.role.en}", f"{entry.description['code']}  {entry.name}：{entry.role.zh}"
        )
        for entry in ENTRIES
    ]
    return Happened(f"{len(ENTRIES)} drafts", _EDITORS, lines, {"resources": dict(scene.resources)})


def mount(scene: Scene) -> Happened:
    """Each shared entry is connected to its source, by each of the three official modes."""
    file = scene.world.folder / "data_centre" / "files" / FILE
    lines = []
    for key, given in mounts(scene.world.sources, file).items():
        entry = next(one for one in ENTRIES if one.key == key)
        scene.act(entry.editor, "PUT", f"/v1/resources/{scene.resources[key]}/mount", {"mount": given})
        of = {"file": "data_centre", "http": "market", "table": "civil_affairs"}.get(given["kind"])
        place = scene.world.sources[of].rpartition("@")[2] if of else given["path"]
        lines.append(
            Line(
                f"{entry.service}: {given['kind']} at {place}",
                f"{entry.name}：{_KINDS[given['kind']]}，{place}",
            )
        )
    return Happened(f"{len(lines)} mounts", _EDITORS, lines)


def clear(scene: Scene) -> Happened:
    """Each entry is assessed and its department's head agrees; without this nothing is published (Art. 13)."""
    for entry in ENTRIES:
        path = f"/v1/resources/{scene.resources[entry.key]}/clearance"
        scene.act(entry.editor, "PUT", path, clearance(entry, scene.today))
    line = Line(
        "confidentiality and personal-information impact assessed, the heads agreed",
        "已作保密风险、个人信息保护影响评估，部门负责人审核同意",
    )
    return Happened(f"{len(ENTRIES)} cleared", _EDITORS, [line])


def publish(scene: Scene) -> Happened:
    """Submitted by the department, published by the platform (Decree 809 Art. 16)."""
    states = []
    for entry in ENTRIES:
        one = f"/v1/resources/{scene.resources[entry.key]}"
        scene.act(entry.editor, "POST", f"{one}/submit")
        states.append(scene.act(PLATFORM_ADMIN, "POST", f"{one}/publish")["state"])
    line = Line("submitted by the departments, published by the platform", "部门提交、平台审核发布")
    return Happened(f"{states.count('published')} published", PLATFORM_ADMIN.name, [line])


def search(scene: Scene) -> Happened:
    """Two-character words, the commonest in Chinese, find their entries."""
    found = {
        word: [
            one["description"]["name"]
            for one in scene.act(REQUESTER, "GET", "/v1/resources", q=word)["items"]
        ]
        for word in _WORDS
    }
    good = all(found[word] == [entry.name] for word, entry in _WORDS.items())
    lines = [Line("", f"{word} → {'、'.join(names) or '—'}") for word, names in found.items()]
    return Happened(
        "each word finds its entry" if good else "not found", REQUESTER.name, lines, {"found": found}
    )


CHAPTER: Final = Chapter(
    Line("2. What there is", "二、编目、挂接、发布"),
    (
        Step("draft-entries", Line("Draft the catalogue entries", "编制目录"), "5 drafts", draft),
        Step("mount-entries", Line("Mount them: file, interface, table", "挂接资源：文件、接口、库表"), "4 mounts", mount),
        Step("clear-entries", Line("Assess; the heads agree", "发布前评估与部门负责人审核"), "5 cleared", clear),
        Step("publish-entries", Line("Submit, review, publish", "提交审核并发布"), "5 published", publish),
        Step("search-two-characters", Line("Search by two-character words", "以两字词检索目录"),
             "each word finds its entry", search),
    ),
)  # fmt: skip
