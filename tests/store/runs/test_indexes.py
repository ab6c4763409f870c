from __future__ import annotations

from dataclasses import replace

from orchestrator.core.runs.run import Status
from orchestrator.store.runs import indexes
from tests.core.sample_runs import a_run


def test_a_run_is_listed_under_all_it_belongs_to() -> None:
    assert indexes.of(a_run()) == [
        "orc:runs:pending",
        "orc:runs:workflow:wfl-1:pending",
        "orc:runs:version:wfv-1:pending",
        "orc:runs:task:tsk-1:pending",
        "orc:runs:roots:pending",
    ]


def test_a_chained_run_is_listed_under_its_root_too() -> None:
    assert indexes.of(a_run(root_id="trn-0"))[-1] == "orc:runs:root:trn-0:pending"


def test_a_change_moves_the_run_from_one_list_to_the_other() -> None:
    run = a_run()
    after = replace(run, status=Status.RUNNING)
    assert indexes.moves(run, after) == (indexes.of(run), indexes.of(after))


def test_a_change_that_clients_do_not_see_moves_nothing() -> None:
    assert indexes.moves(a_run(), replace(a_run(), status=Status.STARTING)) == ([], [])


def test_words_of_ended_and_unfinished_runs_are_all_there_are() -> None:
    assert set(indexes.WORDS) == indexes.ENDED | indexes.UNFINISHED
    assert indexes.split("x", indexes.ENDED) == ["x:canceled", "x:completed", "x:failed"]
