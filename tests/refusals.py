"""A database that refuses audit records of certain kinds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def refusing(database: Any, *kinds: str) -> AsyncIterator[None]:
    """The database refuses records of these kinds until the block ends."""
    owner = await database.owner()
    wanted = " OR ".join(f"convert_from(NEW.events, 'UTF8') LIKE '%\"{kind}\"%'" for kind in kinds)
    await owner.execute(
        f"""
        CREATE FUNCTION public.refuse_event() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {wanted} THEN
                RAISE EXCEPTION 'CANARY: refused by the test';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER refuse_event BEFORE INSERT ON audit.inbox FOR EACH ROW EXECUTE FUNCTION public.refuse_event();
        """  # kinds named by the test
    )
    try:
        yield
    finally:
        await owner.execute("DROP TRIGGER refuse_event ON audit.inbox; DROP FUNCTION public.refuse_event()")
        await owner.close()
