"""The catalogue as DCAT 3: what it says of each entry, that DCAT-AP's constraints hold, that pages make a whole."""

import json
from pathlib import Path
from typing import Any

import pytest
from makes import BASIS
from pyshacl import validate
from rdflib import DCAT, RDF, Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, FOAF
from world import PROVIDER, World, another, http_mount

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
"""rdflib's own reader of JSON-LD still uses it."""

SHAPES = Path(__file__).with_name("dcat-ap-3.0.ttl")
MOUNT = http_mount("http://127.0.0.1:9")
FILE = {"kind": "file", "url": "http://127.0.0.1:9/a.csv", "sha256": "0" * 64}
ENTRIES = [
    (another(name="企业登记信息", related=["307011024701/000009"], open_to_public=True), MOUNT),
    (another(name="年报表格", format="spreadsheet", format_type="xlsx", mode="file", parameters=[], update_cycle="yearly",
             sharing_class="conditional", conditions="限统计使用"), FILE),
    (another(name="基础测绘成果", sharing_class="not_shared", not_shared_basis=BASIS), None),
]  # fmt: skip


@pytest.fixture(scope="module")
async def filled(shared_world: World) -> World:
    for what, mount in ENTRIES:
        await shared_world.publish(what, mount)
    (await shared_world.as_("provider", "POST", "/v1/resources", another(name="草稿"))).ok()
    return shared_world


async def read(world: World, path: str, login: str = "requester") -> tuple[Any, Graph]:
    answer = await world.as_(login, "GET", path)
    assert answer.headers["Content-Type"] == "application/ld+json"
    text = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body)
    return answer, Graph().parse(data=text, format="json-ld")


def conforms(graph: Graph) -> str:
    """Empty when the graph keeps to the shapes; else what is wrong."""
    shapes = Graph().parse(SHAPES, format="turtle")
    good, _, text = validate(graph, shacl_graph=shapes, inference="none")
    return "" if good else str(text)


async def test_the_catalogue_keeps_to_dcat_ap(filled: World) -> None:
    _, graph = await read(filled, "/v1/catalog.jsonld")
    assert conforms(graph) == ""
    assert len(list(graph.subjects(RDF.type, DCAT.Dataset))) == 3
    assert len(list(graph.subjects(RDF.type, DCAT.DataService))) == 1
    assert len(list(graph.subjects(RDF.type, DCAT.Distribution))) == 2
    assert {str(name) for name in graph.objects(None, FOAF.name)} >= {"市场监管局"}


async def test_each_entry_says_what_the_catalogue_holds(filled: World) -> None:
    _, graph = await read(filled, "/v1/catalog.jsonld")
    found = {str(graph.value(one, DCTERMS.title)): one for one in graph.subjects(RDF.type, DCAT.Dataset)}
    assert set(found) == {"企业登记信息", "年报表格", "基础测绘成果"}
    authority = "http://publications.europa.eu/resource/authority"
    rights = {name: str(graph.value(one, DCTERMS.accessRights)).removeprefix(f"{authority}/access-right/")
              for name, one in found.items()}  # fmt: skip
    assert rights == {"企业登记信息": "PUBLIC", "年报表格": "RESTRICTED", "基础测绘成果": "NON_PUBLIC"}
    firm = found["企业登记信息"]
    assert graph.value(firm, DCTERMS.identifier) == Literal(ENTRIES[0][0]["code"])
    assert graph.value(firm, DCTERMS.publisher) == URIRef(f"{filled.gateway.issuer}/v1/orgs/{PROVIDER}")
    assert str(graph.value(firm, DCTERMS.accrualPeriodicity)).endswith("/frequency/DAILY")
    assert str(graph.value(found["年报表格"], DCTERMS.accrualPeriodicity)).endswith("/frequency/ANNUAL")
    assert Literal("注册资本", lang="zh") in set(graph.objects(firm, DCAT.keyword))
    assert graph.value(found["基础测绘成果"], DCAT.distribution) is None


async def test_one_entry_keeps_to_dcat_ap_too(filled: World) -> None:
    [item] = (await filled.as_("requester", "GET", f"/v1/resources?code={ENTRIES[1][0]['code']}")).ok()[
        "items"
    ]
    _, graph = await read(filled, f"/v1/resources/{item['id']}/dcat")
    assert conforms(graph) == ""
    assert [str(one) for one in graph.subjects(RDF.type, DCAT.Dataset)] == [
        f"{filled.gateway.issuer}/v1/resources/{item['id']}"
    ]


async def test_pages_lead_to_the_next_and_hold_published_entries_only(filled: World) -> None:
    titles, path = [], "/v1/catalog.jsonld?limit=1"
    while path:
        answer, graph = await read(filled, path, "provider")
        assert conforms(graph) == ""
        titles += [str(graph.value(one, DCTERMS.title)) for one in graph.subjects(RDF.type, DCAT.Dataset)]
        link = answer.headers.get("Link", "")
        path = link.partition("<")[2].partition(">")[0]
        assert not link or link.endswith('; rel="next"')
    assert titles == ["企业登记信息", "年报表格", "基础测绘成果"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"dct:title"', '"dct:x"'),
        ('"dcat:accessURL"', '"dct:x"'),
        ('"foaf:name"', '"dct:x"'),
        ('"dcat:endpointURL"', '"dct:x"'),
        ('"dct:modified"', '"dct:x"'),
        ('"dct:Frequency"', '"dct:Standard"'),
        ('"foaf:Agent"', '"dcat:Resource"'),
    ],
)
async def test_the_shapes_see_what_is_missing(old: str, new: str, filled: World) -> None:
    answer, _ = await read(filled, "/v1/catalog.jsonld")
    text = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
    broken = text.decode().replace(old, new)
    assert conforms(Graph().parse(data=broken, format="json-ld"))
