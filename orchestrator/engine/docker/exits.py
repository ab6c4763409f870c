"""When to look at a container again: Docker's events, and a slow sweep for those that get lost.

An event is only a hint, and the state comes from `inspect`: Docker keeps 256 events in memory, drops them silently when it is
busy, and forgets them when it restarts. So each connection subscribes first and then hints everybody, and while anybody waits a
list every `SWEEP_S` finds what no event told: a lost one costs one sweep. A container that is expected from before its start on
needs no look to begin with: whatever becomes of it is hinted.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Final
from urllib.parse import urlencode

from orchestrator.core.container.spec import LABEL_INSTANCE
from orchestrator.engine.base import EngineError
from orchestrator.engine.docker.client import DockerApi
from orchestrator.engine.docker.logs.stream import DockerStream

SWEEP_S: Final = 5.0
RECONNECT_FIRST_S: Final = 0.1
RECONNECT_LIMIT_S: Final = 2.0


class DockerExits:
    """Hints that containers of one instance may have ended; one thread for all, started with the first watcher."""

    def __init__(self, api: DockerApi, instance: str) -> None:
        self._api = api
        self._label = f"{LABEL_INSTANCE}={instance}"
        self._hints: dict[str, set[asyncio.Event]] = {}
        self._expected: dict[str, asyncio.Event] = {}
        """The hints of containers that were expected before they were started."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None
        self._closed = Event()
        self._stream: DockerStream | None = None
        self._reconnect_s = RECONNECT_FIRST_S
        self._watched_since_ms: int | None = _now_ms()

    def was_unwatched(self, started_at_ms: int | None) -> bool:
        """Whether Docker may have been restarted since then: its events were not followed without a break.

        A connection that breaks is the one sign of a restart that every Docker gives, wherever it runs.
        """
        since_ms = self._watched_since_ms
        return started_at_ms is not None and (since_ms is None or started_at_ms < since_ms)

    def expect(self, container_id: str) -> None:
        """Notice from now on what becomes of a container that is about to be started, until it is forgotten."""
        self._ensure_thread()
        self._expected.setdefault(container_id, asyncio.Event())

    def forget(self, container_id: str) -> None:
        """It is gone."""
        if hint := self._expected.pop(container_id, None):
            hint.set()

    @contextmanager
    def watch(self, container_id: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever the container should be looked at, and from the beginning unless it was expected."""
        if expected := self._expected.get(container_id):
            yield expected
            return
        self._ensure_thread()
        hint = asyncio.Event()
        hint.set()
        self._hints.setdefault(container_id, set()).add(hint)
        try:
            yield hint
        finally:
            self._hints[container_id].discard(hint)
            if not self._hints[container_id]:
                del self._hints[container_id]

    def close(self) -> None:
        """End the thread; watchers are not told."""
        self._closed.set()
        if self._stream is not None:
            self._stream.close()

    def _ensure_thread(self) -> None:
        if self._thread is None:
            self._loop = asyncio.get_running_loop()
            self._thread = Thread(target=self._run, name=f"docker events {self._label}", daemon=True)
            self._thread.start()

    # --- on the thread ---

    def _run(self) -> None:
        while not self._closed.is_set():
            filters = {"type": ["container"], "event": ["die", "destroy"], "label": [self._label]}
            self._stream = self._api.stream("follow events", f"/events?{urlencode({'filters': json.dumps(filters)})}")
            with suppress(EngineError, ValueError), self._stream as stream:
                self._follow(stream)
            self._watched_since_ms = None
            self._closed.wait(self._reconnect_s)
            self._reconnect_s = min(self._reconnect_s * 2, RECONNECT_LIMIT_S)

    def _follow(self, stream: DockerStream) -> None:
        """Hint until the connection ends."""
        self._reconnect_s = RECONNECT_FIRST_S
        if self._watched_since_ms is None:
            self._watched_since_ms = _now_ms()
        self._tell(None, frozenset())
        rest, swept_at_s = b"", time.monotonic()
        while not self._closed.is_set() and (data := stream.read(SWEEP_S)) != b"":
            *events, rest = (rest + (data or b"")).split(b"\n")
            for event in events:
                self._tell(json.loads(event)["Actor"]["ID"], frozenset())
            if time.monotonic() - swept_at_s >= SWEEP_S:
                self._sweep()
                swept_at_s = time.monotonic()

    def _sweep(self) -> None:
        if not self._hints and not self._expected:
            return
        filters = {"label": self._label, "status": "running"}
        running = self._api.call_now("list containers", lambda client: client.containers(quiet=True, filters=filters))
        self._tell(None, frozenset(container["Id"] for container in running))

    def _tell(self, container_id: str | None, running: frozenset[str]) -> None:
        """Hint one container's watchers, or everybody's but those of `running`."""
        assert self._loop is not None
        with suppress(RuntimeError):  # the loop was closed: nobody is left to be told
            self._loop.call_soon_threadsafe(self._set_hints, container_id, running)

    # --- on the loop ---

    def _set_hints(self, container_id: str | None, running: frozenset[str]) -> None:
        known = (container_id,) if container_id else {*self._hints, *self._expected} - running
        for one in known:
            for hint in self._hints.get(one, ()):
                hint.set()
            if expected := self._expected.get(one):
                expected.set()


@contextmanager
def taken(hint: asyncio.Event) -> Iterator[None]:
    """Take a hint, and give it back where the look that it asks for is canceled."""
    hint.clear()
    try:
        yield
    except asyncio.CancelledError:
        hint.set()
        raise


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
