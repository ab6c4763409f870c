"""Who the instance is: kept in the store, for all orchestrators that share it are one instance."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from orchestrator.store import keys
from orchestrator.store.connection import Client

_SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class InstanceIdentity:
    """`id` is in the labels of all containers; their passwords are derived from `secret`."""

    id: str
    secret: bytes


async def identify(client: Client, proposed_id: str) -> InstanceIdentity:
    """The instance that the store belongs to; the first one to ask makes it."""
    found = await client.hmget(keys.INSTANCE, "id", "secret")
    if None in found:
        await client.hsetnx(keys.INSTANCE, "id", proposed_id)
        await client.hsetnx(keys.INSTANCE, "secret", secrets.token_hex(_SECRET_BYTES))
        found = await client.hmget(keys.INSTANCE, "id", "secret")
    return InstanceIdentity(found[0], found[1].encode())


async def renew(client: Client, new_id: str) -> None:
    """Make the store another instance's, which has nothing to do with the containers of the one it was."""
    await client.hset(keys.INSTANCE, mapping={"id": new_id, "secret": secrets.token_hex(_SECRET_BYTES)})
