"""Addresses of this room."""

from typing import Final

import orjson

from gateway.catalog.acts import NoSuchResource
from gateway.catalog.dcat.desk import DcatDesk
from gateway.catalog.finding import Search
from gateway.names import ResourceId
from gateway.web import SIGNED_IN, Ask, Document, Page, PageQuery, Reply, Route

JSON_LD: Final = "application/ld+json"
_PATH: Final = "/v1/catalog.jsonld"


async def show_catalog_as_dcat(desk: DcatDesk, ask: Ask[PageQuery]) -> Reply:
    node, shown, more = await desk.page(ask.principal, Search(), ask.after(), ask.given.limit)
    after = shown[-1].description.code if more else None
    page: Page[str] = ask.pager.page_before([], after, ask.list_context)
    link = f'<{_PATH}?limit={ask.given.limit}&cursor={page.next_cursor}>; rel="next"'
    return Reply(Document(orjson.dumps(node), JSON_LD), {"Link": link} if page.next_cursor else {})


async def show_resource_as_dcat(desk: DcatDesk, ask: Ask[None]) -> Reply:
    node = await desk.one(ask.principal, ResourceId(ask.uuid("resource_id")))
    return Reply(Document(orjson.dumps(node), JSON_LD))


ROUTES: Final = [
    Route("GET", _PATH, show_catalog_as_dcat, SIGNED_IN, "The catalogue as DCAT 3; Link has the next page",
          "以 DCAT 3 导出目录，下一页见 Link", "catalog", given=PageQuery, gives=(JSON_LD,)),
    Route("GET", "/v1/resources/{resource_id}/dcat", show_resource_as_dcat, SIGNED_IN, "A resource as DCAT 3",
          "以 DCAT 3 查看信息资源", "catalog", gives=(JSON_LD,), problems=(NoSuchResource,)),
]  # fmt: skip
