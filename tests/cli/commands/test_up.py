from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import pytest

from orchestrator.app.data_dir import DataDir
from orchestrator.cli import exit_codes
from orchestrator.cli.instance import daemon
from tests.cli.conftest import Cli

_SERVE = """
import signal, sys, time
from pathlib import Path
from orchestrator.app.data_dir import DataDir
data_dir = DataDir(Path(sys.argv[1]))
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
with data_dir.locked(), data_dir.announced("http://127.0.0.1:8120"):
    signal.pause()
"""
_FAIL = """
import sys
sys.exit("error: port 8120 of 127.0.0.1 cannot be used: choose another with --port")
"""


@pytest.fixture
def data_dir(tmp_path: Path) -> DataDir:
    """That of the command line under test."""
    return DataDir(tmp_path / "data")


@pytest.fixture
def spawned(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Stands in for the orchestrator's process; what it was started with is kept."""
    kept: dict[str, Any] = {"script": _SERVE}

    def spawn(data_dir: DataDir, log: IO[bytes], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        kept["environment"] = environment
        kept["process"] = subprocess.Popen(
            [sys.executable, "-c", kept["script"], str(data_dir.path)], stdout=log, stderr=log
        )
        return kept["process"]  # type: ignore[no-any-return]

    monkeypatch.setattr(daemon, "_spawn", spawn)
    yield kept
    if process := kept.get("process"):
        process.kill()
        process.wait()


def test_up_detached_waits_until_it_serves(cli: Cli, spawned: dict[str, Any], data_dir: DataDir) -> None:
    result = cli("up", "--detach", "--port", "9000", "--no-auth")
    assert result.exit_code == exit_codes.OK
    for part in ("http://127.0.0.1:8120", str(data_dir.api_key_path), f"orchestrator down --data-dir {data_dir.path}"):
        assert part in result.stdout
    assert spawned["environment"] == {
        "ORCHESTRATOR_DATA_DIR": str(data_dir.path),
        "ORCHESTRATOR_PORT": "9000",
        "ORCHESTRATOR_NO_AUTH": "True",
    }


def test_up_again_says_that_it_runs(cli: Cli, spawned: dict[str, Any]) -> None:
    first = json.loads(cli("up", "--detach", "--json").stdout)
    second = json.loads(cli("up", "--detach", "--json").stdout)
    assert second == first | {"wasRunning": True}
    assert "runs already" in cli("up", "--detach").stdout


def test_up_again_with_options_says_that_they_were_ignored_and_how_to_apply_them(
    cli: Cli, spawned: dict[str, Any], data_dir: DataDir
) -> None:
    cli("up", "--detach")
    again = cli("up", "--detach", "--port", "9999", "--no-auth")
    assert again.exit_code == exit_codes.OK
    assert "Ignored, for it runs already: --port 9999 --no-auth." in again.stderr
    assert f"orchestrator down --data-dir {data_dir.path}, then the same command again" in again.stderr
    assert json.loads(cli("up", "--detach", "--port", "9999", "--json").stdout)["ignored"] == ["--port 9999"]


def test_up_again_with_the_options_it_has_ignores_nothing(cli: Cli, spawned: dict[str, Any]) -> None:
    cli("up", "--detach")
    assert "Ignored" not in cli("up", "--detach", "--port", "8120", "--host", "127.0.0.1").stderr


def test_up_repeats_why_it_could_not_start(cli: Cli, spawned: dict[str, Any], data_dir: DataDir) -> None:
    spawned["script"] = _FAIL
    result = cli("up", "--detach")
    assert result.exit_code == exit_codes.FAILED
    assert "error: port 8120 of 127.0.0.1 cannot be used: choose another with --port\n" in result.stderr
    assert f"hint: its log is {data_dir.log_path}" in result.stderr


def test_what_a_killed_one_left_is_not_taken_for_a_running_one(
    cli: Cli, spawned: dict[str, Any], data_dir: DataDir
) -> None:
    data_dir.prepare()
    (data_dir.path / "endpoint").write_text("http://127.0.0.1:1\n")
    assert json.loads(cli("up", "--detach", "--json").stdout)["url"] == "http://127.0.0.1:8120"


def test_down_stops_it_and_may_be_repeated(cli: Cli, spawned: dict[str, Any]) -> None:
    cli("up", "--detach")
    assert cli("down").stdout == f"Stopped (it was process {spawned['process'].pid}).\n"
    again = cli("down")
    assert again.exit_code == exit_codes.OK
    assert "No orchestrator runs" in again.stdout


def test_down_ends_no_process_that_only_has_the_number_of_one_in_a_container(
    cli: Cli, spawned: dict[str, Any], data_dir: DataDir
) -> None:
    cli("up", "--detach")
    with subprocess.Popen(["sleep", "60"]) as bystander:
        (data_dir.path / "lock").write_text(str(bystander.pid))
        result = cli("down")
        assert bystander.poll() is None
        bystander.kill()
    assert result.exit_code == exit_codes.REFUSED
    assert "runs in a container or on another machine" in result.stderr


def test_a_data_directory_that_cannot_be_made_is_an_error(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = cli("up", "--detach", "--data-dir", str(tmp_path / "file" / "data"))
    assert result.exit_code == exit_codes.FAILED
    assert "hint: choose another with --data-dir" in result.stderr


@pytest.mark.parametrize(("name", "value"), [("ORCHESTRATOR_PORT", "many"), ("ORCHESTRATOR_GRACE_S", "-1")])
def test_a_wrong_setting_is_named(cli: Cli, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    result = cli("up")
    assert result.exit_code == exit_codes.USAGE
    assert name in result.stderr
