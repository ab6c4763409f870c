"""The way to Docker: short calls on a few threads, long answers on sockets of their own."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for_all
from threading import Lock
from typing import Any, Final
from urllib.parse import urlencode

import docker

from orchestrator.engine.base import CALL_TIMEOUT_S, EngineUnavailable
from orchestrator.engine.docker.errors import translated
from orchestrator.engine.docker.logs.stream import DockerStream, connect

DEFAULT_URL: Final = "unix:///var/run/docker.sock"
THREADS: Final = 8
"""More calls at once start no container sooner: dockerd and the kernel do most of that work one by one."""


class DockerApi:
    """docker-py's low-level client for coroutines; connects at the first call. Raises only EngineError."""

    def __init__(self, base_url: str | None = None) -> None:
        self.url = base_url or os.environ.get("DOCKER_HOST") or DEFAULT_URL
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="docker")
        self._under_way: set[Future[Any]] = set()
        self._connecting = Lock()
        self._client: Any = None

    async def call(self, action: str, function: Callable[[Any], Any]) -> Any:
        """What `function` makes of the client, on a thread; `action` reads "start container 12ab" in errors."""
        under_way = self._threads.submit(self.call_now, action, function)
        self._under_way.add(under_way)
        under_way.add_done_callback(self._under_way.discard)
        try:
            async with asyncio.timeout(CALL_TIMEOUT_S):
                return await asyncio.wrap_future(under_way)
        except TimeoutError as error:
            raise EngineUnavailable(
                f"cannot {action}: Docker at {self.url} took over {CALL_TIMEOUT_S:.0f} s"
            ) from error

    async def drain(self) -> None:
        """Wait for calls whose callers were canceled: a thread goes on, and may still make a container."""
        await asyncio.to_thread(wait_for_all, set(self._under_way), CALL_TIMEOUT_S)

    def call_now(self, action: str, function: Callable[[Any], Any]) -> Any:
        """The same for a thread, which it blocks."""
        with translated(action, self.url):
            return function(self._connected())

    def stream(self, action: str, path: str, query: Mapping[str, object]) -> DockerStream:
        """A long answer, not yet asked for; `query` values that are mappings go as JSON."""
        text = {name: json.dumps(value) if isinstance(value, Mapping) else value for name, value in query.items()}
        return DockerStream(self.url, f"{path}?{urlencode(text)}", action)

    def close(self) -> None:
        """Let go of threads and connections; calls under way end in the background."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._client is not None:
            self._client.close()

    def _connected(self) -> Any:
        with self._connecting:
            if self._client is None:
                connect(self.url).close()  # docker-py would leave a socket open and hide the reason in four layers
                self._client = docker.APIClient(
                    base_url=self.url, version="auto", timeout=int(CALL_TIMEOUT_S), max_pool_size=THREADS + 2
                )
        return self._client
