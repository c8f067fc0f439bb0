"""What a provider answers about licences, to a call as to a row of a batch: each is judged before anything of it is shown."""

from collections.abc import Mapping
from datetime import datetime

from gateway.exchange.admission import check_records
from gateway.exchange.connectors import Connectors
from gateway.exchange.licences import Asked, Licences
from gateway.exchange.plans import Plan
from gateway.exchange.projection import Shown


class Licensed:
    """Reads licences, has them judged, and writes what may be shown of them.

    Args:
        rows_max: of one answer.
    """

    def __init__(self, connectors: Connectors, licences: Licences, rows_max: int) -> None:
        self._connectors = connectors
        self._licences = licences
        self._rows_max = rows_max

    async def answer(
        self, plan: Plan, fields: tuple[str, ...], parameters: Mapping[str, str], asked_as: str, now: datetime
    ) -> Shown:
        """The answer, with granted fields only, masked where the grant says so.

        Args:
            asked_as: the request's id, as the provider sees it.

        Raises:
            Upstream: the provider gave no usable answer.
            GatewayError: the grant does not allow so many records, or a licence is not one that is shown.
        """
        records = await self._connectors.read(plan, parameters, asked_as)
        check_records(plan.grant, len(records))
        asked = Asked(parameters, fields, now)
        chosen = await self._licences.answered(plan.resource, records, asked, self._rows_max)
        return self._connectors.written(plan, fields, chosen)
