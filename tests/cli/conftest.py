"""The command line, called in this process against a fake orchestrator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from orchestrator.cli.main import app_of
from tests.cli.support.fake_orchestrator import FakeOrchestrator, serving

Cli = Callable[..., Result]
app = app_of()
_built = cache(get_command)


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test talks to an orchestrator of this machine."""
    for name in ("ORCHESTRATOR_URL", "ORCHESTRATOR_API_KEY", "ORCHESTRATOR_PORT", "ORCHESTRATOR_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ORCHESTRATOR_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture(autouse=True)
def _built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making all commands of an app takes longer than most of them do."""
    monkeypatch.setattr("typer.testing._get_command", _built)


@pytest.fixture
def fake() -> Iterator[FakeOrchestrator]:
    """An orchestrator that answers what the test tells it to."""
    with serving() as orchestrator:
        yield orchestrator


@pytest.fixture
def cli() -> Cli:
    """Call the command; `input` is its stdin."""

    def call(*arguments: str, input: str | None = None) -> Result:
        return CliRunner().invoke(app, list(arguments), input=input)

    return call


@pytest.fixture
def ask(cli: Cli, fake: FakeOrchestrator, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Call the command with the fake orchestrator as the one to talk to."""
    monkeypatch.setenv("ORCHESTRATOR_URL", fake.url)
    monkeypatch.setenv("ORCHESTRATOR_API_KEY", "orc_key")
    return cli
