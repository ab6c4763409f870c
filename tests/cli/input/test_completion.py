"""What bash is told when somebody presses the key that completes a word."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from tests.cli.conftest import app
from tests.cli.support.documents import TASK, WORKFLOW, run, version
from tests.cli.support.fake_orchestrator import FakeOrchestrator


def offered(*words: str) -> list[str]:
    """The last of the words is the one that is being typed."""
    line = ["orchestrator", *words]
    asked = {"_ORCHESTRATOR_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(line), "COMP_CWORD": str(len(words))}
    return CliRunner().invoke(app, [], env=asked, prog_name="orchestrator").stdout.split()


@pytest.fixture(autouse=True)
def _known(fake: FakeOrchestrator, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.list("/tasks", "task", TASK)
    fake.list("/workflows", "workflow", WORKFLOW)
    fake.list("/workflowversions", "workflowVersion", version())
    fake.list("/task-runs", "taskRun", run("trn-06h1"))
    monkeypatch.setenv("ORCHESTRATOR_URL", fake.url)
    monkeypatch.setenv("ORCHESTRATOR_API_KEY", "orc_key")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["run", "quick"], ["quickstart/sum_squares"]),
        (["run", "other"], []),
        (["runs", "logs", "trn-"], ["trn-06h1"]),
        (["runs", "logs", "t"], ["trn-06h1"]),
        (["runs", "logs", "06"], ["06h1"]),
        (["runs", "list", "--workflow", "q"], ["quickstart"]),
        (["runs", "list", "--status", "c"], ["completed", "canceled"]),
        (["pause", ""], ["quickstart", "quickstart/sum_squares"]),
        (["versions", "show", "quickstart/"], ["quickstart/v1"]),
        (["env", "list", ""], ["quickstart"]),
    ],
)
def test_names_and_ids_are_offered(words: list[str], expected: list[str]) -> None:
    assert offered(*words) == expected


@pytest.mark.parametrize(("begun", "prefix"), [("tr", None), ("trn-06", ["trn-06"]), ("06", ["06"])])
def test_of_all_runs_those_are_asked_for_whose_ids_begin_so(
    fake: FakeOrchestrator, begun: str, prefix: list[str] | None
) -> None:
    offered("runs", "logs", begun)
    assert fake.asked[-1].query.get("idPrefix") == prefix


def test_where_nobody_answers_nothing_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRATOR_URL", "http://127.0.0.1:9")
    assert offered("run", "") == []
