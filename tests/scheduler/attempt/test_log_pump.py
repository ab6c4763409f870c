"""What an attempt's container prints, on its way to the store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

import pytest

from orchestrator.core.logs import LogLine
from orchestrator.core.runs.run import Status
from orchestrator.store import keys
from orchestrator.store.logs import Cursor
from tests.scheduler.conftest import Instance
from tests.scheduler.shim_program import Task


async def square(task: Task, number: int) -> int:
    task.process.print(f"squaring {number}")
    return number**2


async def test_what_a_run_printed_is_kept_and_marked_complete(fake_instance: Instance) -> None:
    await fake_instance.register({"square": square})
    run_id = await fake_instance.submit("square", 7)
    await fake_instance.ended(run_id)
    await fake_instance.idle()
    page = await fake_instance.context.logs.read(keys.run_logs(run_id, 0), Cursor(), limit=10)
    assert [line.message for _, line in page.lines] == ["squaring 7"]
    assert page.is_end


async def test_a_dead_containers_run_is_over_even_while_its_log_cannot_be_read(
    fake_instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = asyncio.Event()

    async def stuck(container_id: str, *, since_ns: int = 0, follow: bool) -> AsyncGenerator[Sequence[LogLine], None]:
        await released.wait()
        return
        yield

    async def leave(task: Task) -> None:
        task.process.end(7)
        await asyncio.Event().wait()

    monkeypatch.setattr(fake_instance.engine, "logs", stuck)
    await fake_instance.register({"leave": leave}, retry={"max_retries": 0})
    run = (await fake_instance.ended(await fake_instance.submit("leave"))).run
    assert run.status is Status.FAILED
    assert len(await fake_instance.engine.list()) == 1, "it stays until its log was read, or given up"
    released.set()
