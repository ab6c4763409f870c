from __future__ import annotations

from orchestrator.cli import exit_codes
from tests.cli.conftest import Cli
from tests.cli.documents import version
from tests.cli.fake_orchestrator import FakeOrchestrator


def test_a_build_is_canceled_by_its_versions_id(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("POST /workflowversions/wfv-1/cancel", version("building"), status=202)
    result = ask("versions", "cancel", "wfv-1")
    assert (result.exit_code, result.stdout) == (exit_codes.OK, "The build of wfv-1 is being canceled.\n")


def test_what_is_over_cannot_be_canceled(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("POST /workflowversions/wfv-1/cancel", {"message": "version wfv-1 is ready"}, status=409)
    result = ask("versions", "cancel", "wfv-1")
    assert result.exit_code == exit_codes.FAILED
    assert "version wfv-1 is ready" in result.stderr
