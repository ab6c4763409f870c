from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.core.runs import events as ev
from orchestrator.core.runs.run import Status
from orchestrator.scheduler.attempt.run import AttemptRun
from orchestrator.store.runs.feed import Change
from tests.core.sample_runs import a_running_run, a_starting_run
from tests.scheduler.recorder import Stage


@pytest.fixture
async def stage() -> Stage:
    return Stage()


async def test_what_was_stored_is_known_without_reading_it(stage: Stage) -> None:
    run = a_starting_run()
    stage.runs.runs[run.id] = run
    attempt = AttemptRun(stage.context, run)
    assert await attempt.change(ev.ShimReady()) == (ev.SendAssignment(),)
    assert attempt.is_assigned
    assert attempt.known.status is Status.RUNNING


async def test_an_event_that_comes_too_late_has_no_effects(stage: Stage) -> None:
    run = a_running_run()
    stage.runs.runs[run.id] = run
    attempt = AttemptRun(stage.context, run)
    assert await attempt.change(ev.ResultReported(), "49") is not None
    assert attempt.is_over
    assert await attempt.change(ev.ShimReady()) is None


async def test_only_what_others_did_is_news(stage: Stage) -> None:
    run = a_running_run()
    attempt = AttemptRun(stage.context, run)
    told = [Change(run.id, status, None) for status in (Status.STARTING, Status.RUNNING, Status.STOPPING)]
    assert [attempt.is_news(change) for change in told] == [False, False, True]


async def test_an_attempt_that_was_replaced_stops_its_container(stage: Stage) -> None:
    run = a_running_run()
    stage.runs.runs[run.id] = replace(run, fence=run.fence + 1)
    attempt = AttemptRun(stage.context, run)
    assert await attempt.look() == (ev.StopContainer("a newer attempt has begun"),)
    assert (attempt.is_over, attempt.deadline_at_ms, attempt.assigned_at_ms) == (True, None, None)
