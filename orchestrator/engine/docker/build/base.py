"""The base image, and the docker command that builds on it: both found or made by the programs of images/."""

from __future__ import annotations

import os
from asyncio.subprocess import DEVNULL
from collections.abc import Sequence
from typing import Final

from orchestrator.core.image import BaseImage
from orchestrator.engine.base import Log
from orchestrator.engine.docker.build.command import lines, running, script

_LABELS: Final = (
    """{{index .Config.Labels "orchestrator.python"}} {{index .Config.Labels "orchestrator.bootstrapped"}}"""
)
LABEL_PYTHON: Final = "orchestrator.python"
_COMMANDS: Final[dict[tuple[str, str], str]] = {}
"""To find one takes three processes."""


async def base_image(log: Log, pythons: Sequence[str] = ()) -> BaseImage:
    """The base image, made now if this host has none; that takes a minute. Raises BuildFailed."""
    tag = await script("ensure-base", log, *pythons)
    docker = await docker_cli(_quietly)
    python, _, bootstrapped = (await inspected(docker, tag, _LABELS) or "").partition(" ")
    return BaseImage(tag, python, bool(bootstrapped))


async def docker_cli(log: Log) -> str:
    """The path of a docker command whose BuildKit works, looked for once in each environment. Raises BuildFailed."""
    where = os.environ.get("PATH", ""), os.environ.get("DOCKER", "")
    found = _COMMANDS.get(where)
    if found is None or not os.access(found, os.X_OK):
        found = _COMMANDS[where] = await script("docker-cli", log)
    return found


async def inspected(docker: str, tag: str, template: str) -> str | None:
    """What the template says of a local image, None when there is none of this name."""
    async with running(docker, "image", "inspect", f"--format={template}", tag, stderr=DEVNULL) as process:
        printed = [line async for line in lines(process.stdout)]
    return printed[0] if process.returncode == 0 and printed else None


async def _quietly(_: str) -> None:
    """Takes lines that were shown before."""
