from __future__ import annotations

import pytest

from orchestrator.cli.views import run_details
from orchestrator.cli.views.run_tree import Node
from tests.cli.support.documents import run


def test_a_run_is_shown_with_what_went_in_and_came_out(capsys: pytest.CaptureFixture[str]) -> None:
    run_details.show(Node(run(), []))
    printed = capsys.readouterr().out
    for part in ("run      trn-1", "task     quickstart/sum_squares", "input    [3, 4]", "result   25", "attempt 1"):
        assert part in printed
    assert "parent" not in printed


def test_a_large_input_is_cut_and_says_how_to_see_all(capsys: pytest.CaptureFixture[str]) -> None:
    run_details.show(Node(run(input=["x" * 5000]), []))
    assert "… (5,004 characters; --json prints all)" in capsys.readouterr().out


def test_a_failed_run_ends_with_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    failed = run(status="failed", error="no", failure={"type": "ValueError", "traceback": "Traceback:\n  here\n"})
    run_details.show(Node(failed, []))
    printed = capsys.readouterr().out
    assert "error    ValueError: no" in printed
    assert printed.endswith("Traceback:\n  here\n")


def test_a_run_that_failed_of_another_says_of_which_with_its_whole_id(capsys: pytest.CaptureFixture[str]) -> None:
    of = run("trn-2", "failed", parentTaskRunId="trn-1", error="no", failure={"type": "ValueError", "message": "no"})
    failed = run(status="failed", error="Subtask failed: no", failure={"childTaskRunId": "trn-2"})
    run_details.show(Node(failed, [Node(of)]))
    assert "cause    quickstart/sum_squares trn-2 attempt 1: ValueError: no" in capsys.readouterr().out


def test_what_is_said_about_a_run_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    progress = {"fraction": 0.4, "message": "40 files"}
    said = run(status="running", tags=["nightly", "eu"], metadata={"customer": "acme"}, progress=progress)
    run_details.show(Node(said, []))
    printed = capsys.readouterr().out
    for part in ("tags     nightly, eu", 'metadata {"customer": "acme"}', "progress 40% · 40 files"):
        assert part in printed


def test_all_runs_of_the_tree_have_their_ids_and_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    children = [
        Node(run("trn-2", input=[7, "a[b]"], parentTaskRunId="trn-1")),
        Node(run("trn-3", input={"order": 1, "note": "x" * 90}, parentTaskRunId="trn-1")),
    ]
    run_details.show(Node(run(), children))
    printed = capsys.readouterr().out
    assert "✓ sum_squares(3, 4)  trn-1" in printed
    assert '✓ sum_squares(7, "a[b]")  trn-2' in printed
    assert '✓ sum_squares(order=1, note="xxxxxxxxxxxxxxxxxxxxxxxx…)  trn-3' in printed
