from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestrator.app.data_dir import DataDir
from orchestrator.cli import exit_codes
from orchestrator.cli.errors import CliError
from orchestrator.cli.instance.instance import Instance
from tests.cli.conftest import Cli
from tests.cli.support.fake_orchestrator import FakeOrchestrator


def test_a_running_instance_is_found_by_its_data_directory_with_its_key(tmp_path: Path) -> None:
    data_dir = DataDir(tmp_path)
    key = data_dir.api_key()
    with data_dir.locked(), data_dir.announced("http://127.0.0.1:81"), Instance(data_dir).connect() as api:
        assert (api.address.url, api.address.api_key) == ("http://127.0.0.1:81", key)


def test_the_key_of_a_data_directory_is_for_its_own_instance_alone(tmp_path: Path) -> None:
    data_dir = DataDir(tmp_path)
    data_dir.api_key()
    with Instance(data_dir, url="http://elsewhere.example").connect() as api:
        assert api.address.api_key == ""


def test_the_environments_key_goes_before_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data_dir = DataDir(tmp_path)
    data_dir.api_key()
    monkeypatch.setenv("ORCHESTRATOR_API_KEY", "mine")
    with data_dir.locked(), data_dir.announced("http://127.0.0.1:81"), Instance(data_dir).connect() as api:
        assert api.address.api_key == "mine"


def test_a_url_may_end_like_the_apis_own(tmp_path: Path) -> None:
    with Instance(DataDir(tmp_path), url="http://a.example:8120/v1/").connect() as api:
        assert api.address.url == "http://a.example:8120"


@pytest.mark.parametrize("url", ["a.example:8120", "ftp://a.example", "http://"])
def test_what_is_no_url_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(CliError, match="no URL") as raised:
        Instance(DataDir(tmp_path), url=url).connect()
    assert raised.value.exit_code == exit_codes.USAGE


def test_without_an_orchestrator_every_command_says_how_to_start_one(cli: Cli, tmp_path: Path) -> None:
    for command in (["run", "a/b"], ["runs", "list"], ["tasks", "list"], ["workflows", "list"], ["versions", "list"]):
        result = cli(*command)
        assert result.exit_code == exit_codes.UNREACHABLE
        assert f"hint: start one with `orchestrator up --detach --data-dir {tmp_path / 'data'}`" in result.stderr
        assert "Traceback" not in result.output


def test_a_wrong_key_is_refused_with_a_hint(ask: Cli, fake: FakeOrchestrator) -> None:
    fake.answer("GET /task-runs", {"message": "the API key is wrong"}, status=401)
    result = ask("runs", "list")
    assert result.exit_code == exit_codes.REFUSED
    assert "error: the API key is wrong" in result.stderr
    assert "ORCHESTRATOR_API_KEY" in result.stderr


def test_options_go_before_the_environment(cli: Cli, fake: FakeOrchestrator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRATOR_URL", "http://127.0.0.1:1")
    fake.list("/task-runs", "taskRun")
    assert json.loads(cli("runs", "list", "--json", "--url", fake.url).stdout) == []
