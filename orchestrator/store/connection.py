"""How to reach a Redis, and what it means when we cannot."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, TypeAlias

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import BusyLoadingError, ConnectionError, ReadOnlyError, ResponseError, TimeoutError

Client: TypeAlias = Any
"""A `redis.asyncio.Redis` whose answers are text: its own types say bytes-or-text for every one of them."""

UNAVAILABLE: Final = (ConnectionError, TimeoutError, BusyLoadingError, ReadOnlyError)
"""What the client raises while the server is away, loading, or a replica: worth trying again in a moment."""

_CONNECT_TIMEOUT_S: Final = 5.0


def connect(url: str) -> Client:
    """A client for ``unix:///path`` or ``redis://host:port``, with user and password in the URL where needed.

    It connects at the first command, and again by itself.
    """
    return Redis.from_url(
        url,
        decode_responses=True,
        socket_connect_timeout=_CONNECT_TIMEOUT_S,
        socket_timeout=None,  # with one, the client's wait_for swallows cancellations on Python 3.11
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.02), 3),
        max_connections=1_000,
    )


def connect_binary(url: str) -> Client:
    """A client of the same server whose answers are bytes."""
    return Redis.from_url(url, socket_connect_timeout=_CONNECT_TIMEOUT_S, socket_timeout=None)


def script(name: str) -> str:
    """The text of one of our scripts."""
    return (Path(__file__).parent / "lua" / f"{name}.lua").read_text()


def is_full(error: Exception) -> bool:
    """Whether the server refuses writes because its disk or memory is full."""
    return isinstance(error, ResponseError) and str(error).startswith(("MISCONF", "OOM"))
