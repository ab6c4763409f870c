"""The channel: one reader for all containers' streams, one queue of frames for each container."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from orchestrator.channel.access import USER_PREFIX, Access
from orchestrator.channel.budget import Budget
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
_READ_COUNT: Final = 16
_RECONNECT_S: Final = 0.2
_BEGINNING: Final = "0-0"


@dataclass(frozen=True, slots=True)
class Received:
    """A frame with its entry id, for `Channel.settle`."""

    entry: str
    frame: Frame


@dataclass(slots=True)
class _Open:
    access: Access
    queue: asyncio.Queue[Received] = field(default_factory=asyncio.Queue)
    position: str = _BEGINNING
    budget: Budget = field(default_factory=Budget)


class Channel:
    """Talks with the containers of one instance.

    `run` must be running for frames to arrive. When the server restarts, all open channels are made again, and shims
    send again whatever was not answered.
    """

    def __init__(self, client: Client, secret: bytes, container_url: str) -> None:
        """`container_url` is the server's address as containers see it."""
        self._client = client
        self._secret = secret
        self._container_url = container_url
        self._open: dict[str, _Open] = {}
        self._is_connected = True

    async def open(self, channel_id: str) -> Mapping[str, str]:
        """Create the container's user; returns its environment.

        Safe to repeat: who opens it again begins with the oldest frame that was not settled, for whoever took it may be gone.
        """
        access = Access.derive(self._secret, channel_id)
        self._open[channel_id] = _Open(access)
        await self._client.execute_command("ACL", "SETUSER", access.user, *access.rules())
        await self._client.xadd(_WAKE, {"w": "1"}, maxlen=10)
        return access.environment(self._container_url)

    def subscribe(self, channel_id: str) -> asyncio.Queue[Received]:
        """The queue of an open channel's frames, from the oldest that was not settled."""
        return self._open[channel_id].queue

    async def settle(self, channel_id: str, received: Received) -> None:
        """Forget a frame whose consequences are stored; one that is not settled comes again after a restart."""
        channel = self._open.get(channel_id)
        if channel is not None:
            await self._client.xdel(channel.access.stream_out, received.entry)

    async def drain(self, channel_id: str) -> None:
        """Put everything the container has sent into its queue; it must not be running any more."""
        channel = self._open.get(channel_id)
        if channel is not None:
            entries = await self._client.xrange(channel.access.stream_out, min=f"({channel.position}")
            self._deliver(channel, entries)

    async def send(self, channel_id: str, frame: Mapping[str, object], **texts: str) -> None:
        """Append a frame to what the container reads; `texts` are further members of it that are JSON text already."""
        access = Access.derive(self._secret, channel_id)
        text = splice(json_text.dumps(frame, levels=wire.FRAME_NESTING_LIMIT), **texts)
        await self._client.xadd(access.stream_in, {wire.FRAME_FIELD: text})

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

    async def _serve(self) -> None:
        await self._reopen()
        await self._read()

    async def _reopen(self) -> None:
        """Create the users again, which a restarted server has forgotten, and read from the beginning what was not settled."""
        for channel in list(self._open.values()):
            await self._client.execute_command("ACL", "SETUSER", channel.access.user, *channel.access.rules())
            channel.position = _BEGINNING
        self._is_connected = True

    async def _read(self) -> None:
        newest = await self._client.xrevrange(_WAKE, count=1)
        wake = newest[0][0] if newest else _BEGINNING
        while True:
            by_stream = {channel.access.stream_out: channel for channel in self._open.values()}
            positions = {stream: channel.position for stream, channel in by_stream.items()}
            answer = await self._client.xread({_WAKE: wake, **positions}, count=_READ_COUNT, block=_BLOCK_MS)
            for stream, entries in answer:
                if stream == _WAKE:
                    wake = entries[-1][0]
                else:
                    self._deliver(by_stream[stream], entries)

    def _deliver(self, channel: _Open, entries: list[tuple[str, dict[str, str]]]) -> None:
        for entry, fields in entries:
            channel.position = entry
            text = fields.get(wire.FRAME_FIELD)
            frame = parse(text)
            if not channel.budget.spend(len(text or ""), now_s=time.monotonic()):
                frame = Violation(reason="it sent frames faster than a container may")
            channel.queue.put_nowait(Received(entry, frame))


def connect(url: str) -> Client:
    """A client for the channel's server; answers are text, whatever bytes a container sent.

    Nothing is sent again by itself: a new server must not be taken for the old one, for it knows no container.
    """
    return client.connect(url, retries=0, max_connections=200, encoding_errors="replace")
