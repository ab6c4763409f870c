from __future__ import annotations

import json

from orchestrator.cli import exit_codes
from tests.cli.conftest import Cli
from tests.cli.support.fake_orchestrator import FakeOrchestrator


def test_a_workflow_is_paused_with_a_reason(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("POST /workflows/shop/pause", {"slug": "shop"})
    result = ask("pause", "shop", "--reason", "moving the data")
    assert result.stdout.startswith("shop is paused. It goes on with: orchestrator resume shop")
    assert fake.asked[-1].body == {"reason": "moving the data"}


def test_a_task_is_paused_and_resumed_by_its_name(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("POST /tasks/shop%2Fpay/pause", {"name": "pay"})
    fake.answer("POST /tasks/shop%2Fpay/resume", {"name": "pay"})
    assert ask("pause", "shop/pay").exit_code == exit_codes.OK
    assert ask("resume", "shop/pay").stdout == "shop/pay goes on.\n"


def test_as_json_it_is_what_the_api_answers(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("POST /workflows/shop/resume", {"slug": "shop"})
    assert json.loads(ask("resume", "shop", "--json").stdout) == {"slug": "shop"}


def test_what_is_not_there_is_not_found(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("POST /workflows/shop/pause", {"message": "there is no workflow 'shop'"}, status=404)
    assert ask("pause", "shop").exit_code == exit_codes.NOT_FOUND
