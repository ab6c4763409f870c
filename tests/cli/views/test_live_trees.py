from __future__ import annotations

import pytest

from orchestrator.cli.views import live_trees
from orchestrator.cli.views.run_tree import Node
from tests.cli.support.documents import run


def test_without_a_terminal_each_change_of_a_run_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with live_trees.shown() as show:
        for status in ("pending", "running", "running", "completed"):
            show([Node(run(status=status), [])])
    assert capsys.readouterr().err.splitlines() == [
        f"trn-1 quickstart/sum_squares {status}" for status in ("pending", "running", "completed")
    ]
