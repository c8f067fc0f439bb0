"""How soon a grant that was suspended lets no call through any more, on every process (暂停授权的生效时间).

Suspension and revocation go the same way: a change of the grant that every process hears of. The other way round is waited
for and not measured.
"""

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from urllib.parse import urlsplit

from gateway.bench.exchange.ground import Ground
from gateway.bench.exchange.load import Target, paced

_SECONDS: Final = 10
_RATE: Final = 200
_CONNECTIONS: Final = 16
_GIVE_UP_SECONDS: Final = 10
_PAUSE_SECONDS: Final = 0.002
_SUSPENSION: Final = {
    "ground": "beyond_scope",
    "reason": "测量",
    "evidence": {"text": "测量", "event_ids": []},
}
_REFUSED: Final = 403


def withdrawing(ours: Target, ground: Ground) -> dict[str, Any]:
    """Seconds from the answer to the act of suspension to the first refused call, of two processes under a steady load.

    ``times`` counts the measurements of both; a process that never refused counts with the seconds it was waited for.
    """
    second = ground.add(ground.cores.rest)
    ours.headers = ground.headers()
    urls = [ours.url, ground.url(-1)]
    found: list[float] = []
    with ThreadPoolExecutor(3) as workers:
        load = workers.submit(paced, ours, _RATE, _CONNECTIONS, _SECONDS)
        one = f"/v1/grants/{ground.grant}"
        while not load.done():
            ground.departments.act("gives", "POST", f"{one}/suspend", _SUSPENSION)
            found += workers.map(lambda url: _until(url, ours, _REFUSED), urls)
            ground.departments.act("gives", "POST", f"{one}/resume", {"reason": "测量"})
            list(workers.map(lambda url: _until(url, ours, 200), urls))
    second.stop()
    found.sort()
    at = {
        name: found[min(len(found) - 1, int(len(found) * share))]
        for name, share in (("p50", 0.5), ("p99", 0.99))
    }
    return {"times": len(found), **{f"{name}_seconds": round(value, 4) for name, value in at.items()}}


def _until(url: str, ours: Target, status: int) -> float:
    """Seconds until a call is answered with this status; the longest it is waited for if none is."""
    parts, began = urlsplit(url), time.perf_counter()
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_GIVE_UP_SECONDS)
    try:
        while (waited := time.perf_counter() - began) < _GIVE_UP_SECONDS:
            connection.request("GET", f"{parts.path}?{parts.query}", headers=dict(ours.headers))
            answer = connection.getresponse()
            answer.read()
            if answer.status == status:
                return time.perf_counter() - began
            time.sleep(_PAUSE_SECONDS)
        return waited
    finally:
        connection.close()
