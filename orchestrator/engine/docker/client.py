"""The way to Docker: what every run asks on the event loop, other calls on a few threads, long answers on sockets of their own."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for_all
from http import HTTPStatus
from threading import Lock
from typing import Any, Final
from urllib.parse import urlencode

import docker

from orchestrator.engine.base import CALL_TIMEOUT_S, EngineUnavailable
from orchestrator.engine.docker.errors import refused, translated
from orchestrator.engine.docker.http import CALLS, Answer, DockerHttp
from orchestrator.engine.docker.logs.attachment import Attachment
from orchestrator.engine.docker.logs.stream import DockerStream, connect

_OUTPUT: Final = urlencode({"stream": 1, "stdout": 1, "stderr": 1})
DEFAULT_URL: Final = "unix:///var/run/docker.sock"
_FIRST_ERROR: Final = HTTPStatus.BAD_REQUEST


class DockerApi:
    """Docker's API for coroutines, with docker-py for what is rare; connects at the first call. Raises only EngineError."""

    def __init__(self, base_url: str | None = None) -> None:
        self.url = base_url or os.environ.get("DOCKER_HOST") or DEFAULT_URL
        self._http = DockerHttp(self.url)
        self._asked: set[asyncio.Task[Answer]] = set()
        self._threads = ThreadPoolExecutor(CALLS, thread_name_prefix="docker")
        self._under_way: set[Future[Any]] = set()
        self._connecting = Lock()
        self._client: Any = None

    async def create_container(self, name: str, body: Mapping[str, Any]) -> str:
        """The id of a new one."""
        query = urlencode({"name": name})
        return str((await self.ask(f"create container {name}", "POST", f"/containers/create?{query}", body))["Id"])

    async def start_container(self, container_id: str) -> None:
        """Start what was created."""
        await self.ask(f"start container {container_id}", "POST", f"/containers/{container_id}/start")

    async def remove_container(self, container_id: str) -> None:
        """Kill it if it runs, and remove it with its volumes."""
        await self.ask(f"remove container {container_id}", "DELETE", f"/containers/{container_id}?force=1&v=1")

    async def ask(self, action: str, method: str, path: str, body: Any = None) -> Any:
        """What Docker answers to the request, read from JSON; `action` reads "start container 12ab" in errors."""
        data = await self.read(action, method, path, body)
        return json.loads(data) if data[:1] in (b"{", b"[") else None

    async def read(self, action: str, method: str, path: str, body: Any = None) -> bytes:
        """The same as it came.

        Whoever is canceled meanwhile does not take it back: what was asked for may still be done.
        """
        asked = asyncio.get_running_loop().create_task(self._http.request(method, path, body), name=action)
        self._asked.add(asked)
        asked.add_done_callback(self._answered)
        with translated(action, self.url):
            try:
                async with asyncio.timeout(CALL_TIMEOUT_S):
                    answer = await asyncio.shield(asked)
            except TimeoutError as error:
                asked.cancel()
                raise self._too_late(action) from error
        if answer.status >= _FIRST_ERROR:
            raise refused(action, answer.status, answer.message)
        return answer.body

    def _answered(self, asked: asyncio.Task[Answer]) -> None:
        self._asked.discard(asked)
        if not asked.cancelled():
            asked.exception()  # nobody may be left to be told

    async def call(self, action: str, function: Callable[[Any], Any]) -> Any:
        """What `function` makes of docker-py's client, on a thread."""
        under_way = self._threads.submit(self.call_now, action, function)
        self._under_way.add(under_way)
        under_way.add_done_callback(self._under_way.discard)
        try:
            async with asyncio.timeout(CALL_TIMEOUT_S):
                return await asyncio.wrap_future(under_way)
        except TimeoutError as error:
            raise self._too_late(action) from error

    def _too_late(self, action: str) -> EngineUnavailable:
        return EngineUnavailable(f"cannot {action}: Docker at {self.url} took over {CALL_TIMEOUT_S:.0f} s")

    async def drain(self) -> None:
        """Wait for calls whose callers were canceled: they go on, and may still make a container."""
        if self._asked:
            await asyncio.wait(self._asked, timeout=CALL_TIMEOUT_S)
        await asyncio.to_thread(wait_for_all, set(self._under_way), CALL_TIMEOUT_S)

    def call_now(self, action: str, function: Callable[[Any], Any]) -> Any:
        """The same for a thread, which it blocks."""
        with translated(action, self.url):
            return function(self._connected())

    def stream(self, action: str, path: str) -> DockerStream:
        """A long answer, not yet asked for."""
        return DockerStream(self.url, path, action)

    async def attached(self, container_id: str) -> Attachment:
        """What the container prints from now on. Raises NotFound; Conflict where it does not run."""
        action, path = f"attach to container {container_id}", f"/containers/{container_id}/attach?{_OUTPUT}"
        request = (
            f"POST {path} HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n"
        )
        with translated(action, self.url):
            attachment = await self._http.connected(lambda: Attachment(request.encode()))
            try:
                async with asyncio.timeout(CALL_TIMEOUT_S):
                    status = await attachment.status
                if status >= _FIRST_ERROR:
                    raise refused(action, status, "it was refused")
            except TimeoutError as error:
                raise self._too_late(action) from error
            except BaseException:
                attachment.close()
                raise
        return attachment

    def close(self) -> None:
        """Let go of threads and connections; calls under way end in the background."""
        self._http.close()
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._client is not None:
            self._client.close()

    def _connected(self) -> Any:
        with self._connecting:
            if self._client is None:
                connect(self.url).close()  # docker-py would leave a socket open and hide the reason in four layers
                self._client = docker.APIClient(
                    base_url=self.url, version="auto", timeout=int(CALL_TIMEOUT_S), max_pool_size=CALLS + 2
                )
        return self._client
