"""The Redis server that `up` starts for the store, on a socket of its own; and one for a channel that orchestrators share."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import shutil
import signal
import socket
import struct
import time
from asyncio.subprocess import DEVNULL
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from redis.exceptions import BusyLoadingError

from orchestrator.redis.client import UNAVAILABLE, connect

log = logging.getLogger(__name__)

REWRITE_PERCENTAGE: Final = 100
"""The store's file is written anew when it has grown by so much."""
_TIMEOUT_S: Final = 15.0
_POLL_S: Final = 0.02
_ANSWER_S: Final = 1.0
_SOCKET_PATH_LIMIT: Final = 100
"""The kernel allows 107 bytes; Redis adds none."""


class RedisServerError(RuntimeError):
    """The server could not be started; the message says what to do."""


@dataclass(frozen=True, slots=True)
class RedisServer:
    """One server: its home, its socket, its admin's password, and its configuration beyond the common part."""

    name: str
    home: Path
    socket: Path
    password: str
    extra: tuple[str, ...]

    @property
    def url(self) -> str:
        """For a client with full rights."""
        return f"unix://:{self.password}@{self.socket}"

    async def start(self) -> None:
        """Start it, unless one left by an earlier orchestrator still runs. Raises RedisServerError."""
        self._check()
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.socket.parent.mkdir(parents=True, exist_ok=True)
        with (self.home / "lock").open("a") as lock:
            if await self._is_ours_to_start(lock):
                await self._spawn(lock)
        if not await self._until_it_answers():
            pid = self.pid()
            condition = "did not start" if pid is None else f"(process {pid}) does not answer"
            raise RedisServerError(f"the {self.name}'s redis-server {condition}; its log is {self.log_path}")

    async def _is_ours_to_start(self, lock: TextIO) -> bool:
        """False when it runs. The server inherits the lock, so it is held for exactly as long as one lives.

        Two servers on one file would destroy it, and one that has just been started does not listen yet.
        """
        for _ in _polls():
            if self.pid() is not None:
                return False
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            await asyncio.sleep(_POLL_S)
        raise RedisServerError(f"the {self.name}'s redis-server is starting or ending; its log is {self.log_path}")

    async def _spawn(self, lock: TextIO) -> None:
        """Start the process: it goes to the background by itself, and goes on when we are killed."""
        self._config_path.touch(mode=0o600)
        self._config_path.write_text(self.config())
        process = await asyncio.create_subprocess_exec(
            *(self._binary(), str(self._config_path)), stdout=DEVNULL, stderr=DEVNULL, pass_fds=(lock.fileno(),)
        )
        await process.wait()

    async def stop(self, limit_s: float = _TIMEOUT_S) -> None:
        """End it, its data safely on disk; does nothing when it does not run, and waits no longer than so."""
        pid = self.pid()
        if pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        for _ in _polls(limit_s):
            if self.pid() is None:
                return
            await asyncio.sleep(_POLL_S)
        log.warning(
            "the %s's redis-server (process %s) was told to end, and has not within %g s", self.name, pid, limit_s
        )

    def config(self) -> str:
        """The server's configuration file."""
        lines = (
            "port 0",
            f"unixsocket {self.socket}",
            "unixsocketperm 777",  # whoever can reach the directory must still know a user's password
            f"dir {self.home}",
            "daemonize yes",
            f"logfile {self.log_path}",
            f"requirepass {self.password}",  # the default user stays on: the append-only file is replayed as it
            *self.extra,
        )
        return "\n".join(lines) + "\n"

    @property
    def log_path(self) -> Path:
        """What the server says about itself."""
        return self.home / "redis.log"

    @property
    def _config_path(self) -> Path:
        return self.home / "redis.conf"

    def _binary(self) -> str:
        found = shutil.which("redis-server")
        if found is None:
            raise RedisServerError(
                "redis-server is not installed: `apt-get install redis-server` (or your system's package), "
                "or name running servers with --store-url and --channel-url"
            )
        return found

    def _check(self) -> None:
        if len(str(self.socket)) > _SOCKET_PATH_LIMIT:
            raise RedisServerError(
                f"the path of the socket {self.socket} is too long for the kernel: choose a shorter --data-dir"
            )

    async def _until_it_answers(self) -> bool:
        """False when it ended, or is silent for too long; it may read its file for as long as that takes."""
        ends_at_s = time.monotonic() + _TIMEOUT_S
        while time.monotonic() < ends_at_s and self._is_alive():
            try:
                if await self._answers():
                    return True
            except BusyLoadingError:
                ends_at_s = time.monotonic() + _TIMEOUT_S
            await asyncio.sleep(_POLL_S)
        return False

    def _is_alive(self) -> bool:
        """Whether there is a process, even one that does not listen yet."""
        with (self.home / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return self.pid() is not None

    async def is_running(self) -> bool:
        """Whether it answers, its file read."""
        with contextlib.suppress(BusyLoadingError):
            return self.pid() is not None and await self._answers()
        return False

    async def _answers(self) -> bool:
        """Raises BusyLoadingError while it reads its file."""
        client = connect(self.url, retries=0)
        try:
            async with asyncio.timeout(_ANSWER_S):
                return bool(await client.ping())
        except BusyLoadingError:
            raise
        except (*UNAVAILABLE, TimeoutError):
            return False
        finally:
            await client.aclose()

    def pid(self) -> int | None:
        """The process that listens on the socket, whether it answers or hangs; None when there is none."""
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(str(self.socket))
            except (FileNotFoundError, ConnectionRefusedError):
                return None
            peer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        pid: int = struct.unpack("3i", peer)[0]
        return pid


def _polls(limit_s: float = _TIMEOUT_S) -> range:
    return range(round(limit_s / _POLL_S))


def store_server(home: Path, password: str, *, fsync: str, memory_bytes: int = 0) -> RedisServer:
    """The store's: everything is appended to a file, `fsync` "always" or "everysec"; 0 bytes are no limit.

    At its limit, and on a full disk, it refuses writes and forgets nothing.
    """
    extra = (
        "appendonly yes",
        f"appendfsync {fsync}",
        f"auto-aof-rewrite-percentage {REWRITE_PERCENTAGE}",
        "auto-aof-rewrite-min-size 64mb",
        'save ""',
        f"maxmemory {memory_bytes}",
        "maxmemory-policy noeviction",
        "hash-max-listpack-value 2048",  # a run takes a sixth less
    )
    return RedisServer("store", home, home / "redis.sock", password, extra)


def channel_server(home: Path, password: str) -> RedisServer:
    """A channel's, for tests and as a model for those who run one: nothing is kept, and what a container can take is bounded.

    The numbers: a frame is at most 5 MiB, so 8 MiB is enough for one bulk and its query; a client that does not read is cut off at
    32 MiB.
    """
    extra = (
        'save ""',
        "appendonly no",
        "maxmemory 512mb",
        "maxmemory-policy noeviction",
        "maxmemory-clients 256mb",
        "proto-max-bulk-len 8mb",
        "client-query-buffer-limit 16mb",
        "client-output-buffer-limit normal 32mb 16mb 10",
        "maxclients 10000",
    )
    return RedisServer("channel", home, home / "socket" / "channel.sock", password, extra)


def own_servers(
    data_dir: Path, password: str, *, fsync: str = "everysec", memory_bytes: int = 0
) -> tuple[RedisServer, RedisServer]:
    """The store's server of the instance that lives in `data_dir`, and the channel's, which only earlier releases start."""
    store = store_server(data_dir / "store", password, fsync=fsync, memory_bytes=memory_bytes)
    return store, channel_server(data_dir / "channel", password)


async def stop_left_over(data_dir: Path, password: str) -> bool:
    """End the servers of an orchestrator that was killed; whether there were any."""
    servers = own_servers(data_dir, password)
    answering = [await server.is_running() for server in servers]
    for server in servers:
        await server.stop()
    return any(answering)
