"""What the shim does, at next to no cost: the program of the fake engine's containers.

A task prints a line and starts as many no-ops as its input says. The protocol is spoken by hand, for a client of Redis costs more
CPU than all that is measured here.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import hiredis

from orchestrator.engine.fake.process import FakeProcess
from orchestrator_runtime import wire

IMAGE: Final = "sha256:bench"
CHILD_INPUT: Final = ["x" * 1_000]
CHILD_INPUT_BYTES: Final = len(json.dumps(CHILD_INPUT))
_READ_BYTES: Final = 1 << 16
_BLOCK_MS: Final = "5000"


async def program(process: FakeProcess) -> int:
    """One attempt: ready, an assignment, its children, a result, and the word that it was stored."""
    async with _link(process) as link:
        await link.say({"type": "ready", "protocol": wire.PROTOCOL_VERSION, "load_ms": 1.0})
        assignment = await link.hear()
        process.print("working")
        children = assignment["input"][0] if assignment["task"] == "parent" else 0
        for call in range(children):
            await link.say({"type": "child", "call": call, "task": "noop", "input": CHILD_INPUT})
        for _ in range(children):
            await link.hear()
        await link.say({"type": "result", "value": None})
        await link.hear()
    return 0


@asynccontextmanager
async def _link(process: FakeProcess) -> AsyncIterator[_Link]:
    env = process.spec.env
    reader, writer = await asyncio.open_unix_connection(_socket(process))
    try:
        link = _Link(reader, writer, env[wire.ENV_STREAM_IN], env[wire.ENV_STREAM_OUT])
        await link.ask("AUTH", env[wire.ENV_CHANNEL_USER], env[wire.ENV_CHANNEL_PASSWORD])
        yield link
    finally:
        writer.close()


def _socket(process: FakeProcess) -> str:
    """The channel's socket on the host: a container sees its folder as a mount."""
    path = process.spec.env[wire.ENV_CHANNEL_URL].removeprefix("unix://")
    for mount in process.spec.mounts:
        path = path.replace(mount.target, mount.source, 1)
    return path


class _Link:
    """A connection to the channel, on which one command follows the other."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, stream_in: str, stream_out: str
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._in = stream_in
        self._out = stream_out
        self._answers = hiredis.Reader(encoding="utf-8", replyError=RuntimeError)
        self._position = "0-0"
        self._heard: list[dict[str, Any]] = []

    async def ask(self, *command: str) -> Any:
        self._writer.write(hiredis.pack_command(command))  # type: ignore[arg-type]  # its stub allows one word
        while (answer := self._answers.gets()) is False:
            data = await self._reader.read(_READ_BYTES)
            if not data:
                raise ConnectionResetError("the channel is gone")
            self._answers.feed(data)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def say(self, frame: dict[str, object]) -> None:
        await self.ask("XADD", self._out, "*", wire.FRAME_FIELD, json.dumps(frame))

    async def hear(self) -> dict[str, Any]:
        """The next frame."""
        while not self._heard:
            answer = await self.ask("XREAD", "BLOCK", _BLOCK_MS, "STREAMS", self._in, self._position)
            for _, entries in answer or ():
                for entry, fields in entries:
                    self._position = entry
                    self._heard.append(json.loads(fields[1]))
        return self._heard.pop(0)
