"""Who talks to the Redis of an instance, by how many connections."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from orchestrator.app.redis_servers import Servers
from orchestrator.channel import shared
from orchestrator.store.connection import Client, connect, connect_binary, connect_for_many


@dataclass(frozen=True, slots=True)
class Clients:
    """Clients of the store, with answers as text and as bytes, and of the channel where that is a Redis.

    What the API is asked uses connections of its own, `api`: however many ask, the scheduler's are left.
    """

    store: Client
    binary: Client
    api: Client
    channel: Client | None


async def connected(servers: Servers, stack: contextlib.AsyncExitStack) -> Clients:
    """The clients; `stack` closes them."""
    channel = shared.connect(servers.shared_channel.url) if servers.shared_channel else None
    store_url = servers.store_url
    clients = Clients(connect(store_url), connect_binary(store_url), connect_for_many(store_url), channel)
    for client in filter(None, (clients.store, clients.binary, clients.api, clients.channel)):
        stack.push_async_callback(client.aclose)
    return clients
