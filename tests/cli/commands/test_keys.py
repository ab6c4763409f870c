from __future__ import annotations

import json

from orchestrator.cli import exit_codes
from tests.cli.conftest import Cli
from tests.cli.support.fake_orchestrator import FakeOrchestrator

CI = {"name": "ci", "scopes": ["run"], "createdAt": "2026-01-01T10:00:00Z"}


def test_a_new_key_is_all_that_is_printed(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("POST /keys", {**CI, "key": "orc_ci.secret"})
    result = ask("keys", "create", "ci", "--scope", "run")
    assert result.stdout == "orc_ci.secret\n"
    assert "'ci' is good for run; nothing shows it again." in result.stderr
    assert fake.asked[-1].body == {"name": "ci", "scopes": ["run"]}


def test_a_new_key_is_good_for_reading_unless_it_is_said(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("POST /keys", {**CI, "key": "orc_ci.secret"})
    ask("keys", "create", "ci")
    assert fake.asked[-1].body == {"name": "ci", "scopes": ["read"]}


def test_the_list_shows_what_keys_are_good_for(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("GET /keys", [CI])
    assert [line.split()[:2] for line in ask("keys", "list").stdout.splitlines()] == [["NAME", "GOOD"], ["ci", "run"]]
    assert json.loads(ask("keys", "list", "--json").stdout) == [CI]


def test_a_key_is_revoked(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("DELETE /keys/ci", None, status=204)
    assert ask("keys", "revoke", "ci").stdout == "ci is revoked.\n"


def test_a_key_that_is_not_there_is_an_error(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("DELETE /keys/ci", {"message": "there is no key 'ci'", "code": "not_found", "id": "err-1"}, status=404)
    result = ask("keys", "revoke", "ci")
    assert (result.exit_code, "there is no key 'ci'" in result.stderr) == (exit_codes.NOT_FOUND, True)
