from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from orchestrator.cli import exit_codes
from orchestrator.core.container.user import user_of
from tests.cli.conftest import Cli
from tests.cli.support.documents import TASK, run, version
from tests.cli.support.fake_orchestrator import FakeOrchestrator

STATUS = {
    "status": "ok",
    "version": "1",
    "queued": 0,
    "active": 0,
    "info": {"instance": "a1b2", "network": "orc-a1b2"},
}


@pytest.fixture
def failed(fake: FakeOrchestrator) -> FakeOrchestrator:
    """A run that failed, of a version with a variable."""
    attempt = {
        "attempt": 0,
        "status": "failed",
        "startedAt": "2026-01-01T10:00:01Z",
        "forensics": {"image": "sha256:1"},
    }
    fake.answer(
        "GET /task-runs/trn-1", run(status="failed", workflowVersionId="wfv-1", plan="starter", attempts=[attempt])
    )
    fake.answer("GET /workflowversions/wfv-1", version(envVarKeys=["TOKEN"], image="sha256:2"))
    fake.answer("GET /status", STATUS)
    fake.answer("GET /tasks", [])
    return fake


def test_the_line_makes_a_container_like_the_run_s(ask: Cli, failed: FakeOrchestrator) -> None:
    words = shlex.split(ask("runs", "debug", "trn-1", "--print").stdout)
    assert words[:2] == ["docker", "run"]
    assert "sha256:1" in words, "the image of the attempt"
    assert {"orc-a1b2", user_of("debug"), "TOKEN", "--read-only"} <= set(words)
    assert words[words.index("--memory") + 1] == str(512 * 1024 * 1024)


@pytest.mark.parametrize(("network", "joined"), [([], "none"), (["10.0.0.0/8"], "orc-a1b2-")])
def test_it_reaches_what_the_run_did(ask: Cli, failed: FakeOrchestrator, network: list[str], joined: str) -> None:
    del failed.answers["GET /tasks"]
    failed.list("/tasks", "task", {**TASK, "network": network})
    words = shlex.split(ask("runs", "debug", "trn-1", "--print").stdout)
    assert words[words.index("--network") + 1].startswith(joined)


def test_the_run_s_input_is_in_a_file(ask: Cli, failed: FakeOrchestrator) -> None:
    words = json.loads(ask("runs", "debug", "trn-1", "--json").stdout)
    mount = dict(part.split("=") for part in words[words.index("--mount") + 1].split(",") if "=" in part)
    assert mount["target"] == "/run/input.json"
    assert json.loads(Path(mount["source"]).read_text()) == [3, 4]


def test_of_a_run_without_an_attempt_the_version_s_image_is_taken(ask: Cli, failed: FakeOrchestrator) -> None:
    failed.answer(
        "GET /task-runs/trn-2", run("trn-2", "pending", workflowVersionId="wfv-1", plan="starter", attempts=[])
    )
    assert "sha256:2" in shlex.split(ask("runs", "debug", "trn-2", "--print").stdout)


def test_without_an_image_there_is_nothing_to_look_at(ask: Cli, failed: FakeOrchestrator) -> None:
    failed.answer(
        "GET /task-runs/trn-3", run("trn-3", "pending", workflowVersionId="wfv-3", plan="starter", attempts=[])
    )
    failed.answer("GET /workflowversions/wfv-3", version("building", id="wfv-3"))
    result = ask("runs", "debug", "trn-3", "--print")
    assert (result.exit_code, "has no image yet" in result.stderr) == (exit_codes.NOT_FOUND, True)
