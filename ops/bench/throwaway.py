"""A durable PostgreSQL of its own for one measurement."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.storage.embedded import EmbeddedPostgres


@contextmanager
def throwaway_server(prefix: str = "gxb") -> Iterator[str]:
    """The DSN of an empty embedded server on a temporary folder, gone afterwards, also when the measurement breaks."""
    with tempfile.TemporaryDirectory(prefix=prefix) as path:
        folder = Path(path)
        folder.chmod(0o711)  # started by root, the server runs as nobody and must reach its folder
        with EmbeddedPostgres(folder / "pg") as server:
            yield server.dsn()
