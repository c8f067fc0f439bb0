"""Entries as nodes of a JSON-LD document. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.catalog.description import Description
from gateway.catalog.model import Resource
from gateway.catalog.value_lists import ModeKind, SharingClass, UpdateCycle
from gateway.deadlines import local_day

Node = dict[str, Any]

CONTEXT: Final[Node] = {
    "dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/", "foaf": "http://xmlns.com/foaf/0.1/",
    "skos": "http://www.w3.org/2004/02/skos/core#", "xsd": "http://www.w3.org/2001/XMLSchema#",
    "adms": "http://www.w3.org/ns/adms#", "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
}  # fmt: skip
_AUTHORITY: Final = "http://publications.europa.eu/resource/authority"
_CYCLES: Final = {
    UpdateCycle.REALTIME: "UPDATE_CONT", UpdateCycle.DAILY: "DAILY", UpdateCycle.WEEKLY: "WEEKLY",
    UpdateCycle.MONTHLY: "MONTHLY", UpdateCycle.QUARTERLY: "QUARTERLY", UpdateCycle.HALF_YEARLY: "ANNUAL_2",
    UpdateCycle.YEARLY: "ANNUAL", UpdateCycle.IRREGULAR: "IRREG", UpdateCycle.OTHER: "OTHER",
}  # fmt: skip
"""更新周期 in the frequency list of the EU Publications Office, which DCAT-AP prescribes."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the catalogue is and who keeps it: base address, code and name of the platform's department."""

    base: str
    platform: str
    platform_name: str


def catalog(place: Place, resources: Iterable[Resource], names: Mapping[str, str]) -> Node:
    """A dcat:Catalog with these entries; ``names`` are those of their departments by code."""
    found = list(resources)
    services = [node for one in found if (node := _service(place, one)) is not None]
    return {
        "@context": CONTEXT,
        "@id": f"{place.base}/v1/catalog.jsonld",
        "@type": "dcat:Catalog",
        "dct:title": [
            _zh(f"{place.platform_name}政务信息资源目录"),
            _en("Catalogue of government data resources"),
        ],
        "dct:description": [
            _zh("按发改高技〔2017〕1272号编制的政务信息资源目录"),
            _en("Government data resources"),
        ],
        "dct:publisher": _agent(place, place.platform, place.platform_name),
        "dct:language": _language(),
        "dcat:dataset": [_dataset(place, one, names) for one in found],
        "dcat:service": services,
        "dcat:record": [_record(place, one) for one in found],
    }


def dataset(place: Place, resource: Resource, names: Mapping[str, str]) -> Node:
    """One entry as a document of its own."""
    return {"@context": CONTEXT, **_dataset(place, resource, names)}


def _dataset(place: Place, resource: Resource, names: Mapping[str, str]) -> Node:
    what = resource.description
    node: Node = {
        "@id": _address(place, resource),
        "@type": "dcat:Dataset",
        "dct:identifier": what.code,
        "dct:title": _zh(what.name),
        "dct:description": _zh(what.summary),
        "dct:publisher": _agent(place, resource.provider_org, names[resource.provider_org]),
        "dct:language": _language(),
        "dct:accrualPeriodicity": _typed(
            "dct:Frequency", f"{_AUTHORITY}/frequency/{_CYCLES[what.update_cycle]}"
        ),
        "dct:accessRights": _access(what),
        "dcat:theme": _theme(place, what),
        "dcat:keyword": [_zh(item.title) for item in what.items],
        "dcat:distribution": [_distribution(place, resource)] if resource.is_shared else [],
        "dct:relation": [{"@id": f"urn:gov:resource:{code}"} for code in what.related],
    }
    if resource.published_at is not None:
        node["dct:issued"] = _day(local_day(resource.published_at).isoformat())
    return {name: value for name, value in node.items() if value not in ([], None)}


def _distribution(place: Place, resource: Resource) -> Node:
    what = resource.description
    node: Node = {
        "@id": f"{_address(place, resource)}#distribution",
        "@type": "dcat:Distribution",
        "dct:title": _zh(what.name),
        "dcat:accessURL": _typed("rdfs:Resource", f"{place.base}/v1/resources/{resource.id}/route"),
        "dct:format": {
            "@id": f"{place.base}/v1/formats/{what.format}",
            "@type": "dct:MediaTypeOrExtent",
            "rdfs:label": what.format_type or str(what.format),
        },
        "dct:rights": {"@type": "dct:RightsStatement", "rdfs:label": _zh(what.conditions or "无条件共享")},
    }
    if what.mode is ModeKind.INTERFACE:
        node["dcat:accessService"] = {"@id": _service_address(place, what), "@type": "dcat:DataService"}
    return node


def _service(place: Place, resource: Resource) -> Node | None:
    what = resource.description
    if not resource.is_shared or what.mode is not ModeKind.INTERFACE:
        return None
    return {
        "@id": _service_address(place, what),
        "@type": "dcat:DataService",
        "dct:title": _zh(what.name),
        "dcat:endpointURL": _typed("rdfs:Resource", _service_address(place, what)),
        "dcat:servesDataset": {"@id": _address(place, resource)},
        "dct:accessRights": _access(what),
    }


def _record(place: Place, resource: Resource) -> Node:
    since = resource.published_at or resource.drafted_at
    return {
        "@id": f"{_address(place, resource)}#record",
        "@type": "dcat:CatalogRecord",
        "foaf:primaryTopic": {"@id": _address(place, resource)},
        "dct:modified": _day(local_day(since).isoformat()),
        "dct:conformsTo": _typed("dct:Standard", "http://data.europa.eu/r5r/"),
    }


def _access(what: Description) -> Node:
    if what.open_to_public:
        right = "PUBLIC"
    else:
        right = "NON_PUBLIC" if what.sharing_class is SharingClass.NOT_SHARED else "RESTRICTED"
    return _typed("dct:RightsStatement", f"{_AUTHORITY}/access-right/{right}")


def _theme(place: Place, what: Description) -> Node:
    """The classification down to the lowest level given; its code is what stands before the slash."""
    return {
        "@id": f"{place.base}/v1/themes/{what.code.partition('/')[0]}",
        "@type": "skos:Concept",
        "skos:prefLabel": _zh("/".join(what.classification)),
        "skos:notation": what.code.partition("/")[0],
    }


def _agent(place: Place, code: str, name: str) -> Node:
    return {
        "@id": f"{place.base}/v1/orgs/{code}", "@type": "foaf:Agent", "foaf:name": _zh(name), "dct:identifier": code,
    }  # fmt: skip


def _language() -> Node:
    return _typed("dct:LinguisticSystem", f"{_AUTHORITY}/language/ZHO")


def _address(place: Place, resource: Resource) -> str:
    return f"{place.base}/v1/resources/{resource.id}"


def _service_address(place: Place, what: Description) -> str:
    return f"{place.base}/services/{what.service}"


def _typed(kind: str, address: str) -> Node:
    return {"@id": address, "@type": kind}


def _zh(text: str) -> Node:
    return {"@value": text, "@language": "zh"}


def _en(text: str) -> Node:
    return {"@value": text, "@language": "en"}


def _day(text: str) -> Node:
    return {"@value": text, "@type": "xsd:date"}
