"""Right requests of gateway/catalog/sheets, finding and dcat."""

from sheets import form, rows
from world import File

from rights import Right, Stage, at


def _form(_: Stage) -> File:
    return form(rows())


CASES = {
    "catalog_template": Right("requester", at("/v1/catalog/template")),
    "check_sheet": Right("provider", at("/v1/catalog/check"), (_form,)),
    "import_sheet": Right("provider", at("/v1/catalog/import"), (_form,)),
    "export_catalog": Right("requester", at("/v1/catalog/export")),
    "count_resources": Right("requester", at("/v1/resources/facets")),
    "show_catalog_as_dcat": Right("requester", at("/v1/catalog.jsonld")),
    "show_resource_as_dcat": Right("provider", at("/v1/resources/{draft}/dcat")),
}
