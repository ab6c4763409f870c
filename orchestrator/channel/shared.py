"""The channel through a Redis that others run: one reader for all containers' streams, one queue of frames for each container.

It lets orchestrators share containers, and containers be where no socket of this process is. What a container may do there is
as little as Redis can be told, which is more than a line of its own allows: see docs/decisions/0029.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from orchestrator.channel import budget
from orchestrator.channel.access import USER_PREFIX, Access
from orchestrator.channel.budget import Bucket
from orchestrator.channel.channel import Received
from orchestrator.channel.frames import Frame, Violation, parse
from orchestrator.core.splice import splice
from orchestrator.host.retrying import persist
from orchestrator.redis import client
from orchestrator.redis.client import UNAVAILABLE, Client
from orchestrator_runtime import json_text, wire

log = logging.getLogger(__name__)

_WAKE: Final = "chan:wake"
"""A stream of our own in every blocking read: one entry ends the read when the set of channels has changed."""
_BLOCK_MS: Final = 5_000
_RECONNECT_S: Final = 0.2
_BEGINNING: Final = "0-0"
_UNSETTLED_LIMIT_BYTES: Final = 8 * 1024 * 1024
"""What a container said and nobody has dealt with yet: beyond it, its stream is not read."""
_FRAME_COST_BYTES: Final = 512


@dataclass(slots=True)
class _Open:
    access: Access
    queue: asyncio.Queue[Received] = field(default_factory=asyncio.Queue)
    position: str = _BEGINNING
    sent: Bucket = field(default_factory=budget.sent_bytes)
    commands: Bucket = field(default_factory=budget.commands)
    unsettled: dict[str, int] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        return sum(self.unsettled.values()) > _UNSETTLED_LIMIT_BYTES


def _no_report(condition: str) -> None:
    """Nobody wants to know."""


class SharedChannel:
    """Implements `Channel`. When the server restarts, all open channels are made again, and shims send again."""

    def __init__(
        self, client: Client, secret: bytes, container_url: str, report: Callable[[str], None] = _no_report
    ) -> None:
        """`container_url` is the server's address as containers see it; `report` is told in words whether it can be read."""
        self._client = client
        self._secret = secret
        self._container_url = container_url
        self._report = report
        self._open: dict[str, _Open] = {}
        self._is_connected = True

    async def open(self, channel_id: str) -> Mapping[str, str]:
        """Create the container's user; returns its environment.

        Safe to repeat: who opens it again begins with the oldest frame that was not settled, for whoever took it may be gone.
        """
        access = Access.derive(self._secret, channel_id)
        self._open[channel_id] = _Open(access)
        await self._client.execute_command("ACL", "SETUSER", access.user, *access.rules())
        await self._wake()
        return access.environment(self._container_url)

    async def _wake(self) -> None:
        """End the read that is under way: others are wanted."""
        await self._client.xadd(_WAKE, {"w": "1"}, maxlen=10)

    def subscribe(self, channel_id: str) -> asyncio.Queue[Received]:
        """The queue of an open channel's frames, from the oldest that was not settled."""
        return self._open[channel_id].queue

    async def settle(self, channel_id: str, received: Received) -> None:
        """Forget a frame whose consequences are stored; one that is not settled comes again after a restart."""
        channel = self._open.get(channel_id)
        if channel is not None:
            await self._client.xdel(channel.access.stream_out, received.entry)
            was_full = channel.is_full
            channel.unsettled.pop(received.entry, None)
            if was_full and not channel.is_full:
                await self._wake()

    async def drain(self, channel_id: str) -> None:
        """Put everything the container has sent into its queue; it must not be running any more."""
        channel = self._open.get(channel_id)
        if channel is not None:
            await self._catch_up(channel)

    async def send(self, channel_id: str, frame: Mapping[str, object], **texts: str) -> None:
        """Append a frame to what the container reads; `texts` are further members of it that are JSON text already."""
        access = Access.derive(self._secret, channel_id)
        text = splice(json_text.dumps(frame, levels=wire.FRAME_NESTING_LIMIT), **texts)
        await self._client.xadd(access.stream_in, {wire.FRAME_FIELD: text})

    async def room(self, channel_id: str) -> None:
        """There always is: nobody learns what a container has read of a stream."""

    async def close(self, channel_id: str) -> None:
        """Remove the user, its connections and its streams. Safe to repeat."""
        self._open.pop(channel_id, None)
        access = Access.derive(self._secret, channel_id)
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.execute_command("ACL", "DELUSER", access.user)
            pipe.delete(access.stream_in, access.stream_out)
            await pipe.execute()

    async def sweep(self, kept: frozenset[str]) -> int:
        """Close the channels that were left open, except those in `kept`; returns how many there were."""
        users = await self._client.execute_command("ACL", "USERS")
        channel_ids = [user.removeprefix(USER_PREFIX) for user in users if user.startswith(USER_PREFIX)]
        stale = [channel_id for channel_id in channel_ids if channel_id not in kept and channel_id not in self._open]
        for channel_id in stale:
            await self.close(channel_id)
        return len(stale)

    async def run(self) -> None:
        """Read for ever."""
        await persist(self._serve, despite=UNAVAILABLE, wait_s=_RECONNECT_S, report=self._interrupted)

    def _interrupted(self, error: Exception) -> None:
        if self._is_connected:
            log.warning("channel interrupted: %s", error)
        self._is_connected = False
        self._report(f"interrupted: {error}")

    async def _serve(self) -> None:
        await self._reopen()
        await self._read()

    async def _reopen(self) -> None:
        """Create the users again, which a restarted server has forgotten, and read what was not settled from the beginning.

        Stream by stream and entry by entry: an answer with all that has gathered could be more than the server gives in one.
        """
        for channel in list(self._open.values()):
            await self._client.execute_command("ACL", "SETUSER", channel.access.user, *channel.access.rules())
            channel.position = _BEGINNING
            await self._catch_up(channel, until_full=True)
        self._is_connected = True
        self._report("connected")

    async def _catch_up(self, channel: _Open, *, until_full: bool = False) -> None:
        """Deliver what is in its stream, one entry at a time."""
        while not (until_full and channel.is_full):
            entries = await self._client.xrange(channel.access.stream_out, min=f"({channel.position}", count=1)
            if not entries:
                return
            self._deliver(channel, entries)

    async def _read(self) -> None:
        newest = await self._client.xrevrange(_WAKE, count=1)
        wake = newest[0][0] if newest else _BEGINNING
        while True:
            by_stream = {one.access.stream_out: one for one in self._open.values() if not one.is_full}
            positions = {stream: channel.position for stream, channel in by_stream.items()}
            answer = await self._client.xread({_WAKE: wake, **positions}, count=1, block=_BLOCK_MS)
            for stream, entries in answer:
                if stream == _WAKE:
                    wake = entries[-1][0]
                else:
                    self._deliver(by_stream[stream], entries)

    def _deliver(self, channel: _Open, entries: list[tuple[str, dict[str, str]]]) -> None:
        for entry, fields in entries:
            channel.position = entry
            size_bytes = _FRAME_COST_BYTES + sum(len(name) + len(text) for name, text in fields.items())
            channel.unsettled[entry] = size_bytes
            channel.queue.put_nowait(Received(entry, _frame(channel, fields, size_bytes)))


def _frame(channel: _Open, fields: Mapping[str, str], size_bytes: int) -> Frame:
    now_s = time.monotonic()
    if not (channel.sent.take(size_bytes, now_s=now_s) and channel.commands.take(1, now_s=now_s)):
        return Violation("it sent frames faster than a container may")
    if len(fields) > 1:
        return Violation(f"an entry of {len(fields)} fields")
    return parse(fields.get(wire.FRAME_FIELD))


def connect(url: str) -> Client:
    """A client for the channel's server; answers are text, whatever bytes a container sent.

    Nothing is sent again by itself: a new server must not be taken for the old one, for it knows no container.
    """
    return client.connect(url, retries=0, max_connections=200, encoding_errors="replace")
