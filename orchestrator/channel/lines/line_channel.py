"""The channel of an instance whose containers run on this host: a folder with a socket for each, mounted into it alone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from orchestrator.channel.access import Access
from orchestrator.channel.channel import Received
from orchestrator.channel.lines.connection import Connection
from orchestrator.channel.lines.line import Line
from orchestrator.core.container.user import PASSWD_FILE, passwd_of
from orchestrator.core.splice import splice
from orchestrator_runtime import json_text, wire

_MOUNTED: Final = f"unix://{wire.CHANNEL_SOCKET}"
_SOCKET_NAME: Final = Path(wire.CHANNEL_SOCKET).name
_BACKLOG: Final = 16
"""Connections that wait to be taken in; so many at most are taken in at a time."""


@dataclass(slots=True)
class _Open:
    line: Line
    server: asyncio.Server | None = None

    def stop_listening(self) -> None:
        """Soon: who is being taken in now would be forgotten by a closed server, and wait for ever."""
        if self.server is not None:
            asyncio.get_running_loop().call_soon(self.server.close)


class LineChannel:
    """Implements `Channel`. Nothing is kept here: who opens a channel again is told by the shim whatever had no answer."""

    def __init__(
        self, folder: Path, secret: bytes, *, is_mounted: bool = True, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`folder` holds a folder for each channel; unless that `is_mounted`, containers are told where it is on this host.

        Budgets are by the `clock`, in seconds.
        """
        self._folder = folder
        self._secret = secret
        self._is_mounted = is_mounted
        self._clock = clock
        self._open: dict[str, _Open] = {}

    async def open(self, channel_id: str) -> Mapping[str, str]:
        """Make its socket, in a folder of its own, and listen."""
        self._shut(channel_id)
        line = Line(Access.derive(self._secret, channel_id), clock=self._clock)
        opened = self._open[channel_id] = _Open(line)
        _introduce(self.folder(channel_id), passwd_of(channel_id))
        opened.server = await asyncio.get_running_loop().create_unix_server(
            partial(Connection, line), sock=_bound(self.folder(channel_id)), backlog=_BACKLOG, start_serving=False
        )
        line.on_broken = opened.stop_listening
        try:
            await opened.server.start_serving()
        except BaseException:
            self._shut(channel_id)  # nobody would answer who connected meanwhile, and they would wait for ever
            raise
        return line.access.environment(
            _MOUNTED if self._is_mounted else f"unix://{self.folder(channel_id) / _SOCKET_NAME}"
        )

    def folder(self, channel_id: str) -> Path:
        """The channel's, with its socket, and who is at the other end."""
        return self._folder / channel_id

    def subscribe(self, channel_id: str) -> asyncio.Queue[Received]:
        """The queue of an open channel's frames."""
        return self._open[channel_id].line.queue

    async def settle(self, channel_id: str, received: Received) -> None:
        """Make room for more."""
        if opened := self._open.get(channel_id):
            opened.line.settle(received.entry)

    async def drain(self, channel_id: str) -> None:
        """Read what the kernel still holds of a container that has ended."""
        if opened := self._open.get(channel_id):
            await opened.line.drain()

    async def send(self, channel_id: str, frame: Mapping[str, object], **texts: str) -> None:
        """Keep it for the container to read. It never waits."""
        if opened := self._open.get(channel_id):
            opened.line.tell(splice(json_text.dumps(frame, levels=wire.FRAME_NESTING_LIMIT), **texts).encode())

    async def room(self, channel_id: str) -> None:
        """Wait until it has read most of what it was sent."""
        if opened := self._open.get(channel_id):
            await opened.line.room()

    async def close(self, channel_id: str) -> None:
        """End its connections and remove its folder."""
        self._shut(channel_id)
        shutil.rmtree(self.folder(channel_id), ignore_errors=True)

    def _shut(self, channel_id: str) -> None:
        if opened := self._open.pop(channel_id, None):
            opened.stop_listening()
            opened.line.hang_up()

    async def sweep(self, kept: frozenset[str]) -> int:
        """Remove the folders that earlier processes left."""
        with contextlib.suppress(FileNotFoundError):
            stale = [name for name in os.listdir(self._folder) if name not in kept and name not in self._open]
            for channel_id in stale:
                await self.close(channel_id)
            return len(stale)
        return 0

    async def run(self) -> None:
        """Until canceled; then containers look for whoever opens their channel next."""
        try:
            await asyncio.Event().wait()
        finally:
            for channel_id in list(self._open):
                self._shut(channel_id)


def _introduce(folder: Path, passwd: str) -> None:
    """What is there stays, for it may be mounted into a container that runs."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / PASSWD_FILE).exists():
        (folder / PASSWD_FILE).write_text(passwd)
        (folder / PASSWD_FILE).chmod(0o644)


def _bound(folder: Path) -> socket.socket:
    """A socket in the folder, which any user may connect to who sees it: mounted, only the container does.

    It is bound by way of the folder's descriptor, for the kernel takes no path of more than 107 bytes.
    """
    folder.chmod(0o755)
    (folder / _SOCKET_NAME).unlink(missing_ok=True)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    descriptor = os.open(folder, os.O_PATH)
    try:
        made.bind(f"/proc/self/fd/{descriptor}/{_SOCKET_NAME}")
    finally:
        os.close(descriptor)
    (folder / _SOCKET_NAME).chmod(0o777)
    made.setblocking(False)
    return made
