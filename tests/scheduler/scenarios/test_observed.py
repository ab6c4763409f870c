"""What monitoring sees of runs that really go through store, channel and scheduler: numbers, and one trace for a whole tree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from orchestrator.core.runs.observer import Observer
from orchestrator.core.runs.run import Run
from orchestrator.scheduler.reading import read
from orchestrator.store.runs.store import RunStore
from orchestrator.telemetry.meters import Meters
from orchestrator.telemetry.traces import Traces, tracer_provider
from tests.scheduler.conftest import Instance
from tests.scheduler.shim_program import Task

GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def work(task: Task) -> object:
    return task.assignment["traceparent"]


async def chain(task: Task) -> object:
    return [task.assignment["traceparent"], *await task.wait_for(await task.start_child("work"))]


async def observed(
    instance: Instance, observer: Observer, traceparent_of: Callable[[Run], str | None] | None = None
) -> None:
    runs = RunStore(instance.store, observer=observer)
    instance.context = replace(
        instance.context, runs=runs, traceparent_of=traceparent_of or instance.context.traceparent_of
    )
    await instance.register({"work": work, "chain": chain})
    await instance.start()


async def test_a_tree_is_one_trace_from_its_caller_down_to_what_user_code_is_told(idle_instance: Instance) -> None:
    exporter, provider = InMemorySpanExporter(), tracer_provider("test")
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    traces = Traces(provider)
    await observed(idle_instance, traces, traces.traceparent_of)
    await idle_instance.ended(await idle_instance.submit("chain", traceparent=GIVEN))
    spans = exporter.get_finished_spans()  # the child's attempt, the child, its parent's attempt, its parent
    contexts = [context for span in spans if (context := span.get_span_context())]
    assert {f"{context.trace_id:032x}" for context in contexts} == {GIVEN.split("-")[1]}
    parents = [span.parent.span_id if span.parent else None for span in spans]
    of = [context.span_id for context in contexts]
    assert parents == [of[1], of[2], of[3], int(GIVEN.split("-")[2], 16)]


@pytest.mark.parametrize("given", [None, GIVEN])
async def test_without_traces_of_ours_user_code_and_children_join_the_callers(
    idle_instance: Instance, given: str | None
) -> None:
    await observed(idle_instance, Meters())
    stored = await idle_instance.ended(await idle_instance.submit("chain", traceparent=given))
    assert stored.result == f'["{given}","{given}"]'.replace('"None"', "null")


async def test_the_moments_of_a_run_are_kept_and_counted_up_to_the_end_of_its_container(
    idle_instance: Instance,
) -> None:
    meters = Meters()
    await observed(idle_instance, meters)
    run_id = await idle_instance.submit("work")
    await idle_instance.ended(run_id)
    await idle_instance.idle()
    (attempt,) = (await idle_instance.context.runs.get_stored(run_id)).run.attempts
    found = attempt.forensics
    moments = [
        attempt.queued_at_ms,
        attempt.claimed_at_ms,
        found.created_at_ms,
        found.container_started_at_ms,
        found.ready_at_ms,
        attempt.assigned_at_ms,
        attempt.ended_at_ms,
        found.acknowledged_at_ms,
        found.removed_at_ms,
    ]
    assert None not in moments
    assert moments == sorted(moments, key=lambda moment: moment or 0)
    text = meters.exposition().decode()
    for step in ("claimed", "created", "started", "ready", "assigned", "finished", "acknowledged", "removed"):
        assert f'orchestrator_run_step_seconds_count{{step="{step}",warm="false"}} 1.0' in text


async def test_the_scheduler_is_read_without_asking_anybody(fake_instance: Instance) -> None:
    assert fake_instance.dispatcher is not None
    reading = read(fake_instance.dispatcher)
    assert (reading.attempts, reading.oldest_waiting_s, reading.reserved.memory_bytes) == (0, None, 0)
    assert reading.capacity == fake_instance.capacity
