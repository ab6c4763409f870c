"""Docker's API on the event loop, for the calls that every run makes.

docker-py takes a thread and a millisecond of CPU for each call, this a fifth of that. Connections are kept and used again, each
for one request at a time.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import urlsplit

from httptools import HttpParserError, HttpResponseParser

P = TypeVar("P", bound=asyncio.Protocol)

CALLS: Final = 8
"""More at once start no container sooner: dockerd and the kernel do most of that work one by one."""


class Answer(NamedTuple):
    """What came back."""

    status: int
    body: bytes

    @property
    def message(self) -> str:
        """Docker's own words on an error."""
        try:
            return str(json.loads(self.body)["message"])
        except (ValueError, KeyError, TypeError):
            return self.body.decode(errors="replace")


class DockerHttp:
    """Connections to Docker's ``unix://``, ``tcp://`` or ``https://`` address; all belong to the loop that first used them."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._idle: list[_Connection] = []
        self._places = asyncio.Semaphore(CALLS)

    async def request(self, method: str, path: str, body: Any = None) -> Answer:
        """The answer to one request, with `body` as JSON. Raises OSError."""
        data = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        async with self._places:
            connection = self._idle.pop() if self._idle else await self._connect()
            try:
                answer = await connection.ask(head.encode() + data)
            except BaseException:
                connection.close()
                raise
            if connection.is_usable:
                self._idle.append(connection)
            return answer

    def close(self) -> None:
        """Let go of the connections that nobody uses."""
        for connection in self._idle:
            connection.close()
        self._idle.clear()

    async def connected(self, protocol: Callable[[], P]) -> P:
        """A connection of its own, which nobody closes but its protocol. Raises OSError."""
        loop, url = asyncio.get_running_loop(), self._url
        if url.scheme in ("unix", "http+unix"):
            _, connection = await loop.create_unix_connection(protocol, url.path)
            return connection
        context = ssl.create_default_context() if url.scheme == "https" else None
        host = url.hostname or "localhost"
        _, connection = await loop.create_connection(protocol, host, url.port or 2375, ssl=context)
        return connection

    async def _connect(self) -> _Connection:
        return await self.connected(lambda: _Connection(self._forget))

    def _forget(self, connection: _Connection) -> None:
        """It was closed by the other side, as all are when Docker is restarted."""
        if connection in self._idle:
            self._idle.remove(connection)


class _Connection(asyncio.Protocol):
    """One connection; the methods that begin with ``on_`` are the parser's."""

    def __init__(self, on_lost: Any) -> None:
        self._on_lost = on_lost
        self._parser = HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._asked: asyncio.Future[Answer] | None = None
        self._body: list[bytes] = []
        self.is_usable = True

    async def ask(self, request: bytes) -> Answer:
        """Send a request and wait for the end of its answer."""
        if self._transport is None or not self.is_usable:
            raise ConnectionError("the connection was closed")
        self._asked, self._body = asyncio.get_running_loop().create_future(), []
        self._transport.write(request)
        return await self._asked

    def close(self) -> None:
        """Use it no more."""
        self.is_usable = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except HttpParserError as error:
            self._fail(ConnectionError(f"the answer is no HTTP: {error}"))
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_usable = False
        self._on_lost(self)
        self._fail(exc if isinstance(exc, OSError) else ConnectionError("the answer was cut short"))

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        self.is_usable = self.is_usable and self._parser.should_keep_alive()
        if self._asked is not None and not self._asked.done():
            self._asked.set_result(Answer(self._parser.get_status_code(), b"".join(self._body)))

    def _fail(self, error: OSError) -> None:
        if self._asked is not None and not self._asked.done():
            self._asked.set_exception(error)
