"""How to reach the store."""

from __future__ import annotations

from typing import Final

from orchestrator.redis import client
from orchestrator.redis.client import UNAVAILABLE, Client, Full

__all__ = ["UNAVAILABLE", "Client", "Full", "connect", "connect_binary", "connect_for_many"]

_SHARED: Final = 64
_TURN_S: Final = 10.0


def connect(url: str) -> Client:
    """A client whose answers are text."""
    return client.connect(url)


def connect_binary(url: str) -> Client:
    """A client of the same server whose answers are bytes."""
    return client.connect(url, decode_responses=False)


def connect_for_many(url: str) -> Client:
    """A client whose answers are text, for more who ask than there can be connections: each waits for its turn, 10 s at most."""
    return client.connect_few(url, max_connections=_SHARED, wait_s=_TURN_S)
