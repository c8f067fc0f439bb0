"""JSON shapes of proofs that the log only grew."""

from typing import Annotated

from pydantic import Field

from gateway.audit.tiles.service import Growth
from gateway.web import Model

_Size = Annotated[int, Field(ge=1, le=2**63 - 1)]


class GrowthQuery(Model):
    """Two sizes of the log in records: by default the first record, and the newest checkpoint's."""

    earlier: Annotated[_Size, Field(alias="from")] = 1
    later: Annotated[_Size | None, Field(alias="to")] = None


class GrowthShown(Model):
    """Sizes and roots of an earlier and a later log, and the proof of RFC 9162 section 2.1.4; hashes are hexadecimal."""

    size1: int
    root1: str
    size2: int
    root2: str
    proof: list[str]


def growth_shown(growth: Growth) -> GrowthShown:
    """A proof as JSON, under the names ``./gw audit prove consistency`` takes it by."""
    return GrowthShown(
        size1=growth.earlier,
        root1=growth.earlier_root.hex(),
        size2=growth.later,
        root2=growth.later_root.hex(),
        proof=[one.hex() for one in growth.proof],
    )
