"""One connection for the short commands of everybody: what is asked in one turn of the event loop travels in one write.

A connection for each command, as redis-py's pool lends them, costs more CPU than the command. What waits for something to happen,
is long, or needs a connection to itself (a transaction) is not for here.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Final

from hiredis import PushNotification, Reader
from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection, DefaultParser
from redis.exceptions import ConnectionError

_NOTHING: Final = object()


class Trunk:
    """Connects at the first command, and again when the connection is lost."""

    def __init__(self, pool: ConnectionPool) -> None:
        """`pool` says how to connect; none of its connections is taken."""
        self._pool = pool
        self._wire: _Wire | None = None
        self._connecting: asyncio.Task[_Wire] | None = None

    async def ask(self, *command: Any) -> Any:
        """The server's answer. Raises ConnectionError when the connection is lost: whether it was done is not known then."""
        wire = self._wire
        if wire is None or wire.is_lost:
            wire = await self._connected()
        if not wire.has_room.is_set():
            await wire.has_room.wait()
        return await wire.send(command)

    async def close(self) -> None:
        """Commands under way are lost."""
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.wait([self._connecting])
        if self._wire is not None:
            await self._wire.close()

    async def _connected(self) -> _Wire:
        """All who wait share one attempt, and how it ends: a host that does not answer takes seconds."""
        if self._connecting is None:
            self._connecting = asyncio.get_running_loop().create_task(self._connect(), name="connect to Redis")
            self._connecting.add_done_callback(self._tried)
        return await asyncio.shield(self._connecting)

    def _tried(self, connecting: asyncio.Task[_Wire]) -> None:
        self._connecting = None
        if not connecting.cancelled() and not connecting.exception():  # which is seen, should nobody wait any more
            self._wire = connecting.result()

    async def _connect(self) -> _Wire:
        return _Wire(await self._connection())

    async def _connection(self) -> AbstractConnection:
        connection: AbstractConnection = self._pool.make_connection()  # type: ignore[no-untyped-call]
        try:
            await connection.connect_check_health(retry_socket_connect=False)  # whoever asks tries again
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        return connection


class _Wire(asyncio.Protocol):
    """One connection, which redis-py opened; answers come in the order of commands."""

    def __init__(self, connection: AbstractConnection) -> None:
        self._connection = connection
        self._reader = _reader(connection)
        self._loop = asyncio.get_running_loop()
        self._to_send: list[bytes] = []
        self._answers: deque[asyncio.Future[Any]] = deque()
        self.is_lost = False
        self.has_room = asyncio.Event()
        """Not while the server takes nothing: else what is asked would heap up in memory, also that of those who gave up."""
        self.has_room.set()
        self._lost = self._loop.create_future()
        self._transport: asyncio.WriteTransport = connection._writer.transport  # type: ignore[union-attr]  # noqa: SLF001
        self._transport.set_protocol(self)

    def send(self, command: tuple[Any, ...]) -> asyncio.Future[Any]:
        """Send the command with the others of this turn; its answer to come."""
        if self.is_lost:
            raise _lost()
        if not self._to_send:
            self._loop.call_soon(self._flush)
        self._to_send += self._connection.pack_command(*command)
        answer = self._loop.create_future()
        self._answers.append(answer)
        return answer

    async def close(self) -> None:
        await self._connection.disconnect(nowait=True)
        await self._lost

    def _flush(self) -> None:
        self._transport.write(b"".join(self._to_send))
        self._to_send.clear()

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        while (reply := self._reader.gets()) is not _NOTHING:
            if not isinstance(reply, PushNotification):
                _settle(self._answers.popleft(), reply)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost = True
        self.has_room.set()
        while self._answers:
            _settle(self._answers.popleft(), _lost())
        self._lost.set_result(None)

    def pause_writing(self) -> None:
        self.has_room.clear()

    def resume_writing(self) -> None:
        self.has_room.set()


def _reader(connection: AbstractConnection) -> Reader:
    encoder = connection.encoder
    texts = {"encoding": encoder.encoding, "errors": encoder.encoding_errors} if encoder.decode_responses else {}
    parser: DefaultParser = connection._parser  # type: ignore[valid-type]  # noqa: SLF001
    return Reader(replyError=parser.parse_error, notEnoughData=_NOTHING, **texts)  # type: ignore[attr-defined]


def _settle(answer: asyncio.Future[Any], reply: Any) -> None:
    """Whoever gave up is not told."""
    if answer.done():
        return
    if isinstance(reply, Exception):
        answer.set_exception(reply)
    else:
        answer.set_result(reply)


def _lost() -> ConnectionError:
    return ConnectionError("the connection to the server was lost")
