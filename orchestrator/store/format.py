"""Which form the stored data has: what an earlier release wrote is brought up to date, what a later one wrote is let alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from orchestrator import __version__
from orchestrator.store import keys
from orchestrator.store.connection import Client

Migration = Callable[[Client], Awaitable[None]]
"""Brings a store from one form to the next; safe to repeat, for it may be cut short."""

MIGRATIONS: Final[tuple[Migration, ...]] = ()
"""In order: the first leads from form 1 to form 2. Form 1 is all that was written before forms had numbers."""


class Newer(RuntimeError):  # noqa: N818
    """A later release has written the store; the message names it."""


async def bring_up_to_date(client: Client, migrations: Sequence[Migration] = MIGRATIONS) -> int:
    """How many migrations there were to do. Raises Newer, and changes nothing then."""
    ours = 1 + len(migrations)
    form, release = await client.hmget(keys.INSTANCE, "format", "release")
    found = int(form or 1)
    if found > ours:
        raise Newer(
            f"the store was written by orchestrator {release} in form {found}, and {__version__} knows forms up to {ours}: "
            f"start {release} or later, or restore a backup that was made before"
        )
    for number, migrate in enumerate(migrations[found - 1 :], start=found + 1):
        await migrate(client)
        await client.hset(keys.INSTANCE, "format", number)
    await client.hset(keys.INSTANCE, mapping={"format": ours, "release": __version__})
    return ours - found
