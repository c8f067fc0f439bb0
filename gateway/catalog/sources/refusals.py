"""What one source per datum refuses."""

from gateway.catalog.model import Resource
from gateway.catalog.sources import store
from gateway.errors import Conflict, NotFound
from gateway.storage import Connection


class NoSuchElement(NotFound):
    """No entry you may see has an item of this element（没有该数据元，或无权查看）."""


class SecondSource(Conflict):
    """Another department's entry holds the same datum（数据项已有其他部门提供，一数一源）."""

    remedy = (
        "Ask the authority to name the lead source, or mark the item as a copy of the lead source.",
        "请由主管部门明确数源部门，或将该信息项标注为数源副本（第十九条）。",
    )


async def check_single_source(tx: Connection, resource: Resource) -> None:
    """Before an entry is published.

    Raises:
        SecondSource: an item of it is held by another department and not settled; ``clashes`` names each.
    """
    found = await store.clashes(tx, resource.id)
    if not found:
        return
    first_en, first_zh = found[0].words
    raise SecondSource(
        first_en,
        first_zh,
        clashes=[
            {
                "item": one.item,
                "element": one.element,
                "element_id": str(one.element_id),
                "lead_org": one.lead_org,
            }
            for one in found
        ],
    )
