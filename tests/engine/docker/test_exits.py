"""An end is noticed whatever happens to Docker's events."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from threading import enumerate as all_threads

import pytest

from orchestrator.core.container.exits import verdict
from orchestrator.core.container.spec import ContainerDefaults, ContainerIdentity, ContainerState, Role, compile_spec
from orchestrator.core.plans import MIB, Plan
from orchestrator.core.runs.run import FailureClass
from orchestrator.engine.docker import exits
from orchestrator.engine.docker.engine import DockerEngine
from tests.wait import LIMIT_S

pytestmark = [
    pytest.mark.docker,
    pytest.mark.filterwarnings(
        "ignore:unclosed <socket:ResourceWarning"
    ),  # docker-py's, when it is refused a connection
]

SCRIPT = "trap 'echo second; exit' TERM; echo first; while :; do sleep 0.05; done"


class Proxy:
    """Stands between an engine and Docker; can hang up on everybody, and keep the events to itself."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.is_deaf = False
        self.events_connections = 0
        self._is_open = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        self._server = await asyncio.start_unix_server(self._accept, self.path)
        self._is_open = True

    async def hang_up(self) -> None:
        """End all connections and refuse new ones."""
        assert self._server is not None
        self._is_open = False
        self._server.close()
        self.path.unlink(missing_ok=True)
        while self._serving:
            for writer in self._writers:
                writer.close()
            await asyncio.wait(self._serving)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream, downstream = await asyncio.open_unix_connection("/var/run/docker.sock")
        self._writers.add(downstream)
        with suppress(OSError):
            request = await reader.read(65536)
            is_events = request.startswith(b"GET /events")
            if self._is_open:
                self.events_connections += is_events
                downstream.write(request)
                await asyncio.gather(self._copy(reader, downstream, False), self._copy(upstream, writer, is_events))
        self._writers -= {writer, downstream}
        writer.close()
        downstream.close()

    async def _copy(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, is_events: bool) -> None:
        is_head = True
        while data := await source.read(65536):
            if is_head or not (is_events and self.is_deaf):
                target.write(data)
            is_head = False
        target.close()


@pytest.fixture
async def proxy(tmp_path: Path) -> AsyncIterator[Proxy]:
    proxy = Proxy(tmp_path / "docker.sock")
    await proxy.open()
    yield proxy
    await proxy.hang_up()


@pytest.fixture
async def engine(proxy: Proxy, instance: str) -> AsyncIterator[DockerEngine]:
    engine = DockerEngine(instance, base_url=f"unix://{proxy.path}")
    yield engine
    await engine.close()


@pytest.fixture
async def sleeper(docker_engine: DockerEngine, instance: str, base_image: str) -> AsyncIterator[str]:
    """A running container, made without the proxy."""
    defaults = ContainerDefaults("none", (), ("sh", "-c", SCRIPT), "/")
    identity = ContainerIdentity(instance, Role.ATTEMPT, secrets.token_hex(8))
    container_id = await docker_engine.create(
        compile_spec(identity, base_image, Plan("tiny", 500, 64 * MIB), {}, defaults)
    )
    await docker_engine.start(container_id)
    yield container_id
    await docker_engine.remove(container_id)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def settled(engine: DockerEngine, proxy: Proxy, container_id: str) -> asyncio.Task[ContainerState | None]:
    """Waiting for a container, after the looks that come with a new connection."""
    waiting = asyncio.create_task(engine.wait(container_id))
    await until(lambda: proxy.events_connections == 1)
    await asyncio.wait([waiting], timeout=0.3)
    return waiting


async def exit_code_of(waiting: asyncio.Task[ContainerState | None]) -> int | None:
    async with asyncio.timeout(LIMIT_S):
        state = await waiting
    return state.exit_code if state is not None else None


async def follow(engine: DockerEngine, container_id: str, messages: list[str]) -> None:
    async for batch in engine.logs(container_id, follow=True):
        messages.extend(line.message for line in batch)


async def test_an_end_during_a_broken_connection_is_noticed_on_reconnect(
    proxy: Proxy, engine: DockerEngine, docker_engine: DockerEngine, sleeper: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exits, "SWEEP_S", 600)
    waiting = await settled(engine, proxy, sleeper)
    await proxy.hang_up()
    await docker_engine.signal(sleeper, "SIGKILL")
    await docker_engine.wait(sleeper)
    assert not waiting.done()
    await proxy.open()
    assert await exit_code_of(waiting) == 137


async def test_what_ended_while_docker_was_out_of_sight_may_have_been_ended_by_its_restart(
    proxy: Proxy, engine: DockerEngine, docker_engine: DockerEngine, sleeper: str
) -> None:
    waiting = await settled(engine, proxy, sleeper)
    seeing = asyncio.create_task(docker_engine.wait(sleeper))
    await proxy.hang_up()
    await docker_engine.signal(sleeper, "SIGKILL")
    await proxy.open()
    async with asyncio.timeout(LIMIT_S):
        broken, whole = await waiting, await seeing
    assert broken is not None
    assert verdict(broken, "starter").cls is FailureClass.INFRA
    assert whole is not None
    assert not broken.running
    assert whole.exit_code == broken.exit_code == 137


async def test_an_end_in_plain_sight_is_the_containers_own(engine: DockerEngine, proxy: Proxy, sleeper: str) -> None:
    waiting = await settled(engine, proxy, sleeper)
    await engine.signal(sleeper, "SIGKILL")
    async with asyncio.timeout(LIMIT_S):
        seen = await waiting
    assert seen is not None
    assert verdict(seen, "starter").cls is FailureClass.EXIT


async def test_an_end_whose_event_is_lost_is_noticed_by_the_sweep(
    proxy: Proxy, engine: DockerEngine, docker_engine: DockerEngine, sleeper: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exits, "SWEEP_S", 0.3)
    proxy.is_deaf = True
    waiting = await settled(engine, proxy, sleeper)
    await docker_engine.signal(sleeper, "SIGKILL")
    assert await exit_code_of(waiting) == 137


async def test_an_end_is_noticed_by_its_event_long_before_the_sweep(
    docker_engine: DockerEngine, sleeper: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exits, "SWEEP_S", 600)
    waiting = asyncio.create_task(docker_engine.wait(sleeper))
    await asyncio.wait([waiting], timeout=0.3)
    await docker_engine.signal(sleeper, "SIGKILL")
    assert await exit_code_of(waiting) == 137


async def test_followed_logs_go_on_after_a_broken_connection(
    proxy: Proxy, engine: DockerEngine, docker_engine: DockerEngine, sleeper: str
) -> None:
    messages: list[str] = []
    following = asyncio.create_task(follow(engine, sleeper, messages))
    await until(lambda: messages)
    await proxy.hang_up()
    await proxy.open()
    await docker_engine.signal(sleeper, "SIGTERM")
    async with asyncio.timeout(LIMIT_S):
        await following
    assert messages == ["first", "second"]


async def test_threads_end_with_their_engine(instance: str, sleeper: str) -> None:
    before = set(all_threads())
    engine, messages = DockerEngine(instance), list[str]()
    waiting = asyncio.create_task(engine.wait(sleeper))
    following = asyncio.create_task(follow(engine, sleeper, messages))
    await until(lambda: messages)
    assert len(set(all_threads()) - before) >= 2
    for task in (waiting, following):
        task.cancel()
    await asyncio.wait([waiting, following])
    await engine.close()
    await until(lambda: set(all_threads()) <= before)
