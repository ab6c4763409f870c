"""What the scheduler and the builder need of the channel: one queue of frames for each container, and a way to answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from orchestrator.channel.frames import Frame


@dataclass(frozen=True, slots=True)
class Received:
    """A frame with its entry id, for `Channel.settle`."""

    entry: str
    frame: Frame


class Channel(Protocol):
    """Talks with the containers of one instance.

    `run` must be running for frames to arrive. Shims send again whatever was not answered when they are connected anew, so
    neither end keeps for the other what it has not stored.
    """

    async def open(self, channel_id: str) -> Mapping[str, str]:
        """Let the container in; returns its environment. Safe to repeat: nothing that was not settled is lost by it."""

    def subscribe(self, channel_id: str) -> asyncio.Queue[Received]:
        """The queue of an open channel's frames, from the oldest that was not settled."""

    async def settle(self, channel_id: str, received: Received) -> None:
        """Forget a frame whose consequences are stored; a container with too much unsettled is not listened to."""

    async def drain(self, channel_id: str) -> None:
        """Put everything the container has sent into its queue; it must not be running any more."""

    async def send(self, channel_id: str, frame: Mapping[str, object], **texts: str) -> None:
        """Send a frame to the container; `texts` are further members of it that are JSON text already."""

    async def room(self, channel_id: str) -> None:
        """Wait until the container has read what it was sent, but for a little; for frames that are large or many."""

    async def close(self, channel_id: str) -> None:
        """Let the container in no more, and end its connections. Safe to repeat."""

    async def sweep(self, kept: frozenset[str]) -> int:
        """Close the channels that were left open, except those in `kept`; returns how many there were."""

    async def run(self) -> None:
        """Listen for ever."""
