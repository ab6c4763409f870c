from __future__ import annotations

import json

from orchestrator.cli import exit_codes
from tests.cli.conftest import Cli
from tests.cli.support.fake_orchestrator import FakeOrchestrator

STATUS = {"status": "ok", "version": "0.1.0", "queued": 3, "active": 2, "info": {"engine": "docker 27.1.0"}}


def test_status_says_where_it_is_and_how_much_it_has_to_do(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("GET /status", STATUS)
    lines = dict(line.split(maxsplit=1) for line in ask("status").stdout.splitlines())
    assert lines == {"API": fake.url, "version": "0.1.0", "runs": "2 active, 3 queued", "engine": "docker 27.1.0"}


def test_status_as_json_is_the_api_s_own_with_the_url(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("GET /status", STATUS)
    assert json.loads(ask("status", "--json").stdout) == STATUS | {"url": fake.url}


def test_without_an_orchestrator_status_says_how_to_start_one(cli: Cli) -> None:
    result = cli("status")
    assert result.exit_code == exit_codes.UNREACHABLE
    assert "orchestrator up --detach" in result.stderr


LINK = {"url": "http://127.0.0.1:8120/ui/login?ticket=abc", "expiresAt": "2026-01-01T00:00:00Z"}


def test_ui_prints_a_link_that_signs_in(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("POST /sessions", LINK, status=201)
    result = ask("ui")
    assert result.stdout == f"{LINK['url']}\n"
    assert "once" in result.stderr


def test_ui_as_json_is_the_link_and_until_when(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("POST /sessions", LINK, status=201)
    assert json.loads(ask("ui", "--json").stdout) == LINK


def test_where_nobody_signs_in_ui_says_nothing_of_a_minute(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("POST /sessions", {"url": "http://127.0.0.1:8120/ui/"}, status=201)
    assert ask("ui").stderr == ""
