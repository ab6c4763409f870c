"""A live API over the fake engine, for programs outside."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import AsyncIterator, Awaitable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from orchestrator.api.app import create_app
from orchestrator.api.deps import Services
from orchestrator.api.logs.tail import Tail
from orchestrator.store.api_keys import ApiKeys
from orchestrator.store.connection import Client
from orchestrator.store.control.operations import Operations
from orchestrator.store.control.pauses import Pauses
from orchestrator.store.overview import Overview
from orchestrator.store.runs.listing import RunListing
from orchestrator.store.runs.metrics import Metrics
from orchestrator.store.runs.trees import Trees
from orchestrator.store.sessions import Sessions
from tests.api.support.serving import serving
from tests.official import NO_TLS, python_with
from tests.scheduler.conftest import Instance, fake_instance, idle_instance, new_channel
from tests.scheduler.shim_program import Task

__all__ = ["fake_instance", "idle_instance", "new_channel"]

KEY = "orc_secret"
PROGRAM = Path(__file__).parent / "program.py"


class Outside(Protocol):
    """Runs a part of the program with an official release; what it saw."""

    def __call__(self, requirement: str, part: str) -> Awaitable[dict[str, Any]]: ...


async def square(task: Task, number: int) -> int:
    task.process.print(f"squaring {number}")
    return number * number


async def echo(task: Task, value: object) -> object:
    return value


async def wait(task: Task) -> None:
    await asyncio.Event().wait()


async def boom(task: Task) -> None:
    raise ValueError("boom")


async def flaky(task: Task) -> str:
    if task.attempt == 0:
        raise ValueError("not yet")
    return "now"


@pytest.fixture
async def services(fake_instance: Instance, store: Client) -> Services:
    """What an API of the instance works with."""
    await fake_instance.register({"square": square, "echo": echo, "wait": wait, "boom": boom, "flaky": flaky})
    context = fake_instance.context
    return Services(
        runs=context.runs,
        listing=RunListing(store, context.runs),
        workflows=context.workflows,
        pauses=Pauses(store),
        operations=Operations(store),
        logs=context.logs,
        metrics=Metrics(store),
        feed=context.feed,
        tail=Tail(context.logs, context.feed),
        now_ms=context.now_ms,
        sessions=Sessions(store, KEY, ApiKeys(store).has),
        trees=Trees(store),
        overview=Overview(store),
        keys=ApiKeys(store),
        api_key=KEY,
    )


@pytest.fixture
async def url(services: Services) -> AsyncIterator[str]:
    """Where the API is."""
    following = asyncio.ensure_future(services.tail.run())
    async with serving(create_app(services)) as url:
        yield url
    following.cancel()


class Programs:
    """One process for each release, which goes on to the next part when it has done one."""

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[str]] = {}

    async def run(self, requirement: str, part: str, url: str) -> dict[str, Any]:
        """What it saw in that part, with the API at the URL."""
        return await asyncio.to_thread(self._run, requirement, part, url)

    def _run(self, requirement: str, part: str, url: str) -> dict[str, Any]:
        program = self._running.get(requirement)
        if program is None:
            program = self._running[requirement] = self._start(requirement)
        assert program.stdin is not None
        assert program.stdout is not None
        print(part, url, file=program.stdin, flush=True)
        printed = program.stdout.readline()
        if not printed:
            del self._running[requirement]
            raise AssertionError(program.communicate()[1])
        return dict(json.loads(printed))

    def _start(self, requirement: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [python_with(requirement), PROGRAM, requirement.partition("==")[0]],
            env={"PATH": os.environ["PATH"], "RENDER_API_KEY": KEY, "PYTHONWARNINGS": "ignore", **NO_TLS},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def end(self) -> None:
        """Let them go."""
        for program in self._running.values():
            program.communicate()


@pytest.fixture(scope="session")
def official_programs() -> Iterator[Programs]:
    """Of all tests."""
    running = Programs()
    yield running
    running.end()


@pytest.fixture
def outside(url: str, official_programs: Programs) -> Outside:
    """Programs that know nothing but the two variables official clients read."""
    return lambda requirement, part: official_programs.run(requirement, part, url)
