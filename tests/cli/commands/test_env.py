from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestrator.cli import exit_codes
from tests.cli.conftest import Cli
from tests.cli.support.documents import WORKFLOW, version
from tests.cli.support.fake_orchestrator import FakeOrchestrator

PATH = "/services/shop/env-vars"
SHOP = {
    **WORKFLOW,
    "slug": "shop",
    "buildConfig": {"repo": "/code/shop"},
    "workflowVersionId": "wfv-1",
    "envVarKeys": ["TOKEN"],
    "envVarRevision": 2,
}
NEXT = "from the workflow's next version on; to make one: orchestrator deploy /code/shop --name shop --url http"


@pytest.fixture
def shop(fake: FakeOrchestrator) -> FakeOrchestrator:
    """The workflow shop, whose version has an older set."""
    fake.answer("GET /workflows/shop", SHOP)
    fake.answer("GET /workflowversions/wfv-1", version(envVarRevision=1))
    fake.answer(f"PATCH {PATH}", [])
    return fake


def added(fake: FakeOrchestrator) -> list[dict[str, str]]:
    return [variable for asked in fake.asked if asked.method == "PATCH" for variable in asked.body]


def having(fake: FakeOrchestrator, *names: str) -> None:
    variables = [{"key": name, "updatedAt": "2026-01-01T10:00:00Z"} for name in names]
    fake.answer(f"GET {PATH}", [{"envVar": one, "cursor": one["key"]} for one in variables])


def test_a_list_shows_names_and_when_each_was_set(ask: Cli, shop: FakeOrchestrator) -> None:
    variable = {"key": "TOKEN", "updatedAt": "2026-01-01T10:00:00Z"}
    shop.answer(f"GET {PATH}", [{"envVar": variable, "cursor": "TOKEN"}])
    result = ask("env", "list", "shop")
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["NAME", "TOKEN"]
    assert NEXT in result.stderr
    assert json.loads(ask("env", "list", "shop", "--json").stdout) == [variable]


def test_a_list_of_the_set_that_serves_says_nothing_more(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("GET /workflows/shop", SHOP)
    fake.answer("GET /workflowversions/wfv-1", version(envVarRevision=2))
    fake.answer(f"GET {PATH}", [])
    assert ask("env", "list", "shop").stderr == "shop has no variables.\n"


@pytest.mark.parametrize(
    ("typed", "value"), [("s3cr3t\n", "s3cr3t"), ("s3cr3t", "s3cr3t"), ("two\nlines\n\n", "two\nlines\n"), ("", "")]
)
def test_a_value_is_read_from_stdin_and_never_shown(ask: Cli, shop: FakeOrchestrator, typed: str, value: str) -> None:
    result = ask("env", "set", "shop", "TOKEN", input=typed)
    assert added(shop) == [{"key": "TOKEN", "value": value}]
    assert result.stdout == "TOKEN is set.\n"
    assert NEXT in result.stderr
    assert "s3cr3t" not in result.output


def test_a_value_on_the_command_line_is_refused_and_not_repeated(ask: Cli, shop: FakeOrchestrator) -> None:
    result = ask("env", "set", "shop", "TOKEN=s3cr3t")
    assert result.exit_code == exit_codes.USAGE
    assert "give the name alone" in result.stderr
    assert "s3cr3t" not in result.output
    assert not shop.asked


def test_a_value_that_is_no_text_is_refused(ask: Cli, shop: FakeOrchestrator) -> None:
    result = ask("env", "set", "shop", "TOKEN", input="a\0b")
    assert result.exit_code == exit_codes.USAGE
    assert "the value of TOKEN has characters that no variable can have" in result.stderr
    assert not added(shop)


def test_nobody_types_a_secret_for_a_workflow_that_is_not_there(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("GET /workflows/shop", {"message": "there is no workflow 'shop'"}, status=404)
    assert ask("env", "set", "shop", "TOKEN", input="s3cr3t").exit_code == exit_codes.NOT_FOUND


def test_a_file_is_imported_in_one_step(ask: Cli, shop: FakeOrchestrator, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\nB=2\n")
    assert ask("env", "import", "shop", str(tmp_path / ".env")).stdout == "A, B are set.\n"
    assert added(shop) == [{"key": "A", "value": "1"}, {"key": "B", "value": "2"}]


def test_an_import_reads_stdin(ask: Cli, shop: FakeOrchestrator) -> None:
    assert ask("env", "import", "shop", input="A=1\n").exit_code == exit_codes.OK
    assert added(shop) == [{"key": "A", "value": "1"}]


def test_variables_are_unset(ask: Cli, shop: FakeOrchestrator) -> None:
    having(shop, "A", "B")
    for name in ("A", "B"):
        shop.answer(f"DELETE {PATH}/{name}", None, status=204)
    assert json.loads(ask("env", "unset", "shop", "A", "B", "--json").stdout) == {"unset": ["A", "B"]}


def test_nothing_is_unset_when_one_is_not_there(ask: Cli, shop: FakeOrchestrator) -> None:
    having(shop, "A")
    result = ask("env", "unset", "shop", "A", "B", "C")
    assert result.exit_code == exit_codes.NOT_FOUND
    assert "shop has no variable B and no variable C; nothing was unset" in result.stderr
    assert not [asked for asked in shop.asked if asked.method == "DELETE"]
