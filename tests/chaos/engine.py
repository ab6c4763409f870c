"""A dockerd of the suite's own, to be killed; the machine's is never touched."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import docker

READY_S = 40.0
_TRIES = 3


def can_run() -> bool:
    """Whether this user may start one."""
    return os.geteuid() == 0 and shutil.which("dockerd") is not None


class PrivateEngine:
    """Its files are in `home`, its socket too; it lives in a network namespace of its own.

    That is not for the containers, which have no network: a dockerd without a bridge removes docker0 where it starts.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"unix://{self._home / 'docker.sock'}"

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None, "dockerd was not started"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def client(self) -> Any:
        """docker-py's low-level client of it."""
        return docker.APIClient(base_url=self.url, version="1.41", timeout=60)

    def start(self) -> None:
        """Start it; again, for one that follows a killed one is sometimes too impatient with its containerd."""
        self._home.mkdir(parents=True, exist_ok=True)
        for _ in range(_TRIES):
            (self._home / "pid").unlink(missing_ok=True)
            self._process = self._spawn()
            if self._until_it_answers():
                return
            self.kill()
        raise RuntimeError(f"the private dockerd does not start: see {self._home / 'log'}")

    def kill(self) -> None:
        """End it as a crash would; its containers go on."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def load(self, tag: str) -> None:
        """Copy an image from the machine's engine."""
        source, target = docker.from_env(timeout=300).api, self.client()
        list(target.load_image(source.get_image(tag)))
        source.close()
        target.close()

    def remove(self) -> None:
        """End it, and everything it left: containers, mounts, files."""
        if self._process is not None and self.is_running:
            os.kill(self._process.pid, signal.SIGCONT)
            self._process.terminate()
            self._process.wait(40)
        self._end_shims()
        for line in reversed(Path("/proc/self/mounts").read_text().splitlines()):
            if line.split()[1].startswith(f"{self._home}/"):
                subprocess.run(["umount", line.split()[1]], check=True)
        shutil.rmtree(self._home, ignore_errors=not self._home.exists())

    def _end_shims(self) -> None:
        """End the shims of containers that a dockerd did not get to end."""
        for folder in Path("/proc").iterdir():
            if folder.name.isdecimal():
                try:
                    command = (folder / "cmdline").read_bytes()
                except OSError:
                    continue
                if b"containerd-shim" in command and f"{self._home}/".encode() in command:
                    os.kill(int(folder.name), signal.SIGKILL)

    def _spawn(self) -> subprocess.Popen[bytes]:
        home = self._home
        command = [
            "unshare", "--net", "dockerd", f"--data-root={home / 'data'}", f"--exec-root={home / 'exec'}",
            f"--pidfile={home / 'pid'}", f"--host={self.url}", "--iptables=false", "--bridge=none",
        ]  # fmt: skip
        with (home / "log").open("ab") as log:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def _until_it_answers(self) -> bool:
        ends_at = time.monotonic() + READY_S
        client = self.client()
        while time.monotonic() < ends_at and self._process is not None and self._process.poll() is None:
            try:
                return bool(client.ping())
            except Exception:  # not yet
                time.sleep(0.05)
        return False
