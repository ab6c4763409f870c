"""The documents of golden/ are those of an earlier release: stored data outlives releases."""

from __future__ import annotations

import json
from pathlib import Path

from orchestrator.core.runs.events import ErrorReported
from orchestrator.core.runs.run import Call, FailedChild, Failure, FailureClass, Status
from orchestrator.core.runs.summary import summary
from orchestrator.store import documents
from tests.core.sample_runs import NOW_MS, a_running_run, after
from tests.env_cipher import CIPHER

GOLDEN = Path(__file__).parent / "golden"
FAILURE = Failure(FailureClass.ERROR, "boom", "ValueError", child=FailedChild("trn-9", "charge", "KeyError"))


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


def test_a_summary_made_of_a_document_is_the_one_made_of_the_run() -> None:
    text = (GOLDEN / "run.json").read_text()
    assert documents.summaries_of([]) == []
    ended = after(a_running_run(call=Call("trn-0", 0, 1)), ErrorReported(FAILURE), now_ms=NOW_MS + 5)
    both = [summary(documents.load_run(text)), summary(ended)]
    assert documents.summaries_of([text, documents.dump_run(ended).decode()]) == both
    assert documents.load_summary(documents.dump_summary(summary(ended))) == summary(ended)
