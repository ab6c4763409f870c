"""An orchestrator on the fake engine in a process of its own, and how a browser gets into it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from orchestrator.app.data_dir import DataDir
from tests.leftovers import ROOT, stop_redis
from tests.wait import LIMIT_S, until


@dataclass
class ServedInstance:
    """A process that can be killed, and comes back under the same address."""

    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, timeout_s: float = LIMIT_S) -> None:
        """Start it, and wait until it serves."""
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "test.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.ui.support.instance", str(self.home), str(self.port)],
                cwd=ROOT,
                env={
                    **os.environ,
                    **self.environment,
                    "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'runtime'}{os.pathsep}{ROOT / 'sdk'}",
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        until(self._is_serving, "the instance to serve", timeout_s=timeout_s)

    def _is_serving(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.home / "test.log").read_text()
        endpoint = DataDir(self.home).endpoint()
        if endpoint is None:
            return False
        self.port = int(endpoint.rpartition(":")[2])
        return True

    def kill(self) -> None:
        """End the process as a crash would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End it, and its Redis."""
        if self.process is not None and self.process.poll() is None:
            self.kill()
        stop_redis(DataDir(self.home))

    def get(self, path: str, **query: Any) -> Any:
        """What the API answers."""
        return self.fetch("GET", path, params=query).json()

    def post(self, path: str, body: Any = None) -> Any:
        """What the API answers."""
        return self.fetch("POST", path, json={} if body is None else body).json()

    def fetch(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The answer as it comes, which is no error."""
        headers = {"Authorization": f"Bearer {DataDir(self.home).api_key()}"}
        answer = httpx.request(method, f"{self.url}{path}", headers=headers, timeout=LIMIT_S, **options)
        assert answer.is_success, answer.text
        return answer

    def cpu_s(self) -> float:
        """CPU time that the process has used."""
        assert self.process is not None
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def link(self) -> str:
        """A link that signs a browser in, once."""
        return str(self.post("/v1/sessions")["url"])

    def submit(self, task: str, *arguments: object) -> str:
        """Ask for a run; its id."""
        return str(self.post("/v1/task-runs", {"task": task, "input": list(arguments)})["id"])

    def newest(self, task: str) -> str:
        """The id of the newest run of a task."""
        return str(self.get("/v1/task-runs", task=task, limit=1)[0]["taskRun"]["id"])
