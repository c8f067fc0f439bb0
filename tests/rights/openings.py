"""Recipients outside government."""

from rights import Right, Stage, at

FIRM = "91621002MA0000000G"
BANK = "91110108551385082Q"


def _recipient(_: Stage) -> dict[str, str]:
    return {
        "recipient_org": BANK, "recipient_name": "示例银行", "basis": "《关于……的通知》第四十条",
        "terms": "仅用于贷前核验", "fee_yuan": "1200.50", "fee_basis": "发改价格〔2025〕1号",
    }  # fmt: skip


CASES = {
    "register_recipient": Right("provider", at("/v1/resources/{published}/recipients"), (_recipient,)),
    "declare_equal_terms": Right(
        "provider",
        at("/v1/resources/{published}/equal-terms"),
        (lambda _: {"notice": "2026年第3号公告"},),
    ),
    "list_recipients": Right("provider", at("/v1/recipients")),
    "end_recipient": Right(
        "provider", at("/v1/recipients/{recipient}/end"), (lambda _: {"reason": "合同到期"},)
    ),
    "report_exclusive_openings": Right("provider", at("/v1/exclusive-openings")),
}


async def prepare(stage: Stage) -> None:
    """A firm gets the published resource."""
    path = f"/v1/resources/{stage.ids['published']}/recipients"
    body = {**_recipient(stage), "recipient_org": FIRM}
    stage.ids["recipient"] = (await stage.world.as_("provider", "POST", path, body)).ok()["id"]
