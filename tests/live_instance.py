"""A whole instance on real Docker and real Redis, and a client of it; one for all tests that want it."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from orchestrator.app.data_dir import DataDir
from orchestrator.core.container.spec import LABEL_INSTANCE
from orchestrator_sdk import Client
from tests.leftovers import ROOT, remove_all, remove_tags, stop_redis
from tests.packing import pack
from tests.wait import LIMIT_S, until

COLD = {"ORCHESTRATOR_WARM": "off"}
ORCHESTRATOR = Path(sys.executable).parent / "orchestrator"


@dataclass
class LiveInstance:
    """An `orchestrator up` of its own, in a process that can be killed."""

    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    """Added to `COLD`: most tests look for a container by the run it was made for."""
    process: subprocess.Popen[bytes] | None = None

    @property
    def data_dir(self) -> DataDir:
        return DataDir(self.home)

    @property
    def url(self) -> str:
        url = self.data_dir.endpoint()
        assert url is not None, "the instance is not up"
        return url

    def client(self) -> Client:
        return Client(url=self.url, api_key=self.data_dir.api_key())

    def http(self) -> httpx.Client:
        return httpx.Client(
            base_url=f"{self.url}/v1", headers={"Authorization": f"Bearer {self.data_dir.api_key()}"}, timeout=LIMIT_S
        )

    def up(self) -> None:
        """Start it and wait until it serves."""
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "test.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "orchestrator", "up", "--port", "0", "--data-dir", str(self.home)],
                env={**os.environ, **COLD, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        until(self._is_serving, "the instance to come up")

    def _is_serving(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.home / "test.log").read_text()
        return self.data_dir.endpoint() is not None

    @property
    def is_up(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """End the process as a crash would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def down(self) -> None:
        if self.process is not None and self.is_up:
            self.process.terminate()
            self.process.wait(60)

    def cli(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run the command as a user would, on this instance."""
        return subprocess.run(
            [sys.executable, "-m", "orchestrator", *arguments],
            env={**os.environ, "ORCHESTRATOR_DATA_DIR": str(self.home), "NO_COLOR": "1", "COLUMNS": "120"},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def deploy(self, folder: Path, name: str, **options: Any) -> dict[str, Any]:
        """Deploy over HTTP and wait; the version as it ended."""
        body = {"name": name, "archive": base64.b64encode(pack(folder)).decode(), **options}
        with self.http() as http:
            answer = http.post("/deploys", json=body)
            assert answer.status_code == 202, answer.text
            version = answer.json()["workflowVersion"]
            found = dict(version)

            def has_ended() -> bool:
                found.update(http.get(f"/workflowversions/{version['id']}").json())
                return found["status"] not in ("created", "building", "registering")

            until(has_ended, f"the deploy of {name} to end", timeout_s=240)
        return found

    def start_running(self, task: str, *arguments: object) -> str:
        """Start a run and wait until its container works on it; its id."""
        client = self.client()
        run = client.start(task, list(arguments))
        until(lambda: client.get(run.id).status.value == "running", f"{task} to run")
        return run.id

    @property
    def label(self) -> str:
        """What its containers and networks carry."""
        return f"{LABEL_INSTANCE}={self.data_dir.instance()}"


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory, docker_client: Any, base_image: str) -> Iterator[LiveInstance]:
    """The shared instance; two runs of 2 GiB at once at least, however small the host."""
    instance = LiveInstance(
        tmp_path_factory.mktemp("live"), {"ORCHESTRATOR_CAPACITY_CPUS": "8", "ORCHESTRATOR_GRACE_S": "2"}
    )
    yield from while_up(instance, docker_client)


def while_up(instance: LiveInstance, docker_client: Any) -> Iterator[LiveInstance]:
    """For fixtures: start it, hand it out, and take away all it leaves."""
    instance.up()
    try:
        yield instance
    finally:
        instance.down()
        stop_redis(instance.data_dir)
        remove_all(docker_client, instance.label)
        remove_tags(docker_client, instance.data_dir.instance())


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """An empty repo for a test to fill."""
    folder = tmp_path / "repo"
    folder.mkdir()
    return folder


EXAMPLES = ROOT / "examples"
