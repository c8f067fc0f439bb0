"""The database: pools per zone, named SQL, migrations, and the embedded PostgreSQL of a one-machine start.

Vocabulary: a *zone* is a part of the gateway with a database login of its own (control, exchange, integrator,
reader); a *power* is a role without login that holds rights; ``powers.sql`` is the only file that grants them.
Invariants: SQL stands in ``queries.sql`` files as static text; migrations only go forward and never change;
every schema belongs to one room.
"""

from gateway.storage.lease import Lease
from gateway.storage.once import IdempotencyKeyReused, Once, claim
from gateway.storage.pool import Connection, Database, Row, RowId, Writes, constraint_of, heed_cancellation
from gateway.storage.queries import Queries
from gateway.storage.zones import Zone, login_of, zone_dsn

__all__ = [
    "Connection",
    "Database",
    "IdempotencyKeyReused",
    "Lease",
    "Once",
    "Queries",
    "Row",
    "RowId",
    "Writes",
    "Zone",
    "claim",
    "constraint_of",
    "heed_cancellation",
    "login_of",
    "zone_dsn",
]
