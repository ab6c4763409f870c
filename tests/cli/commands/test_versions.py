from __future__ import annotations

import json

from orchestrator.cli import exit_codes
from tests.cli.conftest import Cli
from tests.cli.support.documents import WORKFLOW, version
from tests.cli.support.fake_orchestrator import FakeOrchestrator


def test_versions_are_shown_with_their_state(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("GET /workflows/quickstart", WORKFLOW)
    fake.list("/workflowversions", "workflowVersion", version("build_failed"))
    fake.list("/workflows", "workflow", WORKFLOW)
    assert "wfv-1    v1    quickstart  build_failed" in ask("versions", "list", "--workflow", "quickstart").stdout
    assert json.loads(ask("versions", "list", "--json").stdout) == [version("build_failed")]


def test_versions_say_which_variables_their_runs_see(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.list("/workflowversions", "workflowVersion", version(envVarKeys=["SALT", "TOKEN"], envVarRevision=3))
    fake.list("/workflows", "workflow", WORKFLOW)
    assert ask("versions", "list").stdout.splitlines()[1].endswith("SALT, TOKEN (set 3)")


def test_versions_of_an_unknown_workflow_are_not_found(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("GET /workflows/quick", {"message": "there is no workflow 'quick'"}, status=404)
    assert ask("versions", "list", "--workflow", "quick").exit_code == exit_codes.NOT_FOUND


def test_a_build_is_canceled_by_its_versions_id(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("POST /workflowversions/wfv-1/cancel", version("building"), status=202)
    result = ask("versions", "cancel", "wfv-1")
    assert (result.exit_code, result.stdout) == (exit_codes.OK, "The build of wfv-1 is being canceled.\n")


def test_what_is_over_cannot_be_canceled(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("POST /workflowversions/wfv-1/cancel", {"message": "version wfv-1 is ready"}, status=409)
    result = ask("versions", "cancel", "wfv-1")
    assert result.exit_code == exit_codes.FAILED
    assert "version wfv-1 is ready" in result.stderr


def versions_of_quickstart(fake: FakeOrchestrator, *, serving: str) -> None:
    fake.answer("GET /workflows/quickstart", {**WORKFLOW, "workflowVersionId": serving})
    fake.answer("GET /workflows/wfl-1", {**WORKFLOW, "workflowVersionId": serving})
    failed = version("build_failed", id="wfv-2", name="v2", error="no matching distribution")
    fake.list("/workflowversions", "workflowVersion", version(id="wfv-3", name="v3"), failed, version())


def test_a_version_is_shown_by_its_name(ask: Cli, fake: FakeOrchestrator) -> None:
    versions_of_quickstart(fake, serving="wfv-3")
    assert "no matching distribution" in ask("versions", "show", "quickstart/v2").stdout
    assert "ready (serves)" in ask("versions", "show", "quickstart/v3").stdout
    missing = ask("versions", "show", "quickstart/v9")
    assert (missing.exit_code, "it has: v3, v2, v1" in missing.stderr) == (exit_codes.NOT_FOUND, True)


def test_what_its_build_printed_can_be_read_afterwards(ask: Cli, fake: FakeOrchestrator) -> None:
    versions_of_quickstart(fake, serving="wfv-3")
    lines = [{"timestamp": None, "stream": "system", "message": text, "cursor": text} for text in ("one", "two")]
    fake.answer("GET /workflowversions/wfv-2/logs", lines)
    assert ask("versions", "logs", "quickstart/v2").stdout == "one\ntwo\n"


def test_rolling_back_goes_to_the_ready_version_before(ask: Cli, fake: FakeOrchestrator) -> None:
    versions_of_quickstart(fake, serving="wfv-3")
    fake.answer("POST /workflowversions/wfv-1/serve", WORKFLOW)
    assert ask("versions", "rollback", "quickstart").stdout == "quickstart is served by version v1.\n"


def test_rolling_back_can_go_to_a_certain_one(ask: Cli, fake: FakeOrchestrator) -> None:
    versions_of_quickstart(fake, serving="wfv-1")
    fake.answer("POST /workflowversions/wfv-3/serve", WORKFLOW)
    assert ask("versions", "rollback", "quickstart", "v3").stdout == "quickstart is served by version v3.\n"


def test_before_the_first_there_is_nothing_to_go_back_to(ask: Cli, fake: FakeOrchestrator) -> None:
    versions_of_quickstart(fake, serving="wfv-1")
    result = ask("versions", "rollback", "quickstart")
    assert (result.exit_code, "no ready version before" in result.stderr) == (exit_codes.NOT_FOUND, True)
