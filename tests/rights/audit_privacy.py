"""Right requests about personal detail: of the call that tests/rights/attestation.py makes."""

from rights import Right, Stage, at

CASES = {
    "open_personal_detail": Right(
        "auditor", at("/v1/audit/events/{sealed}/openings"), (lambda _: {"reason": "核查投诉 12345"},)
    ),
    "find_subject": Right(
        "auditor",
        at("/v1/audit/subjects"),
        (lambda _: {"kind": "id_number", "number": "11010519491231002X", "reason": "信访核查"},),
    ),
}


async def prepare(stage: Stage) -> None:
    """Find the record of the call's intent, which says under seal who asked."""
    found = await stage.world.audit(request_id=stage.ids["call"], type="call.intended")
    stage.ids["sealed"] = found[0]["id"]
