"""One script for each change: it happens completely, once, and only to the run the decision was made about."""

from __future__ import annotations

import asyncio
import hashlib

import pytest

from orchestrator.core.runs import events as ev
from orchestrator.core.runs.lifecycle import IllegalEvent, decide
from orchestrator.core.runs.run import Call, Failure, FailureClass, Run, Status
from orchestrator.store import keys
from orchestrator.store.connection import Client
from orchestrator.store.runs.cancel import cancel_tree
from orchestrator.store.runs.store import MAX_DEPTH, Disposition, RunNotFound, RunStore
from tests.core.sample_runs import NOW_MS, a_run

ERROR = Failure(FailureClass.ERROR, "boom")


@pytest.fixture
def runs(store: Client) -> RunStore:
    return RunStore(store)


async def running(runs: RunStore, run: Run) -> Run:
    """The run, created and taken to its first assignment."""
    await runs.create(run, "[]")
    await runs.change(run.id, ev.Claimed(NOW_MS + 1000), now_ms=NOW_MS)
    await runs.change(run.id, ev.ShimReady(), now_ms=NOW_MS)
    return await runs.get(run.id)


def child_of(parent: Run, number: int, run_id: str) -> Run:
    return a_run(
        id=run_id, root_id=parent.root_id, depth=parent.depth + 1, call=Call(parent.id, parent.attempt, number)
    )


async def test_a_run_is_created_only_while_the_workflow_is_as_it_was_when_the_request_was_understood(
    runs: RunStore, store: Client
) -> None:
    run = a_run()
    digest = hashlib.sha1(b"{}").hexdigest()
    assert (await runs.create(run, "[]", workflow_digest=digest))[0] is Disposition.OUTDATED
    with pytest.raises(RunNotFound):
        await runs.get(run.id)
    await store.set(keys.workflow(run.workflow_id), "{}")
    assert (await runs.create(run, "[]", workflow_digest=digest))[0] is Disposition.CREATED


async def test_a_created_run_is_stored_with_its_input_and_queued(runs: RunStore) -> None:
    await runs.create(a_run(), '{"a":1}')
    stored = await runs.get_stored("trn-1")
    assert (stored.run, stored.input, stored.result) == (a_run(), '{"a":1}', None)
    assert [candidate.run_id for candidate in (await runs.queue.head(10)).runs] == ["trn-1"]


async def test_a_run_that_does_not_exist_is_named(runs: RunStore) -> None:
    with pytest.raises(RunNotFound, match="there is no run trn-9"):
        await runs.get("trn-9")


async def test_the_same_idempotency_key_makes_one_run(runs: RunStore) -> None:
    first = await runs.create(a_run(id="trn-a"), "[]", idempotency_key="k")
    again = await runs.create(a_run(id="trn-b"), "[]", idempotency_key="k")
    assert first == (Disposition.CREATED, "trn-a")
    assert again == (Disposition.EXISTS, "trn-a")


async def test_a_hundred_requests_with_one_key_make_one_run(runs: RunStore) -> None:
    answers = await asyncio.gather(
        *(runs.create(a_run(id=f"trn-{index}"), "[]", idempotency_key="k") for index in range(100))
    )
    assert len({run_id for _, run_id in answers}) == 1
    assert await runs.queue.length() == 1


async def test_a_claim_takes_the_run_from_the_queue(runs: RunStore) -> None:
    await running(runs, a_run())
    assert await runs.queue.length() == 0
    assert [run.id for run in await runs.active()] == ["trn-1"]


async def test_a_decision_about_an_older_state_is_not_applied(runs: RunStore) -> None:
    await runs.create(a_run(), "[]")
    claimed = decide(a_run(), ev.Claimed(NOW_MS), now_ms=NOW_MS)
    canceled = decide(a_run(), ev.CancelRequested("asked"), now_ms=NOW_MS)
    assert await runs.apply(a_run(), claimed)
    assert not await runs.apply(a_run(), canceled)
    assert (await runs.get("trn-1")).status is Status.STARTING


async def test_a_report_of_an_older_claim_is_not_obeyed(runs: RunStore) -> None:
    run = await running(runs, a_run())
    assert await runs.change(run.id, ev.ResultReported(), now_ms=NOW_MS, fence=run.fence - 1) is None
    assert (await runs.get(run.id)).status is Status.RUNNING


async def test_the_first_of_two_outcomes_wins(runs: RunStore) -> None:
    run = await running(runs, a_run())
    await runs.change(run.id, ev.ResultReported(), now_ms=NOW_MS, result_json="1")
    with pytest.raises(IllegalEvent):
        await runs.change(run.id, ev.ResultReported(), now_ms=NOW_MS, result_json="2")
    assert (await runs.get_stored(run.id)).result == "1"


async def test_a_failed_attempt_waits_on_the_timer_and_is_queued_again(runs: RunStore, store: Client) -> None:
    run = await running(runs, a_run())
    await runs.change(run.id, ev.ErrorReported(ERROR), now_ms=NOW_MS)
    assert await runs.next_due_ms() == NOW_MS + 1000
    assert await runs.due(NOW_MS + 999) == []
    assert await runs.due(NOW_MS + 1000) == [run.id]
    await runs.change(run.id, ev.BackoffElapsed(), now_ms=NOW_MS)
    assert await runs.next_due_ms() is None
    assert await runs.queue.length() == 1
    assert await store.scard(keys.ACTIVE) == 0


async def test_a_repeated_call_of_a_child_makes_one_run(runs: RunStore) -> None:
    parent = await running(runs, a_run())
    first = await runs.create(child_of(parent, 0, "trn-c1"), "[]", parent_fence=parent.fence)
    again = await runs.create(child_of(parent, 0, "trn-c2"), "[]", parent_fence=parent.fence)
    assert first == (Disposition.CREATED, "trn-c1")
    assert again == (Disposition.EXISTS, "trn-c1")
    assert await runs.children(parent.id, 0) == {0: "trn-c1"}


async def test_a_parent_that_is_being_stopped_is_refused_new_children(runs: RunStore) -> None:
    parent = await running(runs, a_run())
    await runs.change(parent.id, ev.CancelRequested("asked"), now_ms=NOW_MS)
    assert await runs.create(child_of(parent, 0, "trn-c"), "[]", parent_fence=parent.fence) == (
        Disposition.REFUSED,
        "stopping",
    )
    with pytest.raises(RunNotFound):
        await runs.get("trn-c")


async def test_a_cancel_reaches_the_whole_tree_queued_runs_included(runs: RunStore) -> None:
    root = await running(runs, a_run(id="trn-root", root_id="trn-root"))
    child = child_of(root, 0, "trn-child")
    await runs.create(child, "[]", parent_fence=root.fence)
    await runs.change(child.id, ev.Claimed(NOW_MS), now_ms=NOW_MS)
    await runs.change(child.id, ev.ShimReady(), now_ms=NOW_MS)
    child = await runs.get(child.id)
    await runs.create(child_of(child, 0, "trn-grandchild"), "[]", parent_fence=child.fence)
    assert await cancel_tree(runs, "trn-root", "asked", now_ms=NOW_MS)
    found = await runs.get_many(["trn-root", "trn-child", "trn-grandchild"])
    assert [run.status for run in found] == [Status.STOPPING, Status.STOPPING, Status.CANCELED]


async def test_a_run_that_is_known_is_not_read_to_be_changed(runs: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    run = await running(runs, a_run())
    monkeypatch.delattr(RunStore, "get")
    decision = await runs.change(
        run.id, ev.ResultReported(), now_ms=NOW_MS, fence=run.fence, result_json="1", known=run
    )
    assert decision is not None
    assert decision.run.status is Status.COMPLETED


async def test_a_run_that_others_changed_is_read_before_it_is_changed_again(runs: RunStore) -> None:
    run = await running(runs, a_run())
    await runs.change(run.id, ev.CancelRequested("asked"), now_ms=NOW_MS)
    with pytest.raises(IllegalEvent, match="stopping"):
        await runs.change(run.id, ev.ResultReported(), now_ms=NOW_MS, fence=run.fence, result_json="1", known=run)


async def test_a_run_that_is_being_stopped_is_read_for_its_cause_may_be_another_now(runs: RunStore) -> None:
    run = await running(runs, a_run())
    timed_out = await runs.change(run.id, ev.DeadlinePassed(), now_ms=NOW_MS)
    assert timed_out is not None
    await runs.change(run.id, ev.CancelRequested("asked"), now_ms=NOW_MS)
    ended = await runs.change(run.id, ev.ContainerExited(ERROR, 143), now_ms=NOW_MS, known=timed_out.run)
    assert ended is not None
    assert ended.run.status is Status.CANCELED


async def test_an_attempt_that_failed_is_remembered_until_its_descendants_are_canceled(runs: RunStore) -> None:
    run = await running(runs, a_run())
    await runs.change(run.id, ev.ErrorReported(ERROR), now_ms=NOW_MS)
    (cascade,) = await runs.cascades()
    assert (cascade.run_id, cascade.attempt) == (run.id, 0)
    await runs.cascades_done([cascade])
    assert await runs.cascades() == []


async def test_every_change_is_on_the_feed(runs: RunStore, store: Client) -> None:
    await running(runs, a_run())
    assert len(await store.xrange(keys.FEED)) == 3


async def test_a_depth_that_is_allowed_keeps_the_order_of_ages(runs: RunStore) -> None:
    """Scores are doubles: at the deepest level a millisecond must still count."""
    deep = a_run(depth=MAX_DEPTH, created_at_ms=4_000_000_000_000)
    await runs.create(deep, "[]")
    # Of two with the same score the one whose id sorts first would come first.
    younger = a_run(id="trn-0", depth=MAX_DEPTH, created_at_ms=deep.created_at_ms + 1)
    await runs.create(younger, "[]")
    first, second = (await runs.queue.head(2)).runs
    assert (first.depth, first.created_at_ms) == (deep.depth, deep.created_at_ms)
    assert (second.depth, second.created_at_ms) == (younger.depth, younger.created_at_ms)


# --- what a tree holds ---


async def test_a_tree_holds_its_inputs_and_results_and_is_refused_more_than_it_may(runs: RunStore) -> None:
    root = await running(runs, a_run())
    before = await runs.tree_bytes(root.id)
    text, limit_bytes = '"' + "x" * 10_000 + '"', before + 25_000
    made = [
        await runs.create(
            child_of(root, number, f"trn-c{number}"), text, parent_fence=root.fence, tree_limit_bytes=limit_bytes
        )
        for number in range(3)
    ]
    assert [disposition for disposition, _ in made] == [Disposition.CREATED, Disposition.CREATED, Disposition.FULL]
    assert 20_000 < await runs.tree_bytes(root.id) - before < 25_000
    with pytest.raises(RunNotFound):
        await runs.get("trn-c2")
    await runs.change(root.id, ev.ResultReported(), now_ms=NOW_MS, result_json=text)
    assert await runs.tree_bytes(root.id) - before > 30_000


async def test_what_was_asked_for_before_the_tree_was_full_is_there_when_it_is_asked_for_again(runs: RunStore) -> None:
    root = await running(runs, a_run())
    child = child_of(root, 1, "trn-c1")
    assert (await runs.create(child, "[]", parent_fence=root.fence))[0] is Disposition.CREATED
    again = await runs.create(child_of(root, 1, "trn-c2"), "[]", parent_fence=root.fence, tree_limit_bytes=1)
    assert again == (Disposition.EXISTS, "trn-c1")
