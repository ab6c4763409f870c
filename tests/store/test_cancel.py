from __future__ import annotations

import pytest

from orchestrator.core.events import Claimed, ShimReady
from orchestrator.core.run import Call, Status
from orchestrator.store.cancel import cancel_descendants, cancel_tree
from orchestrator.store.connection import Client
from orchestrator.store.runs import RunNotFound, RunStore
from tests.core.runs import NOW_MS, a_run


@pytest.fixture
async def runs(store: Client) -> RunStore:
    """A running root with a running child, which has a queued one."""
    made = RunStore(store)
    parent = None
    for number, run_id in enumerate(("trn-1", "trn-2", "trn-3")):
        call = Call(parent.id, 0, 0) if parent else None
        run = a_run(id=run_id, root_id="trn-1", depth=number, call=call)
        await made.create(run, "[]", parent_fence=1 if parent else 0)
        if number < 2:
            for event in (Claimed(NOW_MS + 1), ShimReady()):
                await made.change(run_id, event, now_ms=NOW_MS)
        parent = run
    return made


async def statuses(runs: RunStore) -> list[Status]:
    return [run.status for run in await runs.get_many(["trn-1", "trn-2", "trn-3"])]


async def test_a_cancel_reaches_all_that_a_run_asked_for(runs: RunStore) -> None:
    assert await cancel_tree(runs, "trn-1", "asked", now_ms=NOW_MS)
    assert await statuses(runs) == [Status.STOPPING, Status.STOPPING, Status.CANCELED]


async def test_descendants_can_be_canceled_without_the_run_itself(runs: RunStore) -> None:
    await cancel_descendants(runs, "trn-1", 0, "asked", now_ms=NOW_MS)
    assert await statuses(runs) == [Status.RUNNING, Status.STOPPING, Status.CANCELED]


async def test_what_another_attempt_asked_for_is_left_alone(runs: RunStore) -> None:
    await cancel_descendants(runs, "trn-1", 1, "asked", now_ms=NOW_MS)
    assert await statuses(runs) == [Status.RUNNING, Status.RUNNING, Status.QUEUED]


async def test_a_run_that_has_ended_says_so(runs: RunStore) -> None:
    assert await cancel_tree(runs, "trn-3", "asked", now_ms=NOW_MS)
    assert not await cancel_tree(runs, "trn-3", "asked", now_ms=NOW_MS)


async def test_an_unknown_run_is_named(runs: RunStore) -> None:
    with pytest.raises(RunNotFound, match="trn-9"):
        await cancel_tree(runs, "trn-9", "asked", now_ms=NOW_MS)
