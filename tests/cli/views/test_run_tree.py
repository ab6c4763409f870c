from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rich.console import Console

from orchestrator.cli.views.run_tree import Node, first_failure, grow, label, render
from tests.cli.support.documents import run


def child(run_id: str, parent: str = "trn-1", status: str = "completed", **fields: Any) -> dict[str, Any]:
    return run(run_id, status, parentTaskRunId=parent, taskSlug="quickstart/calculate_square", **fields)


def drawn(node: Node) -> list[str]:
    console = Console(width=100, color_system=None)
    with console.capture() as capture:
        console.print(render(node))
    return [line.rstrip() for line in capture.get().splitlines()]


def test_a_tree_has_children_in_the_order_in_which_they_were_asked_for() -> None:
    tree = grow(run(), [child("trn-4", "trn-2"), child("trn-3"), child("trn-2"), run()])
    assert [node.run["id"] for node in tree.walk()] == ["trn-1", "trn-2", "trn-4", "trn-3"]


def test_a_childs_tree_leaves_its_parent_out() -> None:
    tree = grow(child("trn-2"), [child("trn-4", "trn-2"), child("trn-3"), child("trn-2"), run()])
    assert [node.run["id"] for node in tree.walk()] == ["trn-2", "trn-4"]


def test_states_and_times_are_drawn() -> None:
    tree = grow(
        run(plan="standard"),
        [child("trn-2", plan="starter"), child("trn-3", status="failed", error="ValueError: no\n…")],
    )
    assert drawn(tree) == [
        "✓ sum_squares  1.50 s  standard, started after 1.00 s",
        "├── ✓ calculate_square  1.50 s  starter, started after 1.00 s",
        "└── ✗ calculate_square  trn-3  failed  1.50 s  started after 1.00 s  ValueError: no",
    ]


def test_a_large_fan_out_is_summed_up() -> None:
    states = ["completed"] * 20 + ["running"] * 3
    lines = drawn(grow(run(), [child(f"trn-{number + 10}", status=status) for number, status in enumerate(states)]))
    assert len(lines) == 18
    assert lines[-1] == "└── … and 7 more: 4 completed, 3 running"


def test_a_running_runs_time_goes_on() -> None:
    running = run(status="running", completedAt=None)
    assert "3.00 s" in label(running, datetime(2026, 1, 1, 10, 0, 4, tzinfo=UTC))


def test_a_waiting_runs_time_goes_on_too() -> None:
    now = datetime(2026, 1, 1, 10, 0, 4, tzinfo=UTC)
    assert label(run(status="pending", startedAt=None, completedAt=None), now).endswith("pending  [dim]for 4.00 s[/]")


def test_a_run_between_attempts_says_when_it_goes_on() -> None:
    now = datetime(2026, 1, 1, 10, 0, 4, tzinfo=UTC)
    assert "again in 1.50 s" in label(run(status="pending", retryAt="2026-01-01T10:00:05.500Z"), now)


def test_retries_are_counted() -> None:
    attempt = {"attempt": 0, "status": "failed", "startedAt": "2026-01-01T10:00:01.000Z"}
    assert "2 attempts" in label(run(attempts=[attempt, attempt | {"attempt": 1}]))


def test_what_users_write_is_not_taken_for_markup() -> None:
    failed = run(status="failed", error="KeyError: '[bold]'", taskSlug="quickstart/x")
    assert "'[bold]'" in drawn(grow(failed, []))[0]


def test_whatever_is_folded_runs_that_failed_are_shown_and_those_above_them() -> None:
    many = [child(f"trn-{number + 10}") for number in range(40)]
    many[30]["status"] = "failed"
    below = child("trn-99", "trn-45", status="failed")
    lines = drawn(grow(run(), [*many, below]))
    assert [line for line in lines if "✗" in line] == [
        "├── ✗ calculate_square  trn-40  failed  1.50 s  started after 1.00 s",
        "│   └── ✗ calculate_square  trn-99  failed  1.50 s  started after 1.00 s",
    ]
    assert lines[-1] == "└── … and 22 more: 22 completed"


def failing(run_id: str, parent: str, of: str = "", ended: str = "2026-01-01T10:00:09Z") -> dict[str, Any]:
    return child(run_id, parent, "failed", completedAt=ended, failure={"message": "no", "childTaskRunId": of})


def test_a_failed_tree_leads_to_the_run_it_failed_of() -> None:
    root = run(status="failed", failure={"message": "no", "childTaskRunId": "trn-3"})
    early = failing("trn-2", "trn-1", ended="2026-01-01T10:00:00Z")
    tree = grow(root, [early, failing("trn-3", "trn-1", "trn-4"), failing("trn-4", "trn-3")])
    first = first_failure(tree)
    assert first is not None
    assert first.run["id"] == "trn-4"


def test_while_the_root_goes_on_it_is_what_failed_first() -> None:
    early, late = failing("trn-3", "trn-1", ended="2026-01-01T10:00:01Z"), failing("trn-2", "trn-1")
    first = first_failure(grow(run(status="running"), [early, late]))
    assert first is not None
    assert first.run["id"] == "trn-3"
    assert first_failure(grow(run(), [child("trn-2")])) is None
