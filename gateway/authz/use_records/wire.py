"""JSON shapes of use records and disposals."""

from datetime import datetime
from uuid import UUID

from gateway.authz.use_records.model import Disposal, Method, UseRecord
from gateway.authz.use_records.service import Account, Pack
from gateway.web import Day, Line, Model, Note


class Use(Model):
    """What was done with the data in a period (Decree 809 Art. 29)."""

    begins: Day
    ends: Day
    scene: Note
    """使用场景."""
    process: Note
    """使用过程."""
    effect: Note
    """应用成效."""
    storage: Note
    """存储情况: where copies lie, or that none is kept."""

    def account(self) -> Account:
        """As the service takes it."""
        return Account(self.begins, self.ends, self.scene, self.process, self.effect, self.storage)


class Disposing(Model):
    """How the data was disposed of."""

    method: Method
    account: Note
    """What was done, with which copies; for ``kept_by_law`` the law."""
    disposed_on: Day
    witness: Line
    """监销人."""


class UseShown(Model):
    """A use record; ``keep_until`` is the last day it must be kept."""

    id: UUID
    grant_id: UUID
    begins: Day
    ends: Day
    scene: str
    process: str
    effect: str
    storage: str
    recorded_by: str
    recorded_at: datetime
    keep_until: Day
    audit_id: UUID

    @classmethod
    def of(cls, one: UseRecord) -> "UseShown":
        own = {name: getattr(one, name) for name in cls.model_fields if name != "audit_id"}
        return cls(**own, audit_id=one.event_id)


class DisposalShown(Model):
    """A disposal."""

    id: UUID
    grant_id: UUID
    method: Method
    account: str
    disposed_on: Day
    witness: str
    recorded_by: str
    recorded_at: datetime
    keep_until: Day
    audit_id: UUID

    @classmethod
    def of(cls, one: Disposal) -> "DisposalShown":
        own = {name: getattr(one, name) for name in cls.model_fields if name != "audit_id"}
        return cls(**own, audit_id=one.event_id)


class PackShown(Model):
    """All that is on record of the use of one grant."""

    uses: list[UseShown]
    disposals: list[DisposalShown]

    @classmethod
    def of(cls, pack: Pack) -> "PackShown":
        uses = [UseShown.of(one) for one in pack.uses]
        return cls(uses=uses, disposals=[DisposalShown.of(one) for one in pack.disposals])
