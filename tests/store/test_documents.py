"""The documents of golden/ are those of an earlier release: stored data outlives releases."""

from __future__ import annotations

import json
from pathlib import Path

from orchestrator.core.runs.run import Status
from orchestrator.store import documents
from tests.env_cipher import CIPHER

GOLDEN = Path(__file__).parent / "golden"


def test_a_run_of_an_earlier_release_is_read() -> None:
    run = documents.load_run((GOLDEN / "run.json").read_text())
    assert (run.status, run.attempt, run.attempt_deadline_at_ms, run.retry.backoff_scaling) == (
        Status.STOPPING,
        1,
        8_000,
        1.5,
    )


def test_a_version_of_an_earlier_release_is_read() -> None:
    version = documents.load_version((GOLDEN / "version.json").read_text(), CIPHER)
    assert (version.entry_point, version.start_command, version.tasks[0].retry.wait_duration_ms) == ("main.py", "", 100)


def test_a_workflow_of_an_earlier_release_is_read() -> None:
    workflow = documents.load_workflow((GOLDEN / "workflow.json").read_text(), CIPHER)
    assert (workflow.slug, workflow.env, workflow.source.branch) == ("shop", {"A": "b"}, "main")


def test_a_run_is_written_as_it_was_before() -> None:
    text = (GOLDEN / "run.json").read_text()
    assert json.loads(documents.dump_run(documents.load_run(text))) == json.loads(text)


def test_what_is_written_is_read_again() -> None:
    version = documents.load_version((GOLDEN / "version.json").read_text(), CIPHER)
    workflow = documents.load_workflow((GOLDEN / "workflow.json").read_text(), CIPHER)
    assert documents.load_version(documents.dump_version(version, CIPHER), CIPHER) == version
    assert documents.load_workflow(documents.dump_workflow(workflow, CIPHER), CIPHER) == workflow
