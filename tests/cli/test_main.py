from __future__ import annotations

import subprocess
import sys

import pytest
from typer.core import TyperGroup
from typer.main import get_command

import orchestrator_sdk
from orchestrator.cli import exit_codes
from orchestrator.cli.main import app_of
from tests.cli.conftest import Cli

_HEAVY = {
    "httpx",
    "pydantic",
    "fastapi",
    "uvicorn",
    "docker",
    "redis",
    "asyncio",
    "yaml",
    "tarfile",
    "orchestrator.core.tasks",
}


def test_help_names_every_exit_code(cli: Cli) -> None:
    shown = cli("--help").stdout
    for code, meaning in exit_codes.MEANINGS.items():
        assert f"{code}  {meaning}" in shown


@pytest.mark.parametrize(
    "command", ["up", "down", "doctor", "deploy", "run", "runs", "tasks", "workflows", "versions", "env", "bench"]
)
def test_every_command_has_help(cli: Cli, command: str) -> None:
    result = cli(command, "--help")
    assert result.exit_code == exit_codes.OK
    assert "Usage: " in result.stdout


@pytest.mark.parametrize("arguments", [("-h",), ("up", "-h"), ("runs", "list", "-h")])
def test_the_short_option_for_help_is_understood_everywhere(cli: Cli, arguments: tuple[str, ...]) -> None:
    assert "Usage: " in cli(*arguments).stdout


def test_the_version_is_that_of_the_sdk_it_comes_with(cli: Cli) -> None:
    assert cli("--version").stdout == f"orchestrator {orchestrator_sdk.__version__}\n"


def test_a_wrong_command_is_a_usage_error(cli: Cli) -> None:
    assert cli("launch").exit_code == exit_codes.USAGE


def test_help_loads_nothing_that_it_does_not_need() -> None:
    """Their import takes longer than everything else that --help does."""
    assert _HEAVY.isdisjoint(_loaded_for(""))


def test_a_command_loads_no_other() -> None:
    loaded = _loaded_for("deploy")
    assert "orchestrator.cli.commands.deploy" in loaded
    assert {"orchestrator.cli.commands.doctor", "orchestrator.cli.commands.runs"}.isdisjoint(loaded)


@pytest.mark.parametrize("word", ["up", "deploy", "runs", "env", "bench"])
def test_a_command_alone_is_the_one_among_all(word: str) -> None:
    alone, among = (get_command(app_of(asked)) for asked in (word, ""))
    assert isinstance(alone, TyperGroup)
    assert isinstance(among, TyperGroup)
    assert word in alone.commands
    assert alone.commands.keys() < among.commands.keys()


def _loaded_for(word: str) -> set[str]:
    script = f"import sys; from orchestrator.cli.main import app_of; app_of({word!r}); print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(run.stdout.split())
