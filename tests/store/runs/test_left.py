"""What is known after an attempt's end is kept while its run is, and brings no run back."""

from __future__ import annotations

import pytest

from orchestrator.core.container.forensics import Forensics
from orchestrator.core.runs.events import BackoffElapsed, Claimed, ContainerExited, ShimReady
from orchestrator.core.runs.run import Failure, FailureClass
from orchestrator.store import keys
from orchestrator.store.connection import Client
from orchestrator.store.runs.left import with_notes
from orchestrator.store.runs.store import RunStore
from tests.core.sample_runs import NOW_MS, a_run, a_running_run, after

LOST = ContainerExited(Failure(FailureClass.INFRA, "lost"), None)


async def test_the_notes_of_all_attempts_are_read_with_the_run(store: Client) -> None:
    runs = RunStore(store)
    run = after(a_running_run(), LOST, BackoffElapsed(), Claimed(NOW_MS), ShimReady())
    await runs.create(run, "[]")
    await runs.left(run, 0, Forensics(removed_at_ms=7))
    await runs.left(run, 1, Forensics(acknowledged_at_ms=8, removed_at_ms=9))
    found = [attempt.forensics for attempt in (await runs.get_stored(run.id)).run.attempts]
    assert [(one.acknowledged_at_ms, one.removed_at_ms) for one in found] == [(None, 7), (8, 9)]


async def test_a_note_comes_too_late_for_a_run_that_was_removed(store: Client) -> None:
    await RunStore(store).left(a_run(), 0, Forensics(removed_at_ms=7))
    assert not await store.exists(keys.run("trn-1"))


@pytest.mark.parametrize("notes", [None, "", "0:1:2 0:3:4", "5:1:2"])
def test_the_newest_note_of_an_attempt_counts_and_others_do_not_matter(notes: str | None) -> None:
    (attempt,) = with_notes(a_running_run(), notes).attempts
    assert attempt.forensics.removed_at_ms == (4 if notes and "3:4" in notes else None)
