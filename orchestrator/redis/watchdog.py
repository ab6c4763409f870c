"""Keeps a Redis server running for as long as the orchestrator does."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final

from orchestrator.redis.server import RedisServer, RedisServerError

log = logging.getLogger(__name__)

PING_S: Final = 2.0
HUNG_S: Final = 5.0
"""Without an answer for so long it is reported."""
_STABLE_S: Final = 10.0
"""A server that lived so long is started again at once when it ends."""
_FIRST_WAIT_S: Final = 0.2
_LAST_WAIT_S: Final = 5.0


class Watchdog:
    """Starts one server again when it ends, and tells when it does not answer.

    One that hangs is left alone: it may be swapping, or somebody stopped it to look at it, and killing it would lose what is
    not on disk yet.
    """

    def __init__(self, server: RedisServer, report: Callable[[str], None]) -> None:
        """`report` is called with the server's condition in words, whenever it changes."""
        self._server = server
        self._report = report
        self._restarts = 0
        self._wait_s = 0.0

    async def run(self) -> None:
        """Watch it for ever."""
        while True:
            self._report(self._condition())
            began_at_s = time.monotonic()
            await self._until_gone()
            if self._server.pid() is None:
                is_stable = time.monotonic() - began_at_s > _STABLE_S
                await self._restart(0.0 if is_stable else self._wait_s)

    def _condition(self) -> str:
        return f"running, restarted {self._restarts} times" if self._restarts else "running"

    async def _until_gone(self) -> None:
        """Stay connected: a connection ends when the server does, whoever its parent is."""
        try:
            reader, writer = await asyncio.open_unix_connection(self._server.socket)
        except OSError:
            return
        try:
            while await self._is_there(reader, writer):
                pass
        except OSError:
            return
        finally:
            writer.close()

    async def _is_there(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Ask, then wait a while; False when the connection has ended. A refusal to talk to strangers is an answer, too."""
        writer.write(b"PING\r\n")
        try:
            async with asyncio.timeout(HUNG_S):
                answer = await reader.readline()
        except TimeoutError:
            answer = await self._until_it_answers(reader)
        if not answer:
            return False
        try:
            async with asyncio.timeout(PING_S):
                return bool(await reader.read(1))
        except TimeoutError:
            return True

    async def _until_it_answers(self, reader: asyncio.StreamReader) -> bytes:
        since_s = time.monotonic() - HUNG_S
        self._report(f"process {self._server.pid()} does not answer")
        log.error(
            "the %s's redis-server (process %s) does not answer: it is stopped, or the host is swapping; see %s",
            *(self._server.name, self._server.pid(), self._server.log_path),
        )
        answer = await reader.readline()
        log.warning("the %s's redis-server answers again, after %.0f s", self._server.name, time.monotonic() - since_s)
        self._report(self._condition())
        return answer

    async def _restart(self, wait_s: float) -> None:
        """Start it until that works; one that keeps ending is started at growing intervals."""
        while True:
            self._report("ended; starting it again")
            log.error("the %s's redis-server ended; starting it again in %.1f s", self._server.name, wait_s)
            await asyncio.sleep(wait_s)
            wait_s = self._wait_s = min(max(wait_s * 2, _FIRST_WAIT_S), _LAST_WAIT_S)
            try:
                await self._server.start()
            except (RedisServerError, OSError) as error:
                log.error("%s", error)
            else:
                self._restarts += 1
                log.warning("the %s's redis-server runs again (process %s)", self._server.name, self._server.pid())
                return
