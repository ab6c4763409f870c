from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.cli import exit_codes
from orchestrator.cli.commands import dev
from tests.cli.conftest import Cli
from tests.cli.support.documents import TASK, WORKFLOW, log_stream, version
from tests.cli.support.fake_orchestrator import FakeOrchestrator


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "quickstart"
    folder.mkdir()
    (folder / "main.py").write_text("print('hello')\n")
    return folder


@pytest.fixture
def building(fake: FakeOrchestrator) -> FakeOrchestrator:
    fake.answer("POST /deploys", {"workflow": WORKFLOW, "workflowVersion": version("created")}, status=202)
    fake.answer("GET /workflowversions/wfv-1/logs", log_stream("installing humanize"))
    fake.answer("GET /workflowversions/wfv-1", version())
    fake.list("/tasks", "task", TASK)
    return fake


def edited(monkeypatch: pytest.MonkeyPatch, file: Path, *texts: str) -> None:
    """The folder is as it is, then the file has one text after the other, then Ctrl-C."""

    def changes(path: str) -> Iterator[None]:
        yield None
        for text in texts:
            file.write_text(text)
            yield None
        raise KeyboardInterrupt

    monkeypatch.setattr(dev, "changes", changes)


def deploys(fake: FakeOrchestrator) -> int:
    return sum(request.path == "/v1/deploys" for request in fake.asked)


def test_a_folder_is_deployed_at_once_and_after_every_change(
    ask: Cli, building: FakeOrchestrator, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited(monkeypatch, repo / "main.py", "print(1)\n", "print(2)\n")
    result = ask("dev", str(repo))
    assert deploys(building) == 3
    assert result.exit_code == exit_codes.INTERRUPTED
    assert "Watching" in result.stderr


def test_a_change_that_changes_nothing_is_not_deployed(
    ask: Cli, building: FakeOrchestrator, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited(monkeypatch, repo / "main.py", "print('hello')\n")
    ask("dev", str(repo))
    assert deploys(building) == 1


def test_a_version_that_fails_is_told_and_the_next_change_is_deployed(
    ask: Cli, fake: FakeOrchestrator, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.answer("POST /deploys", {"workflow": WORKFLOW, "workflowVersion": version("created")}, status=202)
    fake.answer("GET /workflowversions/wfv-1/logs", log_stream())
    fake.answer("GET /workflowversions/wfv-1", version("registration_failed", error="SyntaxError: invalid syntax"))
    edited(monkeypatch, repo / "main.py", "print(\n")
    result = ask("dev", str(repo))
    assert result.stderr.count("SyntaxError") == 2
    assert deploys(fake) == 2


def test_the_folders_env_file_is_given_to_its_tasks(
    ask: Cli, building: FakeOrchestrator, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repo / ".env").write_text("TOKEN=secret\n")
    edited(monkeypatch, repo / "main.py")
    ask("dev", str(repo))
    assert building.asked[0].body["env"] == {"TOKEN": "secret"}


def test_a_change_of_the_env_file_is_deployed_and_a_wrong_one_told(
    ask: Cli, building: FakeOrchestrator, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited(monkeypatch, repo / ".env", "TOKEN\n", "TOKEN=secret\n")
    result = ask("dev", str(repo))
    assert ".env, line 1: it is not KEY=VALUE" in result.stderr
    assert "Adding to the workflow's variables: TOKEN (from " in result.stderr
    assert [request.body.get("env") for request in building.asked if request.body] == [None, {"TOKEN": "secret"}]


def test_a_folder_that_is_not_there_is_named(ask: Cli, tmp_path: Path) -> None:
    result = ask("dev", str(tmp_path / "nowhere"))
    assert result.exit_code == exit_codes.USAGE
    assert "is not a folder" in result.stderr


def test_a_written_file_is_a_change(repo: Path) -> None:
    found = dev.changes(str(repo))
    next(found)
    (repo / "main.py").write_text("print(1)\n")
    assert next(found) is None
