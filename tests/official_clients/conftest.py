"""A live API over the fake engine, for programs outside."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable
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
from tests.official import python_with
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
        sessions=Sessions(store, KEY),
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


@pytest.fixture
def outside(url: str) -> Outside:
    """Programs that know nothing but the two variables official clients read."""
    return lambda requirement, part: run_program(requirement, part, url)


async def run_program(requirement: str, part: str, url: str) -> dict[str, Any]:
    python = await asyncio.to_thread(python_with, requirement)
    home = {"RENDER_LOCAL_DEV_URL": url, "RENDER_API_KEY": KEY, "PYTHONWARNINGS": "ignore"}
    process = await asyncio.create_subprocess_exec(
        python,
        PROGRAM,
        requirement.partition("==")[0],
        part,
        env={"PATH": os.environ["PATH"], **home},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, complaints = await process.communicate()
    assert process.returncode == 0, complaints.decode()
    return dict(json.loads(printed))
