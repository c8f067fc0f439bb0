"""Batches as a system orders them."""

from dataclasses import dataclass
from typing import Any

from waiting import until
from world import Answer, World

QUICK: dict[str, Any] = {"poll_seconds": 0.02}


@dataclass
class Batch:
    """A batch under a token of its grant; ``base`` is the service's address."""

    world: World
    token: str
    service: str
    id: str = ""

    async def order(self, rows: list[dict[str, str]], **more: Any) -> Answer:
        """Order it; on success it knows its id."""
        answer = await self.world.send("POST", self._url(""), token=self.token, json={"rows": rows, **more})
        if answer.status == 202:
            self.id = answer.body["id"]
        return answer

    async def accepted(self, rows: list[dict[str, str]], **more: Any) -> Any:
        """Order it, expecting it to be taken."""
        answer = await self.order(rows, **more)
        assert answer.status == 202, answer.body
        assert answer.headers["Location"] == f"/services/{self.service}/batches/{self.id}"
        return answer.body

    async def ask(self, method: str = "GET", part: str = "", **more: Any) -> Answer:
        return await self.world.send(method, self._url(f"/{self.id}{part}"), token=self.token, **more)

    async def until(self, *states: str) -> Any:
        """Wait until it stands so; how it stands."""

        async def there() -> Any:
            shown = (await self.ask()).ok()
            return shown if shown["state"] in states else None

        return await until(there)

    async def result(self, **headers: str) -> Answer:
        return await self.ask(
            part="/result", headers={name.replace("_", "-"): value for name, value in headers.items()}
        )

    async def events(self) -> list[dict[str, Any]]:
        """Its records, oldest first."""
        return await self.world.audit(request_id=self.id)

    def _url(self, rest: str) -> str:
        return f"{self.world.exchange}/services/{self.service}/batches{rest}"
