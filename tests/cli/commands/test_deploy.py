from __future__ import annotations

import base64
import io
import json
import os
import tarfile
from pathlib import Path

import pytest

from orchestrator.cli import exit_codes
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
def accepting(fake: FakeOrchestrator) -> FakeOrchestrator:
    fake.answer("POST /deploys", {"workflow": WORKFLOW, "workflowVersion": version("created")}, status=202)
    return fake


@pytest.fixture
def building(accepting: FakeOrchestrator) -> FakeOrchestrator:
    """Becomes ready."""
    accepting.answer("GET /workflowversions/wfv-1/logs", log_stream("installing humanize"))
    accepting.answer("GET /workflowversions/wfv-1", version("registering"), version())
    accepting.list("/tasks", "task", TASK)
    return accepting


def test_deploy_sends_the_folder_and_lists_its_tasks(ask: Cli, building: FakeOrchestrator, repo: Path) -> None:
    result = ask("deploy", str(repo))
    assert result.exit_code == exit_codes.OK
    assert "quickstart is ready, version v1." in result.stdout
    assert "quickstart/sum_squares  a: int, b  standard" in result.stdout
    assert "installing humanize" in result.stderr
    assert f"Run one: orchestrator run quickstart/sum_squares 3 3 --url {building.url}\n" in result.stderr
    sent = building.asked[0].body
    assert sent["name"] == "quickstart"
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(sent["archive"]))) as archive:
        assert archive.getnames() == ["main.py"]


def test_a_large_folder_goes_ahead_as_it_is(ask: Cli, building: FakeOrchestrator, repo: Path) -> None:
    (repo / "model.bin").write_bytes(os.urandom(2_000_000))
    building.answer("GET /status", {"queued": 0, "active": 0, "sourceLimitBytes": 3_000_000})
    building.answer("POST /sources", {"id": "upl-1"}, status=201)
    assert ask("deploy", str(repo)).exit_code == exit_codes.OK
    _, uploaded, deployed = building.asked[:3]
    assert uploaded.headers["Content-Type"] == "application/gzip"
    with tarfile.open(fileobj=io.BytesIO(uploaded.body)) as archive:
        assert archive.getnames() == ["main.py", "model.bin"]
    assert (deployed.body["upload"], "archive" in deployed.body) == ("upl-1", False)


def test_a_folder_that_is_too_large_is_refused_before_the_upload(ask: Cli, fake: FakeOrchestrator, repo: Path) -> None:
    (repo / "model.bin").write_bytes(os.urandom(2_000_000))
    fake.answer("GET /status", {"queued": 0, "active": 0, "sourceLimitBytes": 1_048_576})
    result = ask("deploy", str(repo))
    assert result.exit_code == exit_codes.USAGE
    assert "is more than 1 MiB when packed: leave data out with .dockerignore" in result.stderr.replace("\n", " ")
    assert "ORCHESTRATOR_SOURCE_BYTES" in result.stderr
    assert [asked.path for asked in fake.asked] == ["/v1/status"]


def test_deploy_sends_its_options(ask: Cli, building: FakeOrchestrator, repo: Path, tmp_path: Path) -> None:
    (tmp_path / "vars").write_text("# for tests\nexport A=file\nB='quoted value'\n")
    options = [
        "--name",
        "other",
        "--start-command",
        "python app.py",
        "--env",
        "A=1=2",
        "--env-file",
        str(tmp_path / "vars"),
    ]
    assert ask("deploy", str(repo), *options).exit_code == exit_codes.OK
    sent = building.asked[0].body
    assert (sent["name"], sent["startCommand"]) == ("other", "python app.py")
    assert sent["env"] == {"A": "1=2", "B": "quoted value"}


def test_how_it_is_built_can_be_said(
    ask: Cli, building: FakeOrchestrator, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "s3cr3t")
    (repo / "Dockerfile").write_text("FROM python:3.12-slim\n")
    options = [
        "--apt",
        "git",
        "--apt",
        "libpq-dev",
        "--dockerfile",
        "Dockerfile",
        "--build-env",
        "A=1",
        "--secret",
        "TOKEN",
    ]
    result = ask("deploy", str(repo), *options)
    sent = building.asked[0].body
    assert (sent["apt"], sent["dockerfile"], sent["buildEnv"]) == (["git", "libpq-dev"], "Dockerfile", {"A": "1"})
    assert sent["buildSecrets"] == {"TOKEN": "s3cr3t"}
    assert "s3cr3t" not in result.output


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ("none", "none"),
        ("internet", ["internet"]),
        ("db.lan, 10.1.0.0/16", ["10.1.0.0/16", "db.lan"]),
    ],
)
def test_where_runs_may_go_can_be_said(
    ask: Cli, building: FakeOrchestrator, repo: Path, said: str, sent: str | list[str]
) -> None:
    assert ask("deploy", str(repo), "--network", said).exit_code == exit_codes.OK
    assert building.asked[0].body["network"] == sent


@pytest.mark.parametrize("said", ["", ",", "http://db", "10.1.0.0/99"])
def test_places_that_are_none_are_refused_before_anything_is_sent(
    ask: Cli, building: FakeOrchestrator, repo: Path, said: str
) -> None:
    result = ask("deploy", str(repo), "--network", said)
    assert result.exit_code == exit_codes.USAGE
    assert "'--network'" in result.stderr
    assert building.asked == []


def test_what_a_repo_says_wrong_of_itself_is_told_before_anything_is_sent(
    ask: Cli, building: FakeOrchestrator, repo: Path
) -> None:
    (repo / "orchestrator.toml").write_text("stat_command = 'x'\n")
    result = ask("deploy", str(repo))
    assert result.exit_code == exit_codes.USAGE
    assert "orchestrator.toml: unknown key 'stat_command'; did you mean 'start_command'" in result.stderr
    assert building.asked == []


def test_the_folders_env_file_is_added_and_not_packed(ask: Cli, building: FakeOrchestrator, repo: Path) -> None:
    (repo / ".env").write_text("TOKEN=s3cr3t\n")
    result = ask("deploy", str(repo))
    sent = building.asked[0].body
    assert sent["env"] == {"TOKEN": "s3cr3t"}
    assert f"Adding to the workflow's variables: TOKEN (from {repo / '.env'})" in result.stderr
    assert "s3cr3t" not in result.output
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(sent["archive"]))) as archive:
        assert archive.getnames() == ["main.py"]


def test_deploy_with_json_prints_one_document(ask: Cli, building: FakeOrchestrator, repo: Path) -> None:
    printed = json.loads(ask("deploy", str(repo), "--json").stdout)
    assert printed == {"workflow": WORKFLOW, "workflowVersion": version(), "tasks": [TASK]}


def test_a_broken_log_stream_is_taken_up_where_it_broke(ask: Cli, accepting: FakeOrchestrator, repo: Path) -> None:
    accepting.answer(
        "GET /workflowversions/wfv-1/logs", log_stream("step 1", "step 2", is_over=False), log_stream("step 3")
    )
    accepting.answer("GET /workflowversions/wfv-1", version("building"), version())
    accepting.list("/tasks", "task", TASK)
    told = ask("deploy", str(repo)).stderr
    assert [told.count(word) for word in ("step 1", "step 2", "step 3")] == [1, 1, 1]
    streams = [asked for asked in accepting.asked if asked.path.endswith("/logs")]
    assert [asked.query.get("cursor") for asked in streams] == [None, ["1"]]


def test_a_failed_registration_shows_the_users_own_error_once(
    ask: Cli, accepting: FakeOrchestrator, repo: Path
) -> None:
    error = "main.py cannot be loaded:\nTraceback (most recent call last):\nNameError: name 'boom' is not defined"
    accepting.answer("GET /workflowversions/wfv-1/logs", log_stream("building", error=error))
    accepting.answer("GET /workflowversions/wfv-1", version("registration_failed", error=error))
    result = ask("deploy", str(repo))
    assert result.exit_code == exit_codes.FAILED
    assert f"error: quickstart could not register its tasks: {error}" in result.stderr
    assert result.stderr.count("NameError") == 1


def test_a_failure_of_one_line_is_told_once(ask: Cli, accepting: FakeOrchestrator, repo: Path) -> None:
    error = "uv.lock is older than pyproject.toml: run `uv lock`"
    accepting.answer("GET /workflowversions/wfv-1/logs", log_stream("building", error=error))
    accepting.answer("GET /workflowversions/wfv-1", version("build_failed", error=error))
    told = ask("deploy", str(repo)).stderr
    assert told.count("uv.lock is older") == 1
    assert f"error: quickstart could not be built: {error}" in told


@pytest.mark.parametrize("url", ["https://example.com/me/repo", "git@example.com:me/repo.git", "git@example.com:repo"])
def test_a_git_url_is_named_and_not_packed(ask: Cli, building: FakeOrchestrator, url: str) -> None:
    options = ["--branch", "next", "--commit", "1" * 40, "--root-dir", "app", "--build-command", "make"]
    assert ask("deploy", url, *options).exit_code == exit_codes.OK
    expected = {"name": "repo", "repo": url, "branch": "next", "commit": "1" * 40, "rootDir": "app"}
    assert building.asked[0].body == {**expected, "buildCommand": "make"}


def test_a_branch_of_a_folder_is_refused(ask: Cli, repo: Path) -> None:
    result = ask("deploy", str(repo), "--branch", "main")
    assert result.exit_code == exit_codes.USAGE
    assert "--branch, --commit and --submodules are for Git URLs" in result.stderr


def test_a_folder_without_a_program_is_refused_before_anything_is_asked(
    ask: Cli, fake: FakeOrchestrator, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("no code")
    result = ask("deploy", str(tmp_path))
    assert result.exit_code == exit_codes.USAGE
    assert "has no program" in result.stderr
    assert not fake.asked


def test_a_variable_without_value_is_refused_and_not_repeated(cli: Cli, repo: Path) -> None:
    result = cli("deploy", str(repo), "--env", "s3cr3t")
    assert result.exit_code == exit_codes.USAGE
    assert "--env" in result.stderr
    assert "s3cr3t" not in result.stderr


def test_ctrl_c_says_what_goes_on_and_how_to_stop_it(
    ask: Cli, accepting: FakeOrchestrator, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("orchestrator.cli.deployment.follow", interrupted)
    result = ask("deploy", str(repo))
    assert result.exit_code == exit_codes.INTERRUPTED
    assert "The build goes on. See it: orchestrator versions logs wfv-1 --follow" in result.stderr
    assert "Stop it:                   orchestrator versions cancel wfv-1" in result.stderr


def test_what_is_wrong_in_a_file_of_variables_is_found_by_its_line(cli: Cli, repo: Path, tmp_path: Path) -> None:
    (tmp_path / "vars").write_text("# first\nA=1\n\nno equals s3cr3t\n")
    result = cli("deploy", str(repo), "--env-file", str(tmp_path / "vars"))
    assert result.exit_code == exit_codes.USAGE
    assert "vars, line 4: it is not KEY=VALUE" in result.stderr.replace("\n", "")
    assert "s3cr3t" not in result.stderr


def test_what_a_failed_command_printed_is_shown_once(ask: Cli, accepting: FakeOrchestrator, repo: Path) -> None:
    error = "`echo one; false` failed with exit code 1:\none"
    accepting.answer("GET /workflowversions/wfv-1/logs", log_stream("zero", "one", error=error))
    accepting.answer("GET /workflowversions/wfv-1", version("build_failed", error=error))
    told = ask("deploy", str(repo)).stderr
    assert "could not be built: `echo one; false` failed with exit code 1, as shown above" in told.replace("\n", " ")
    assert told.count("  one\n") == 1
