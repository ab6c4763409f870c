"""What tests of every kind share: the base image, an instance of their own, engines, and a look at what they left behind."""

from __future__ import annotations

import asyncio
import gc
import secrets
import subprocess
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import Any

import docker
import hypothesis
import pytest

from orchestrator.channel import shared as channels
from orchestrator.channel.access import USER_PREFIX
from orchestrator.core.container.spec import LABEL_INSTANCE
from orchestrator.engine.docker.engine import DockerEngine
from orchestrator.engine.fake.engine import FakeEngine
from orchestrator.engine.fake.process import Program
from orchestrator.redis.server import channel_server, store_server
from orchestrator.store.connection import Client, connect
from tests.leftovers import ROOT, remove_all
from tests.live_instance import live, repo

# An example that takes long on a busy host is no mistake of the code.
hypothesis.settings.register_profile("full", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("full")
hypothesis.settings.register_profile("quick", hypothesis.settings(), max_examples=15, stateful_step_count=30)

__all__ = ["live", "repo"]


gc.disable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with tests of Docker or a browser come first, then long ones: those given out last are short, and nobody waits."""
    busy, long = (
        {item.path for item in items if _has_any(item, names)} for names in (("docker", "browser"), ("long",))
    )
    items.sort(key=lambda item: (item.path not in busy, item.path not in long))


def _has_any(item: pytest.Item, names: tuple[str, ...]) -> bool:
    return any(item.get_closest_marker(name) for name in names)


def pytest_collection_finish() -> None:
    """All that was made since the start stays until the end: the garbage collector need not look through it, then or now."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    """What a test printed or showed may be no Unicode, and then could not be told by one process of pytest to another."""
    report: Any = yield
    report.sections = [(name, _told(text)) for name, text in report.sections]
    if report.failed and not _is_told(report.longreprtext):
        report.longrepr = _told(report.longreprtext)
    return report


def _told(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()


def _is_told(text: str) -> bool:
    return text == _told(text)


@pytest.fixture(scope="session")
def base_image() -> str:
    """The tag of the base image, made first where there is none."""
    ensured = subprocess.run([ROOT / "images" / "ensure-base"], stdout=subprocess.PIPE, text=True, check=True)
    return ensured.stdout.strip()


@pytest.fixture(scope="session")
def docker_client() -> Iterator[Any]:
    """docker-py's low-level client, to see what the engine did."""
    client = docker.APIClient(version="auto")
    yield client
    client.close()


@pytest.fixture
def instance() -> str:
    """An instance id nobody else has."""
    return f"test{secrets.token_hex(6)}"


@pytest.fixture(autouse=True)
def _nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails the test that leaves a container or network of its instance, and removes it."""
    if request.node.get_closest_marker("docker") is None or "instance" not in request.fixturenames:
        yield
        return
    client, instance = request.getfixturevalue("docker_client"), request.getfixturevalue("instance")
    yield
    left = remove_all(client, f"{LABEL_INSTANCE}={instance}")
    if left:
        pytest.fail(f"left behind: {', '.join(left)}")


@pytest.fixture
async def docker_engine(instance: str) -> AsyncIterator[DockerEngine]:
    """The Docker engine, without its network: a test that needs one calls `prepare`."""
    engine = DockerEngine(instance)
    yield engine
    await engine.dismantle()
    await engine.close()


@pytest.fixture
def programs() -> dict[str, Program]:
    """The fake engine's images; tests add theirs."""
    return {}


@pytest.fixture
async def fake_engine(instance: str, programs: dict[str, Program]) -> AsyncIterator[FakeEngine]:
    """The fake engine, running `programs`."""
    engine = FakeEngine(instance, programs)
    yield engine
    await engine.close()


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for a data directory: the path of a socket in it must not be too long for the kernel."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def redis_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The URLs of a store's and a channel's Redis, shared by all tests that `store` and `channel_client` clean up after."""
    home = tmp_path_factory.mktemp("redis")
    servers = (store_server(home / "s", "p", fsync="no"), channel_server(home / "c", "p"))
    for server in servers:
        asyncio.run(server.start())
    yield servers[0].url, servers[1].url
    for server in servers:
        asyncio.run(server.stop())


@pytest.fixture
async def store(redis_servers: tuple[str, str]) -> AsyncIterator[Client]:
    """An empty store."""
    client = connect(redis_servers[0])
    await client.flushall()
    yield client
    await client.flushall()
    await client.aclose()


@pytest.fixture
async def channel_client(redis_servers: tuple[str, str]) -> AsyncIterator[Any]:
    """The administrator of an empty channel; fails the test that leaves a container's user or stream."""
    client = channels.connect(redis_servers[1])
    yield client
    users = [user for user in await client.execute_command("ACL", "USERS") if user.startswith(USER_PREFIX)]
    streams = await client.keys("chan:*:*")
    await client.flushall()
    if users:
        await client.execute_command("ACL", "DELUSER", *users)
    await client.aclose()
    assert (users, streams) == ([], []), "left behind on the channel"
