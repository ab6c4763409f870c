from __future__ import annotations

import json

from tests.cli.conftest import Cli
from tests.cli.support.documents import WORKFLOW
from tests.cli.support.fake_orchestrator import FakeOrchestrator


def test_workflows_are_shown_with_their_source(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.list("/workflows", "workflow", WORKFLOW)
    assert "quickstart  wfl-1  /code/quickstart" in ask("workflows", "list").stdout
    assert json.loads(ask("workflows", "list", "--json").stdout) == [WORKFLOW]


def test_a_workflow_is_deleted(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("DELETE /workflows/quickstart", None, status=204)
    assert ask("workflows", "delete", "quickstart").stdout == "quickstart is deleted.\n"
