from __future__ import annotations

from orchestrator.api.live import rows
from orchestrator.core.runs.summary import Brief, Reported, Summary

PENDING = Summary("trn-2", "trn-1", "wfl-1", "charge", "pending", 1_000, parent_id="trn-1")


def test_the_cells_are_those_of_the_columns() -> None:
    failed = Summary(
        "trn-2", "trn-1", "wfl-1", "charge", "failed", 1, "trn-1", 2, 3, 1, True, Brief("ValueError", "no")
    )
    failed.spans = [(1, 2, 3)]
    shown = dict(zip(rows.COLUMNS, rows.cells(failed, 0, 7), strict=True))
    assert shown == {
        "id": "trn-2",
        "parent": 0,
        "task": 7,
        "status": "f",
        "createdAt": 1,
        "startedAt": 2,
        "completedAt": 3,
        "attempts": 1,
        "isWarm": 1,
        "failure": ["ValueError", "no"],
        "spans": [(1, 2, 3)],
    }


def test_a_row_that_did_not_fail_ends_before_the_failure() -> None:
    well = Summary("trn-2", "trn-1", "wfl-1", "charge", "completed", 1, "trn-1", 2, 3, 1, True, None)
    assert len(rows.cells(well, 0, 7)) == len(rows.COLUMNS) - 1


def test_a_change_says_nothing_of_what_there_is_not() -> None:
    assert rows.change(PENDING, "shop", 1_000) == {
        "id": "trn-2",
        "root": "trn-1",
        "parent": "trn-1",
        "workflow": "shop",
        "task": "shop/charge",
        "status": "p",
        "createdAt": 1_000,
        "attempts": 0,
        "isWarm": False,
        "spans": [],
    }


def test_of_a_workflow_that_is_gone_the_task_is_named_alone() -> None:
    assert rows.change(PENDING, None, 1_000)["task"] == "charge"


def test_between_two_attempts_it_says_when_the_next_begins() -> None:
    waiting = Summary("trn-2", "trn-1", "wfl-1", "charge", "pending", 1_000, retry_at_ms=4_200)
    assert rows.change(waiting, "shop", 1_000)["waitsFor"] == "retry in 3.2 s"


def test_a_running_one_may_say_how_far_it_is() -> None:
    running = Summary("trn-2", "trn-1", "wfl-1", "charge", "running", 1_000, progress=Reported(0.4, "40 of 100"))
    assert rows.note(running, 1_000) == {"progress": {"fraction": 0.4, "message": "40 of 100"}}
    running.progress = Reported(None, "nearly")
    assert rows.note(running, 1_000) == {"progress": {"message": "nearly"}}
