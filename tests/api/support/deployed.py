"""Workflows and runs to ask about."""

from __future__ import annotations

import time
from typing import Any

from orchestrator.api.deps import Services
from orchestrator.core.runs import events as ev
from orchestrator.core.runs.run import Call, Failure, FailureClass, Run
from orchestrator.core.runs.submission import chained_run, root_run
from orchestrator.core.tasks import check
from orchestrator.core.workflow import Source, Version
from orchestrator.store import ids

SQUARE = {
    "name": "square",
    "options": {
        "plan": "starter",
        "timeout_seconds": 60,
        "warm": "off",
        "retry": {"max_retries": 1, "wait_duration_ms": 500},
    },
    "parameters": [{"name": "a", "type": "int", "has_default": True, "default_value": "3"}],
}
PARAMETER_B = {"name": "b", "kind": "keyword_only", "has_default": False}
POWER = {
    "name": "power",
    "signature": "power(a: int, *, b: int)",
    "parameters": [{"name": "a", "type": "int", "kind": "positional_or_keyword", "has_default": False}, PARAMETER_B],
}
ADD: dict[str, Any] = {"name": "add"}
BOOM = Failure(FailureClass.ERROR, "boom", "ValueError", 'File "main.py", line 3\nValueError: boom')
FINAL_BOOM = Failure(FailureClass.ERROR, "boom", "ValueError", "at line 3", retryable=False)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


async def building(services: Services, slug: str) -> Version:
    """A version that is not ready yet."""
    source = Source("/src", root_dir="app")
    _, version = await services.workflows.deploy(slug, source, "main.py", {"A": "secret"}, b"\x1f\x8b", now_ms=now_ms())
    return version


async def ready(services: Services, slug: str, *definitions: dict[str, Any]) -> Version:
    """A version that serves."""
    version = await building(services, slug)
    return await services.workflows.release(version, check(list(definitions)), now_ms=now_ms())


async def queued(services: Services, version: Version, task: str = "square", input_json: str = "[2]") -> Run:
    """A run that nobody has claimed."""
    spec = version.task(task)
    assert spec is not None
    run = root_run(ids.new_id(ids.RUN, now_ms()), version, spec, now_ms=now_ms())
    await services.runs.create(run, input_json)
    return run


async def change(services: Services, run: Run, *events: ev.Event, result_json: str | None = None) -> Run:
    """The run after the events; the result goes with the last."""
    for event in events:
        result = result_json if event is events[-1] else None
        await services.runs.change(run.id, event, now_ms=now_ms(), result_json=result)
    return await services.runs.get(run.id)


async def running(services: Services, version: Version, task: str = "square", input_json: str = "[2]") -> Run:
    """A run whose first attempt runs."""
    run = await queued(services, version, task, input_json)
    return await change(services, run, ev.Claimed(now_ms() + 60_000, "ch-1"), ev.ShimReady())


async def completed(services: Services, version: Version, result_json: str = "4", input_json: str = "[2]") -> Run:
    """A run that ended well."""
    run = await running(services, version, input_json=input_json)
    return await change(services, run, ev.ResultReported(), result_json=result_json)


async def child(services: Services, parent: Run, version: Version) -> Run:
    """A queued run asked for by the running parent."""
    spec = version.tasks[0]
    run = chained_run(ids.new_id(ids.RUN, now_ms()), parent, 0, spec, now_ms=now_ms())
    assert run.call == Call(parent.id, parent.attempt, 0)
    await services.runs.create(run, "[3]", parent_fence=parent.fence)
    return run
