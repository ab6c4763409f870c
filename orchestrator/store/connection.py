"""How to reach the store."""

from __future__ import annotations

from orchestrator.redis import client
from orchestrator.redis.client import UNAVAILABLE, Client, Full

__all__ = ["UNAVAILABLE", "Client", "Full", "connect", "connect_binary"]


def connect(url: str) -> Client:
    """A client whose answers are text."""
    return client.connect(url)


def connect_binary(url: str) -> Client:
    """A client of the same server whose answers are bytes."""
    return client.connect(url, decode_responses=False)
