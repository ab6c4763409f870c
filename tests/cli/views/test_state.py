from __future__ import annotations

from typing import Any

import pytest
from rich.text import Text

from orchestrator.cli.views import state


@pytest.mark.parametrize(("status", "shown"), [("completed", "✓ completed"), ("failed", "✗ failed"), ("new", "? new")])
def test_a_status_is_a_sign_and_its_word(status: str, shown: str) -> None:
    assert Text.from_markup(state.word(status)).plain == shown


@pytest.mark.parametrize(
    ("run", "error"),
    [
        ({}, ""),
        ({"error": "no"}, "no"),
        ({"error": "no", "failure": {"type": "ValueError"}}, "ValueError: no"),
        ({"error": "ValueError: no", "failure": {"type": "ValueError"}}, "ValueError: no"),
        ({"failure": {"message": "killed"}}, "killed"),
    ],
)
def test_an_error_names_its_type_once(run: dict[str, Any], error: str) -> None:
    assert state.error(run) == error


def test_a_task_of_a_deleted_workflow_still_has_a_name() -> None:
    assert state.task_name({"taskSlug": "w/a", "task": "a", "taskId": "tsk-1"}) == "w/a"
    assert state.task_name({"task": "a", "taskId": "tsk-1"}) == "a"
    assert state.task_name({"taskId": "tsk-1"}) == "tsk-1"


def test_a_list_is_the_result_and_anything_else_is_in_one() -> None:
    assert state.result({"results": [1, 2], "resultIsList": True}) == [1, 2]
    assert state.result({"results": [1]}) == 1
    assert state.result({"results": [[1, 2]], "resultIsList": False}) == [1, 2]
    assert state.result({"results": [], "resultIsList": False}) is None
