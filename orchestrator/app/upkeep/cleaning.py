"""What an instance left with Docker, to be taken away: containers, the network and the cgroup around them, and its images."""

from __future__ import annotations

from dataclasses import dataclass

from orchestrator.engine.base import Engine


@dataclass(frozen=True, slots=True)
class Left:
    """What is there: ids, and how many of the containers run."""

    containers: tuple[str, ...]
    running: int
    images: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.containers or self.images)


async def look(engine: Engine) -> Left:
    """What the instance has at present. Raises EngineError."""
    containers = await engine.list()
    images = await engine.kept_images()
    running = sum(one.running for one in containers)
    return Left(tuple(one.id for one in containers), running, tuple(sorted(images)))


async def clean(engine: Engine, left: Left) -> Left:
    """Take it away, and what is around it; what is still there afterwards, such as an image that somebody else uses."""
    for container_id in left.containers:
        await engine.remove(container_id)
    for image in left.images:
        await engine.release_image(image)
    await engine.dismantle()
    return await look(engine)
