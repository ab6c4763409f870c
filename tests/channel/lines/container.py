"""What speaks as a container does, with the shim's own end of the wire."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from orchestrator_runtime import wire
from orchestrator_runtime.resp import Connection, encode
from tests.wait import LIMIT_S


class Container:
    """One container; it calls in threads, for the shim's calls block."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.login = [
            environment[wire.ENV_CHANNEL_URL],
            environment[wire.ENV_CHANNEL_USER],
            environment[wire.ENV_CHANNEL_PASSWORD],
        ]
        self._in, self._out = environment[wire.ENV_STREAM_IN], environment[wire.ENV_STREAM_OUT]
        self._connections: list[Connection] = []

    async def __aenter__(self) -> Container:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        for connection in self._connections:
            connection.close()

    @property
    def path(self) -> str:
        return self.login[0].removeprefix("unix://")

    async def connect(self) -> None:
        self._connections.append(await asyncio.to_thread(lambda: Connection(*self.login, timeout_s=LIMIT_S)))

    async def open_raw(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection that has logged in, and may send anything."""
        reader, writer = await asyncio.open_unix_connection(self.path)
        writer.write(encode("AUTH", *self.login[1:]))
        await reader.readline()
        return reader, writer

    async def say(self, **frame: object) -> None:
        await asyncio.to_thread(self._connections[-1].call, "XADD", self._out, "*", "f", json.dumps(frame))

    async def read(self, after: str = "0-0", *, block_ms: int = 60_000) -> list[tuple[str, Any]]:
        words = ("XREAD", "COUNT", "64", "BLOCK", str(block_ms), "STREAMS", self._in, after)
        answer = await asyncio.to_thread(self._connections[-1].call, *words)
        return [(entry.decode(), json.loads(fields[1])) for entry, fields in answer[0][1]] if answer else []
