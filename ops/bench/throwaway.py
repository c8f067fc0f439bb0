"""A durable PostgreSQL of its own for one measurement."""

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.bench.machine import place


@contextmanager
def throwaway_server(prefix: str = "gxb") -> Iterator[str]:
    """The DSN of an empty embedded server on a temporary folder, gone afterwards, also when the measurement breaks."""
    with place(prefix) as made:
        yield made.dsn
