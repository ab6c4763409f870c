"""Clients of a Redis, and what it means when one cannot do what is asked."""

from __future__ import annotations

import asyncio
import builtins
import socket
from typing import Any, Final, TypeAlias

from hiredis import pack_command
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection, DefaultParser
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import (
    BusyLoadingError,
    ConnectionError,
    NoScriptError,
    ReadOnlyError,
    ResponseError,
    TimeoutError,
)

from orchestrator.redis.trunk import Trunk

Client: TypeAlias = Any
"""A `redis.asyncio.Redis` whose answers are text: its own types say bytes-or-text for every one of them."""

_CONNECT_TIMEOUT_S: Final = 5.0
_OVER_TCP: Final[dict[str, Any]] = {
    "socket_keepalive": True,
    "socket_keepalive_options": {
        socket.TCP_KEEPIDLE: 5,
        socket.TCP_KEEPINTVL: 5,
        socket.TCP_KEEPCNT: 3,
        socket.TCP_USER_TIMEOUT: 20_000,
    },
}
"""A server whose host is gone says nothing: after 20 s the connection ends."""


class Full(ResponseError):  # noqa: N818
    """The server takes no writes, for its disk or its memory is full; the message is its own. Reads go on."""

    def __str__(self) -> str:
        """Without the place in the script that met it."""
        return super().__str__().partition(" script: ")[0]


UNAVAILABLE: Final = (ConnectionError, TimeoutError, BusyLoadingError, ReadOnlyError, NoScriptError, Full)
"""What a client raises while the server is away, loading, full, or a replica: worth trying again in a moment.

The client loads a script that the server does not know; so it is missing only when the server was started again in between.
"""


_CARRIED: Final = frozenset(
    {"EVALSHA", "GET", "HGET", "HGETALL", "HMGET", "SMEMBERS", "XADD", "ZRANGE", "ZRANGEBYSCORE"}
)
"""What every run asks: it waits for nothing, its answer is short, and any connection will do."""


class _Parser(DefaultParser):  # type: ignore[misc, valid-type]
    EXCEPTION_CLASSES: Final = {**DefaultParser.EXCEPTION_CLASSES, "MISCONF": Full, "OOM": Full}


def _packing_faster(connection: type[AbstractConnection]) -> type[AbstractConnection]:
    """The same, but that commands are written by hiredis: in Python a script's forty arguments take a tenth of a millisecond."""

    class Packing(connection):  # type: ignore[misc, valid-type]
        def pack_command(self, *args: Any) -> list[bytes]:
            words = args[0].split() if " " in args[0] else args[:1]  # "CLIENT SETNAME" is two
            return [pack_command((*words, *args[1:]))]

    return Packing


class _Client(Redis):
    """Sends what every run asks on one connection, and the rest as redis-py does."""

    def __init__(self, pool: ConnectionPool) -> None:
        super().__init__(connection_pool=pool)
        self.auto_close_connection_pool = True
        self._trunk = Trunk(pool)
        self._retry: Retry = pool.connection_kwargs["retry"]

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """The answer, as redis-py makes it of the server's."""
        if args[0] not in _CARRIED:
            return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        answer = await self._retry.call_with_retry(lambda: self._trunk.ask(*args), _try_again)
        shape = self.response_callbacks.get(args[0])
        options.pop("keys", None)  # for a cache that there is not
        return shape(answer, **options) if shape else answer

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        """End all connections."""
        await self._trunk.close()
        await super().aclose(close_connection_pool)


async def _try_again(error: Exception) -> None:
    """The trunk connects by itself."""


def connect(
    url: str,
    *,
    retries: int = 3,
    max_connections: int = 1_000,
    pool: type[ConnectionPool] = ConnectionPool,
    **options: Any,
) -> Client:
    """A client for ``unix:///path`` or ``redis://host:port``, with user and password in the URL where needed.

    It connects at the first command, and again by itself. A command whose answer was lost is sent again up to `retries` times.
    """
    connections = pool.from_url(
        url,
        parser_class=_Parser,
        socket_connect_timeout=_CONNECT_TIMEOUT_S,
        socket_timeout=None,  # with one, the client's wait_for swallows cancellations on Python 3.11
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.02), retries),
        max_connections=max_connections,
        driver_info=None,  # else every connection reads from disk which version the client has, to tell the server
        **({"decode_responses": True} | ({} if url.startswith("unix:") else _OVER_TCP) | options),
    )
    connections.connection_class = _packing_faster(connections.connection_class)
    return _Client(connections)


class _Few(ConnectionPool):
    """At most `turns` connections are in use; redis-py's own that waits takes two more locks for each command, always."""

    def __init__(self, *, turns: int, wait_s: float, **options: Any) -> None:
        super().__init__(**options)
        self._turns = asyncio.Semaphore(turns)
        self._wait_s = wait_s

    async def get_connection(self, *args: Any, **kwargs: Any) -> AbstractConnection:
        await self._turn()
        try:
            connection: AbstractConnection = await super().get_connection(*args, **kwargs)  # type: ignore[no-untyped-call]
        except BaseException:
            self._turns.release()
            raise
        return connection

    async def release(self, connection: AbstractConnection) -> None:
        try:
            await super().release(connection)
        finally:
            self._turns.release()

    async def _turn(self) -> None:
        if not self._turns.locked():
            await self._turns.acquire()
            return
        try:
            async with asyncio.timeout(self._wait_s):
                await self._turns.acquire()
        except builtins.TimeoutError:
            raise ConnectionError(f"no connection was free for {self._wait_s:g} s") from None


def connect_few(url: str, *, max_connections: int, wait_s: float) -> Client:
    """The same with few connections, for one of which each command waits, up to `wait_s`."""
    return connect(url, pool=_Few, turns=max_connections, wait_s=wait_s)
