"""What a supervisor sends to the store, the channel and the engine, and in what order: nothing twice, nothing in vain."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestrator.core.container.spec import ContainerState
from orchestrator.core.runs import events as ev
from orchestrator.core.runs.lifecycle import decide
from orchestrator.core.runs.retry import RetryPolicy
from orchestrator.core.runs.run import Call, Failure, FailureClass, Status
from tests.core.sample_runs import NOW_MS, a_running_run, a_starting_run
from tests.scheduler.recorder import Stage

BOOM = {"kind": "task", "type": "ValueError", "message": "boom", "traceback": "", "retryable": True}
GONE = ["channel.drain", "engine.remove", "channel.close", "store.left"]
ASSIGNED = ["store.get_input", "channel.send assign"]


@pytest.fixture
async def stage() -> Stage:
    return Stage()


async def running(stage: Stage) -> str:
    """A run that has its assignment; what led there is not counted."""
    run = a_starting_run(retry=RetryPolicy(1, 10, 2.0))
    await stage.supervise(run)
    await stage.hears(type="ready", protocol=1, load_ms=1.0)
    return run.id


async def test_news_of_before_the_claim_that_comes_after_it_is_no_news(stage: Stage) -> None:
    await running(stage)
    stage.feed.tell(replace(stage.runs.runs["trn-1"], status=Status.QUEUED))
    assert await stage.sent() == []
    await stage.exits()


async def test_a_run_that_goes_well_reads_nothing_but_its_input(stage: Stage) -> None:
    assert await stage.supervise(a_starting_run()) == ["channel.open", "engine.create", "engine.start"]
    assert await stage.hears(type="ready", protocol=1, load_ms=1.0) == [
        "store.apply starting to running",
        *ASSIGNED,
        "channel.settle ready",
    ]
    assert stage.channel.sent[0]["input"] == "[7]"
    assert await stage.hears(type="result", value=49) == [
        "store.apply running to completed",
        "channel.send ack",
        "channel.settle result",
    ]
    assert await stage.exits() == GONE


async def test_the_moments_of_an_attempt_are_kept_without_a_command_before_its_end(stage: Stage) -> None:
    run_id = await running(stage)
    stage.now_ms += 1_000
    await stage.hears(type="result", value=49, worked_ms=400.4)
    stage.now_ms += 10
    await stage.exits()
    attempt, after = stage.runs.runs[run_id].attempts[0], stage.runs.notes[run_id]
    assert (attempt.queued_at_ms, attempt.claimed_at_ms, attempt.forensics.ready_at_ms) == (NOW_MS, NOW_MS, NOW_MS)
    assert attempt.forensics.first_line_at_ms == NOW_MS + 600
    assert (after.acknowledged_at_ms, after.removed_at_ms) == (NOW_MS + 1_000, NOW_MS + 1_010)


async def test_what_a_new_container_prints_is_appended_in_the_batch_it_came_in(stage: Stage) -> None:
    await running(stage)
    await stage.exits()
    assert stage.log.commands == ["append 2 lines", "end"]


async def test_a_failure_that_is_tried_again_cancels_what_the_attempt_asked_for_once(stage: Stage) -> None:
    await running(stage)
    assert await stage.hears(type="error", error=BOOM) == [
        "store.apply running to backoff",
        "channel.send ack",
        "store.children",
        "store.cascades_done",
        "channel.settle error",
    ]
    assert await stage.happens("trn-1", ev.BackoffElapsed(), ev.Claimed(NOW_MS + 1000)) == []
    assert await stage.exits(1) == GONE


async def test_an_end_without_an_outcome_is_recorded_once(stage: Stage) -> None:
    await running(stage)
    assert await stage.exits(1) == [
        "channel.drain",
        "store.apply running to backoff",
        "store.children",
        "store.cascades_done",
        "engine.remove",
        "channel.close",
        "store.left",
    ]


async def test_a_cancel_is_read_once_and_its_descendants_are_left_to_who_canceled(stage: Stage) -> None:
    run_id = await running(stage)
    assert await stage.cancels(run_id) == ["store.get", "engine.signal SIGTERM"]
    assert await stage.exits(143) == [
        "channel.drain",
        "store.get",
        "store.apply stopping to canceled",
        "engine.remove",
        "channel.close",
        "store.left",
    ]


async def test_a_timeout_stops_the_container_and_cancels_its_descendants_once(stage: Stage) -> None:
    run_id = await running(stage)
    stage.now_ms += 61_000
    assert await stage.hears(type="progress", waiting=False) == [
        "store.apply running to stopping",
        "engine.signal SIGTERM",
        "store.children",
        "store.cascades_done",
    ]
    assert await stage.exits(143) == [
        "channel.drain",
        "store.get",
        "store.apply stopping to backoff",
        "engine.remove",
        "channel.close",
        "store.left",
    ]
    failure = stage.runs.runs[run_id].attempts[0].failure
    assert failure is not None
    assert failure.cls is FailureClass.TIMEOUT


async def test_a_cancel_during_a_timeout_is_not_overlooked(stage: Stage) -> None:
    run_id = await running(stage)
    stage.now_ms += 61_000
    await stage.hears(type="progress", waiting=False)
    assert await stage.cancels(run_id) == []
    await stage.exits(143)
    assert stage.runs.runs[run_id].status is Status.CANCELED


async def test_each_child_is_created_once_and_read_when_it_has_ended(stage: Stage) -> None:
    run_id = await running(stage)
    for call in range(4):
        asked = await stage.hears(type="child", call=call, task="square", input=[call])
        assert asked == ["store.create", "channel.settle child"]
    children = await stage.runs.children(run_id)
    await stage.sent()
    for child_id in children.values():
        assert await stage.happens(child_id, ev.Claimed(NOW_MS + 1000), ev.ShimReady()) == []
        ended = await stage.happens(child_id, ev.ResultReported(), result_json='{"a": 1}')
        assert ended == ["store.get_outcome", "channel.send child_done"]
    assert [frame["value"] for frame in stage.channel.sent[1:]] == ['{"a": 1}'] * 4
    assert await stage.hears(type="result", value=49) == [
        "store.apply running to completed",
        "channel.send ack",
        "channel.settle result",
    ]
    assert await stage.exits() == GONE


async def test_news_of_a_child_of_an_earlier_attempt_is_no_news(stage: Stage) -> None:
    await running(stage)
    earlier = a_running_run(id="trn-2", call=Call("trn-1", -1, 0))
    stage.runs.runs[earlier.id] = earlier
    assert await stage.happens(earlier.id, ev.ResultReported()) == []
    await stage.exits()


async def test_an_assignment_that_got_lost_is_given_again(stage: Stage) -> None:
    await running(stage)
    assert await stage.hears(type="ready", protocol=1, load_ms=1.0) == ["channel.settle ready", *ASSIGNED]
    await stage.exits()


async def test_an_outcome_that_comes_again_is_only_acknowledged(stage: Stage) -> None:
    await running(stage)
    await stage.hears(type="result", value=49)
    assert await stage.hears(type="result", value=49) == ["channel.send ack", "channel.settle result"]
    await stage.exits()


async def test_an_outcome_that_a_cancel_overtook_is_acknowledged_all_the_same(stage: Stage) -> None:
    run_id = await running(stage)
    canceled = decide(stage.runs.runs[run_id], ev.CancelRequested("asked"), now_ms=NOW_MS)
    stage.runs.runs[run_id] = canceled.run  # and news of it is still on its way
    assert await stage.hears(type="result", value=49) == [
        "store.apply running to completed",
        "store.get",
        "store.get",
        "engine.signal SIGTERM",
        "channel.send ack",
        "channel.settle result",
    ]
    await stage.exits(143)
    assert stage.runs.runs[run_id].status is Status.CANCELED


async def test_an_adopted_attempt_looks_at_its_run_and_its_children_first(stage: Stage) -> None:
    container = ContainerState("c1", running=True, started_at_ms=1)
    assert await stage.supervise(a_running_run(), container) == ["channel.open", "store.get", "store.children"]
    assert await stage.hears(type="ready", protocol=1, load_ms=1.0) == ["channel.settle ready", *ASSIGNED]
    await stage.exits()
    assert stage.log.commands == ["resume", "append 2 lines", "end"]


async def test_an_attempt_that_others_ended_is_killed_though_it_says_nothing(stage: Stage) -> None:
    run_id = await running(stage)
    lost = ev.ContainerExited(Failure(FailureClass.INFRA, "lost"), None)
    assert await stage.happens(run_id, lost) == ["store.get"]
    stage.now_ms += 60_000
    assert await stage.hears(type="progress", waiting=False) == ["engine.signal SIGKILL"]
    assert await stage.exits(137) == GONE


async def test_a_supervisor_that_is_stopped_leaves_its_attempt_alone_whatever_fails_on_the_way(stage: Stage) -> None:
    await running(stage)
    stage.engine.breaks_when_canceled = True
    await stage.stops()
    assert await stage.sent() == []
