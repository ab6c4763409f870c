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
