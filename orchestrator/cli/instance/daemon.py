"""An orchestrator in the background: start it, find it, stop it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from orchestrator.app.data_dir import DataDir
from orchestrator.cli import exit_codes
from orchestrator.cli.errors import CliError
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import output
from orchestrator.host import processes

_START_TIMEOUT_S: Final = 90.0
"""A store that has to read a large file back takes its time."""
_STOP_TIMEOUT_S: Final = 40.0
_POLL_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Daemon:
    """Where a running orchestrator is."""

    url: str
    pid: int | None
    data_dir: DataDir
    was_running: bool = False

    def as_json(self) -> dict[str, Any]:
        """For --json."""
        return {
            "url": self.url,
            "pid": self.pid,
            "apiKeyFile": str(self.data_dir.api_key_path),
            "log": str(self.data_dir.log_path),
            "wasRunning": self.was_running,
        }


def stop_command(data_dir: DataDir) -> str:
    """What a person types to stop it."""
    return "orchestrator down" + data_dir_option(data_dir)


def data_dir_option(data_dir: DataDir) -> str:
    """The option that names the directory, empty where it is the default."""
    return Instance(data_dir).option()


def running(data_dir: DataDir) -> Daemon | None:
    """The orchestrator of this directory, if it serves."""
    url = data_dir.endpoint()
    return Daemon(url, data_dir.pid(), data_dir, was_running=True) if url else None


def start(data_dir: DataDir, environment: Mapping[str, str]) -> Daemon:
    """Start one and wait until it serves; the one that runs already is as good. Raises CliError."""
    if found := running(data_dir):
        return found
    if pid := data_dir.pid():
        raise CliError(
            f"an orchestrator (process {pid}) is starting or stopping with {data_dir.path}", "try again soon"
        )
    _prepare(data_dir)
    with data_dir.log_path.open("ab") as log, output.waiting("Starting the orchestrator"):
        begin = log.tell()
        process = _spawn(data_dir, log, environment)
        try:
            url = _until_ready(process, data_dir, begin)
        except BaseException:
            process.terminate()
            process.wait()
            raise
    return Daemon(url, process.pid, data_dir)


def _prepare(data_dir: DataDir) -> None:
    try:
        data_dir.prepare()
        # Left by one that was killed; the new one's is what we wait for.
        _endpoint_path(data_dir).unlink(missing_ok=True)
        data_dir.log_path.touch(mode=0o600)
    except OSError as error:
        raise CliError(
            f"the data directory {data_dir.path} cannot be used ({error.strerror})", "choose another with --data-dir"
        ) from error


def _spawn(data_dir: DataDir, log: IO[bytes], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "orchestrator", "up"],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd=data_dir.path,
        env={**os.environ, **environment},
        start_new_session=True,
    )


def _until_ready(process: subprocess.Popen[bytes], data_dir: DataDir, log_begin: int) -> str:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise _did_not_start(data_dir, log_begin)
        if url := _announced(_endpoint_path(data_dir)):
            return url
        time.sleep(_POLL_S)
    raise CliError(
        f"the orchestrator was not ready after {_START_TIMEOUT_S:.0f} s and was stopped", f"see {data_dir.log_path}"
    )


def _endpoint_path(data_dir: DataDir) -> Path:
    return data_dir.path / "endpoint"


def _announced(path: Path) -> str:
    # Not DataDir.endpoint: its look at the lock could keep the starting process from taking it.
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def _did_not_start(data_dir: DataDir, log_begin: int) -> CliError:
    """The error with which the process ended, in its own words."""
    with data_dir.log_path.open("rb") as log:
        log.seek(log_begin)
        lines = log.read().decode(errors="replace").splitlines()
    said = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    if said:
        return CliError(said[-1], f"its log is {data_dir.log_path}")
    return CliError("the orchestrator ended while it started", f"its log is {data_dir.log_path}")


def stop(data_dir: DataDir) -> int | None:
    """Ask the orchestrator to end, and wait until it did; its process id, None when none ran. Raises CliError."""
    pid = data_dir.pid()
    if pid is None:
        _stop_left_over(data_dir)
        return None
    _terminate(data_dir, pid)
    with output.waiting(f"Stopping the orchestrator (process {pid})"):
        _until_gone(data_dir, pid)
    return pid


def _terminate(data_dir: DataDir, pid: int) -> None:
    """Ask the process to end. In a container it has another number than here, where that is some other process's."""
    try:
        os.kill(pid, 0)
        if str(data_dir.path / "lock") not in processes.open_files(pid):
            raise ProcessLookupError
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError as error:
        if data_dir.pid() == pid:
            message = f"the orchestrator of {data_dir.path} runs in a container or on another machine"
            raise CliError(message, "stop it there, as with: docker compose stop", exit_codes.REFUSED) from error
    except PermissionError as error:
        raise CliError(
            f"process {pid} belongs to somebody else", "ask them, or use sudo", exit_codes.REFUSED
        ) from error


def _until_gone(data_dir: DataDir, pid: int) -> None:
    deadline = time.monotonic() + _STOP_TIMEOUT_S
    while data_dir.pid() == pid:
        if time.monotonic() > deadline:
            raise CliError(
                f"process {pid} did not end within {_STOP_TIMEOUT_S:.0f} s",
                f"see {data_dir.log_path}; `kill -9 {pid}` ends it and loses no run",
            )
        time.sleep(_POLL_S)


def _stop_left_over(data_dir: DataDir) -> None:
    """An orchestrator that was killed leaves its Redis servers for the next one; after `down` there is none."""
    import asyncio

    from orchestrator.redis import server

    if data_dir.path.exists():
        asyncio.run(server.stop_left_over(data_dir.path, data_dir.secret()))
