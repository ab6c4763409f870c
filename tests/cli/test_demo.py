from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from orchestrator.app.data_dir import DataDir
from orchestrator.cli import exit_codes
from tests.cli.conftest import app
from tests.cli.support.documents import TASK, WORKFLOW, log_stream, run, version
from tests.cli.support.fake_orchestrator import FakeOrchestrator

_NAMES = ("calculate_square", "sum_squares", "flip_coin", "flip_coin", "flip_coin", "process_photo_upload")


@pytest.fixture
def running(fake: FakeOrchestrator, tmp_path: Path) -> Iterator[FakeOrchestrator]:
    """An orchestrator that serves already, with the data directory of the demo."""
    fake.answer("POST /deploys", {"workflow": WORKFLOW, "workflowVersion": version("created")}, status=202)
    fake.answer("GET /workflowversions/wfv-1/logs", log_stream("nothing changed"))
    fake.answer("GET /workflowversions/wfv-1", version())
    fake.list("/tasks", "task", TASK)
    fake.answer("POST /task-runs", *(run(name, "pending") for name in _NAMES), status=202)
    data_dir = DataDir(tmp_path / "data")
    data_dir.api_key()
    with data_dir.locked(), data_dir.announced(fake.url):
        yield fake


def give_demo(fake: FakeOrchestrator, failing: str = "") -> Result:
    for name in _NAMES:
        status = "failed" if name == failing else "completed"
        fake.answer(f"GET /task-runs/{name}", run(name, status, taskSlug=f"quickstart/{name}", error="ValueError: no"))
    fake.list("/task-runs", "taskRun")
    return CliRunner().invoke(app, ["demo"])


def test_the_demo_shows_each_step_and_what_to_do_next(running: FakeOrchestrator, tmp_path: Path) -> None:
    result = give_demo(running)
    assert result.exit_code == exit_codes.OK
    for part in (
        f"runs already: {running.url}",
        "it registered 1 tasks: sum_squares",
        "✓ sum_squares  1.50 s",
        "sum_squares(3, 4)",
        f'curl {running.url}/v1/task-runs -H "Authorization: Bearer $(cat {tmp_path}/data/api-key)"',
        f"orchestrator down --data-dir {tmp_path}/data",
    ):
        assert part in result.stdout
    submitted = [asked.body["task"] for asked in running.asked if asked.path == "/v1/task-runs" and asked.body]
    assert submitted == [f"quickstart/{name}" for name in _NAMES]


def test_a_run_that_must_not_fail_fails_the_demo(running: FakeOrchestrator) -> None:
    result = give_demo(running, failing="sum_squares")
    assert result.exit_code == exit_codes.FAILED
    assert "error: quickstart/sum_squares failed: ValueError: no" in result.stderr


def test_a_coin_may_show_tails_every_time(running: FakeOrchestrator) -> None:
    assert give_demo(running, failing="flip_coin").exit_code == exit_codes.OK
