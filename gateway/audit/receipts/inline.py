"""Receipts for who just wrote the record: the bytes are at hand, the log gives only the place and the hashes."""

import asyncio
import base64
from typing import Final

from gateway.audit.model import Written
from gateway.audit.receipts import store
from gateway.audit.receipts.making import receipt_of
from gateway.audit.record import columns_of, stub_at
from gateway.errors import GatewayError
from gateway.storage import Database
from gateway.telemetry import get_logger

HEADER: Final = "Audit-Receipt"
_WAIT_SECONDS: Final = 1.0
_LOOK_SECONDS: Final = 0.02
_MOST_BYTES: Final = 7000  # of a header, which many clients take up to 8 KB of
_log = get_logger()


class InlineReceipts:
    """Receipts as a header of the answer itself.

    Args:
        database: of a zone that may read places and hashes.
        witnessed: whether receipts wait for a quorum of witnesses.
    """

    def __init__(self, database: Database, *, witnessed: bool) -> None:
        self._database = database
        self._witnessed = witnessed

    async def headers(self, written: Written) -> dict[str, str]:
        """``Audit-Receipt`` with the receipt in base64, once it is signed; without it where that takes more than a second.

        The call is over by then, so nothing that fails here may refuse it: the receipt can be had later by its id.
        """
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                encoded = base64.b64encode(await self._ready(written)).decode()
        except (TimeoutError, GatewayError) as fault:
            _log.warning("audit.receipt.not_inline", event_id=str(written.event_id), why=str(fault))
            return {}
        return (
            {HEADER: encoded, "Preference-Applied": "receipt=inline"} if len(encoded) <= _MOST_BYTES else {}
        )

    async def _ready(self, written: Written) -> bytes:
        while True:
            receipt = await self.made(written)
            if receipt is not None:
                return receipt
            await asyncio.sleep(_LOOK_SECONDS)

    async def made(self, written: Written) -> bytes | None:
        """The receipt of a record of this process; None while it is not signed.

        Raises:
            ReceiptBroken, TilesMissing, DatabaseDown.
        """
        async with self._database.connection() as connection:
            place = await store.place_of(connection, written.event_id)
            if place is None:
                return None
            columns = columns_of(written.event)
            stub = stub_at(place.idx, place.recorded_at, columns, place.cseq, place.pseq, written.event)
            return await receipt_of(connection, place.idx, stub, written.event, witnessed=self._witnessed)
