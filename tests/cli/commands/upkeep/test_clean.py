from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestrator.app.data_dir import DataDir
from orchestrator.app.upkeep import cleaning
from orchestrator.cli import exit_codes
from tests.cli.conftest import Cli


class Host:
    """A Docker on which an instance left something."""

    def __init__(self) -> None:
        self.left = {"mine": cleaning.Left(("c1", "c2"), 1, ("sha256:1",))}
        self.cleaned: list[str] = []


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    found = Host()

    class Engine:
        def __init__(self, instance: str) -> None:
            self.instance = instance

        async def close(self) -> None:
            pass

    async def look(engine: Engine) -> cleaning.Left:
        return found.left.get(engine.instance, cleaning.Left((), 0, ()))

    async def clean(engine: Engine, left: cleaning.Left) -> cleaning.Left:
        found.cleaned.append(engine.instance)
        found.left.pop(engine.instance, None)
        return await look(engine)

    monkeypatch.setattr("orchestrator.engine.docker.engine.DockerEngine", Engine)
    monkeypatch.setattr(cleaning, "look", look)
    monkeypatch.setattr(cleaning, "clean", clean)
    return found


@pytest.fixture
def data_dir(tmp_path: Path) -> DataDir:
    return DataDir(tmp_path / "data")


def test_it_asks_first_and_says_what_it_would_take_away(cli: Cli, host: Host) -> None:
    refused = cli("clean", "--instance", "mine", input="n\n")
    assert refused.exit_code == exit_codes.FAILED
    assert "2 containers (1 at work) and 1 images of instance mine" in refused.stderr
    assert host.cleaned == []
    assert cli("clean", "--instance", "mine", input="y\n").exit_code == 0
    assert host.cleaned == ["mine"]


def test_of_this_data_directory_by_itself(cli: Cli, host: Host, data_dir: DataDir) -> None:
    done = json.loads(cli("clean", "--yes", "--json").stdout)
    assert done == {"instance": data_dir.instance(), "left": []}


def test_nothing_is_taken_from_one_that_runs(cli: Cli, host: Host, data_dir: DataDir) -> None:
    with data_dir.locked():
        refused = cli("clean", "--yes")
    assert refused.exit_code == exit_codes.REFUSED
    assert "orchestrator down" in refused.stderr
    assert host.cleaned == []
