"""The generated functions of the official clients: what their services have no parameters for."""

from __future__ import annotations

import pytest

from tests.official import ALL, RELEASES, RENAMED
from tests.official_clients.conftest import Outside


@pytest.mark.parametrize("requirement", sorted({*ALL} & {RELEASES[0], RELEASES[-1], RENAMED[-1]}))
async def test_the_whole_public_api_answers_in_the_shapes_of_the_generated_client(
    outside: Outside, requirement: str
) -> None:
    assert await outside(requirement, "public_api") == {
        "found by": dict.fromkeys(
            ("task_slug", "root_task_run_id", "workflow_version_id", "workflow_id", "owner_id"), 1
        ),
        "found by all": 1,
        "not found by": dict.fromkeys(("task_slug", "root_task_run_id", "workflow_id"), 0),
        "task": "square",
        "tasks of workflow": ["boom", "echo", "flaky", "square", "wait"],
        "workflows": {
            "listed": ["w"],
            "version": "ready",
            "created": ["made", "tea-x", "ohio", "b"],
            "changed": ["made", "python app.py", "https://127.0.0.1:1/other.git"],
            "released": [202, "", "created"],
            "got": "made",
            "deleted": 204,
        },
        "logs": {"messages": ["squaring 2"], "more": False, "levels": ["info"]},
        "metrics": {"queued": ["runs"], "completed": True},
    }
