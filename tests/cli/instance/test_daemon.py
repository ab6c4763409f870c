from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from orchestrator.app.data_dir import DataDir
from orchestrator.cli.errors import CliError
from orchestrator.cli.instance import daemon

HOLDER = """
import signal, sys
from pathlib import Path
from orchestrator.app.data_dir import DataDir

signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
data_dir = DataDir(Path(sys.argv[1]))
with data_dir.locked(), data_dir.announced("http://127.0.0.1:1"):
    print("ready", flush=True)
    signal.pause()
"""


def test_what_a_person_types_names_the_directory_unless_it_is_the_usual_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert daemon.stop_command(DataDir(tmp_path / ".orchestrator")) == "orchestrator down"
    assert daemon.stop_command(DataDir(tmp_path / "x")) == f"orchestrator down --data-dir {tmp_path / 'x'}"


def test_one_that_runs_is_found_and_not_started_twice_and_ends_when_asked(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process, process.stdout as printed:
        assert printed.readline() == "ready\n"
        found = daemon.start(DataDir(tmp_path), {})
        assert (found.url, found.pid, found.was_running) == ("http://127.0.0.1:1", process.pid, True)
        assert daemon.stop(DataDir(tmp_path)) == process.pid
    assert daemon.running(DataDir(tmp_path)) is None


def test_where_none_runs_there_is_nothing_to_stop(tmp_path: Path) -> None:
    assert daemon.stop(DataDir(tmp_path / "never")) is None


def test_a_start_that_fails_tells_the_error_of_the_process_and_where_its_log_is(tmp_path: Path) -> None:
    with pytest.raises(CliError) as caught:
        daemon.start(DataDir(tmp_path / "d"), {"ORCHESTRATOR_STORE_URL": "nonsense://", "PATH": os.environ["PATH"]})
    assert caught.value.hint == f"its log is {tmp_path / 'd' / 'orchestrator.log'}"


def test_a_directory_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CliError, match=r"data directory .* cannot be used"):
        daemon.start(DataDir(tmp_path / "file" / "d"), {})
