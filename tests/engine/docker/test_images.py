"""Images go when the last instance lets go of them, and nobody else's ever."""

from __future__ import annotations

import io
import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from docker.errors import ImageNotFound

from orchestrator.core.image import REPOSITORY
from orchestrator.engine.docker.engine import DockerEngine

pytestmark = pytest.mark.docker

Built = Callable[[], str]


@pytest.fixture
def built(docker_client: Any, base_image: str) -> Any:
    """Makes an image as a build leaves it; returns its id."""
    made = []

    def build() -> str:
        tag = f"{REPOSITORY}:{secrets.token_hex(12)}"
        dockerfile = io.BytesIO(f"FROM {base_image}\nLABEL test={tag}\n".encode())
        list(docker_client.build(fileobj=dockerfile, tag=tag, rm=True))
        made.append(str(docker_client.inspect_image(tag)["Id"]))
        return made[-1]

    yield build
    for image in made:
        if exists(docker_client, image):
            docker_client.remove_image(image, force=True)


@pytest.fixture
async def neighbour(instance: str) -> AsyncIterator[DockerEngine]:
    """Another instance on the same host, whose id begins like ours."""
    engine = DockerEngine(f"{instance}x")
    yield engine
    await engine.close()


def exists(client: Any, image: str) -> bool:
    try:
        client.inspect_image(image)
    except ImageNotFound:
        return False
    return True


async def test_the_last_to_release_an_image_removes_it(
    docker_engine: DockerEngine, neighbour: DockerEngine, docker_client: Any, built: Built
) -> None:
    image = built()
    for engine in (docker_engine, neighbour):
        await engine.keep_image(image)
    await docker_engine.release_image(image)
    assert len(docker_client.inspect_image(image)["RepoTags"]) == 2, "the neighbour's, and the one that builds find"
    assert await docker_engine.kept_images() == frozenset()
    assert await neighbour.kept_images() == {image}
    await neighbour.release_image(image)
    assert not exists(docker_client, image)


async def test_an_image_that_somebody_else_named_stays(
    docker_engine: DockerEngine, docker_client: Any, built: Built
) -> None:
    image = built()
    await docker_engine.keep_image(image)
    docker_client.tag(image, "somebody-elses", secrets.token_hex(4))
    await docker_engine.release_image(image)
    assert exists(docker_client, image)
    assert await docker_engine.kept_images() == frozenset()


async def test_an_image_that_a_container_uses_stays_until_it_is_gone(
    docker_engine: DockerEngine, docker_client: Any, built: Built
) -> None:
    image = built()
    await docker_engine.keep_image(image)
    container = docker_client.create_container(image, "true")["Id"]
    try:
        await docker_engine.release_image(image)
        assert await docker_engine.kept_images() == {image}
    finally:
        docker_client.remove_container(container)
    await docker_engine.release_image(image)
    assert not exists(docker_client, image)
