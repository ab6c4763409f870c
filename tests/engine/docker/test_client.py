"""A user who may not talk to Docker is told so."""

from __future__ import annotations

import asyncio
import os

import pytest

from orchestrator.core.container.user import NOBODY
from orchestrator.engine.base import EngineUnavailable
from orchestrator.engine.docker.engine import DockerEngine

pytestmark = [
    pytest.mark.docker,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else"),
]


def test_docker_without_permission_says_so_and_what_to_do() -> None:
    said = said_to_nobody()
    assert "Permission denied" in said
    assert "`orchestrator doctor` says how" in said


def said_to_nobody() -> str:
    """The engine's error in a process of an unprivileged user."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(int(NOBODY.partition(":")[2]))
        os.setuid(int(NOBODY.partition(":")[0]))
        os.write(writing, asked_as_this_user().encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said


def asked_as_this_user() -> str:
    try:
        asyncio.run(DockerEngine("nobodys").info())
    except EngineUnavailable as error:
        return str(error)
    return "it was let in"
