"""Images in a registry: Debian's own, on loopback, which Docker trusts without TLS."""

from __future__ import annotations

import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from docker.errors import ImageNotFound

from orchestrator.engine.base import BuildFailed
from orchestrator.engine.docker.build import registry
from tests.wait import until

pytestmark = pytest.mark.docker

CONFIG = """
version: 0.1
storage: {{filesystem: {{rootdirectory: {folder}}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


async def silent(line: str) -> None:
    """Logs nowhere."""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A registry of the test's own."""
    program = shutil.which("docker-registry") or pytest.skip(
        "there is no docker-registry: apt-get install docker-registry"
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (tmp_path / "config.yml").write_text(CONFIG.format(folder=tmp_path / "images", port=port))
    with subprocess.Popen([program, "serve", tmp_path / "config.yml"], stderr=subprocess.DEVNULL) as process:
        until(lambda: answers(port), "the registry to answer")
        yield f"127.0.0.1:{port}"
        process.terminate()


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/v2/").is_success
    except httpx.TransportError:
        return False


def is_there(client: Any, image: str) -> bool:
    try:
        client.inspect_image(image)
    except ImageNotFound:
        return False
    return True


async def test_what_was_pushed_comes_back_by_its_digest(address: str, docker_client: Any, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(f"FROM scratch\nLABEL test={secrets.token_hex(8)}\nCOPY config.yml /\n")
    *_, last = docker_client.build(path=str(tmp_path), decode=True, rm=True, tag=f"test-{secrets.token_hex(8)}:1")
    image = str(docker_client.inspect_image(last["stream"].split(" ")[-1].strip())["Id"])
    reference = await registry.push(image, f"{address}/team/jobs:wfv-1", silent)
    assert reference.startswith(f"{address}/team/jobs@sha256:")
    assert not any(address in tag for tag in docker_client.inspect_image(image)["RepoTags"])
    docker_client.remove_image(image, force=True)
    assert not is_there(docker_client, image)
    assert await registry.pull(reference, silent) == image
    docker_client.remove_image(image, force=True)


async def test_a_registry_that_does_not_answer_is_named(base_image: str) -> None:
    with pytest.raises(BuildFailed, match=r"^127.0.0.1:1/jobs:1 cannot be pushed: its registry must answer"):
        await registry.push(base_image, "127.0.0.1:1/jobs:1", silent)


async def test_what_was_never_pushed_cannot_be_pulled(address: str) -> None:
    with pytest.raises(BuildFailed, match="cannot be pulled"):
        await registry.pull(f"{address}/jobs@sha256:{'0' * 64}", silent)
