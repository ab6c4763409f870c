"""Images in a registry, by the docker command: it has whatever way to log in its user has set up (`docker login`)."""

from __future__ import annotations

import json
from asyncio.subprocess import STDOUT
from collections import deque
from typing import Final

from orchestrator.engine.base import BuildFailed, Log
from orchestrator.engine.docker.build.base import docker_cli, inspected
from orchestrator.engine.docker.build.command import lines, running

_LAST_LINES: Final = 5


async def push(image: str, name: str, log: Log) -> str:
    """Push the image under a name with a tag; the name by which it can be pulled for ever, with its digest. Raises BuildFailed."""
    docker, repository = await docker_cli(log), name.rpartition(":")[0]
    try:
        await _docker(docker, f"{name} cannot be pushed", "tag", image, name)
        await _docker(docker, f"{name} cannot be pushed", "push", name)
        digests = json.loads(await inspected(docker, image, "{{json .RepoDigests}}") or "[]")
    finally:
        await _forget(docker, name)
    try:
        return next(str(one) for one in digests if one.startswith(f"{repository}@"))
    except StopIteration:
        raise BuildFailed(f"{name} was pushed, and the registry gave it no digest") from None


async def pull(reference: str, log: Log) -> str:
    """The id of an image that was pushed, fetched to this host. Raises BuildFailed."""
    docker = await docker_cli(log)
    await _docker(docker, f"{reference} cannot be pulled", "pull", "--quiet", reference)
    found = await inspected(docker, reference, "{{.Id}}")
    if found is None:
        raise BuildFailed(f"{reference} was pulled, and is not there: deploy again")
    return found


async def _docker(docker: str, failing: str, *arguments: str) -> None:
    """Run one command. Raises BuildFailed with the end of what it said."""
    said: deque[str] = deque(maxlen=_LAST_LINES)
    async with running(docker, *arguments, stderr=STDOUT) as process:
        async for line in lines(process.stdout):
            said.append(line)
    if process.returncode != 0:
        hint = "its registry must answer, and let the orchestrator's user in: docker login"
        raise BuildFailed(f"{failing}: {hint}\n" + "\n".join(said))


async def _forget(docker: str, name: str) -> None:
    """Take the registry's name away: an image that somebody else named is never removed."""
    async with running(docker, "image", "rm", "--no-prune", name, stderr=STDOUT) as process:
        async for _ in lines(process.stdout):
            pass
