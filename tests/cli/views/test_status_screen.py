from __future__ import annotations

from rich.console import Console

from orchestrator.cli.views.status_screen import render, unusual
from tests.cli.support.documents import run


def test_the_status_shows_facts_and_the_latest_finished_runs() -> None:
    console = Console(width=100, color_system=None)
    runs = [run("trn-3", "running"), run("trn-2", "failed"), run("trn-1")]
    with console.capture() as capture:
        console.print(render("http://127.0.0.1:8120", 65, {"runs": "0 queued, 1 active"}, runs))
    lines = [line.rstrip() for line in capture.get().splitlines()]
    assert lines[0] == "● http://127.0.0.1:8120  for 1 min 5 s"
    assert lines[1] == "  runs      0 queued, 1 active"
    assert [line[2] for line in lines if "sum_squares" in line] == ["✗", "✓"]


def test_the_condition_of_a_part_is_shown_once_something_is_unusual() -> None:
    well = {"store": "running", "channel": "connected", "scheduler": "scheduling", "engine": "docker 20.10"}
    assert unusual(well) == {}
    assert unusual(well | {"store": "running, restarted 1 times"}) == {"store": "running, restarted 1 times"}
