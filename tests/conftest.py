"""What tests of every kind share: the base image, an instance of their own, engines, and a look at what they left behind."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from orchestrator.core.container import LABEL_INSTANCE
from orchestrator.engine.docker import DockerEngine
from orchestrator.engine.fake import FakeEngine
from orchestrator.engine.fake_process import Program

ROOT = Path(__file__).parent.parent


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
    left = _remove_all(client, f"{LABEL_INSTANCE}={instance}")
    if left:
        pytest.fail(f"left behind: {', '.join(left)}")


def _remove_all(client: Any, label: str) -> list[str]:
    """Remove what carries the label; the names of what there was."""
    containers = client.containers(all=True, filters={"label": label})
    for container in containers:
        client.remove_container(container["Id"], force=True, v=True)
    networks = client.networks(filters={"label": label})
    for network in networks:
        client.remove_network(network["Id"])
    return [container["Names"][0] for container in containers] + [network["Name"] for network in networks]


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
