from __future__ import annotations

import pytest

from orchestrator.core.runs.retry import DEFAULT_RETRY
from orchestrator.core.tasks import TaskSpec
from orchestrator.core.workflow import Version, VersionStatus, slugify


@pytest.mark.parametrize(
    ("name", "slug"),
    [("My Shop", "my-shop"), ("__a__b__", "a-b"), ("ü", ""), ("x" * 62 + "-y", "x" * 62), ("v1.2/tasks", "v1-2-tasks")],
)
def test_a_slug_has_lower_case_letters_digits_and_single_dashes(name: str, slug: str) -> None:
    assert slugify(name) == slug


def test_a_version_knows_its_tasks_by_name() -> None:
    task = TaskSpec("tsk-1", "square", "starter", 60, DEFAULT_RETRY, ())
    version = Version("wfv-1", "wfl-1", 1, VersionStatus.READY, "sha256:1", "main.py", {}, (task,), 0)
    assert version.task("square") is task
    assert version.task("cube") is None
