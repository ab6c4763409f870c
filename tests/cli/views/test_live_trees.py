from __future__ import annotations

import io

import pytest
from rich.console import Console

from orchestrator.cli.views import live_trees, output
from orchestrator.cli.views.run_tree import Node
from tests.cli.support.documents import run


def test_without_a_terminal_each_change_of_a_run_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with live_trees.shown() as show:
        for status in ("pending", "running", "running", "completed"):
            show([Node(run(status=status), [])])
    assert capsys.readouterr().err.splitlines() == [
        f"trn-1 quickstart/sum_squares {status}" for status in ("pending", "running", "completed")
    ]


def test_without_a_terminal_retries_and_failures_are_told_with_their_reason(capsys: pytest.CaptureFixture[str]) -> None:
    tries = [{"attempt": 0}, {"attempt": 1}]
    failure = {"type": "ValueError", "message": "no luck\nat all"}
    with live_trees.shown() as show:
        show([Node(run(status="pending", retryAt="2026-01-01T10:00:09Z", attempts=tries[:1], failure=failure), [])])
        show([Node(run(status="running", attempts=tries), [])])
        show([Node(run(status="failed", attempts=tries, failure=failure), [])])
    assert capsys.readouterr().err.splitlines() == [
        f"trn-1 quickstart/sum_squares {news}"
        for news in (
            "attempt 1 failed, there will be another: ValueError: no luck",
            "running, attempt 2",
            "failed: ValueError: no luck",
        )
    ]


@pytest.mark.parametrize(
    ("columns", "expected"), [(120, "✓ sum_squares(3, 4)  trn-1  1.50 s"), (80, "✓ sum_squares  1.50 s")]
)
def test_on_a_terminal_with_room_all_runs_have_their_ids_and_arguments(
    monkeypatch: pytest.MonkeyPatch, columns: int, expected: str
) -> None:
    screen = io.StringIO()
    console = Console(file=screen, width=columns, force_terminal=True, color_system=None)
    monkeypatch.setattr(output, "err", lambda: console)
    with live_trees.shown(named=True) as show:
        show([Node(run(), [])])
    assert expected in screen.getvalue()
