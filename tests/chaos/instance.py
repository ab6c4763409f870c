"""The private instance: own data directory, port and dockerd; what the faults hit, and where the evidence is."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any, Final

import docker
import httpx
import redis

from orchestrator.core.container.spec import LABEL_INSTANCE
from orchestrator.core.plans import GIB
from orchestrator.core.runs.run import WIRE_STATUS
from orchestrator.redis.server import RedisServer, own_servers, stop_left_over
from orchestrator.store import keys
from orchestrator.store.runs.feed import parse
from tests.chaos.engine import PrivateEngine
from tests.chaos.faults import Blow, Deed, Fault, Part
from tests.leftovers import remove_all
from tests.live_instance import LiveInstance

TASKS: Final = Path(__file__).parent / "tasks"
NAME: Final = "chaos"
SETTINGS: Final = {
    "ORCHESTRATOR_NETWORK": "none",
    "ORCHESTRATOR_CAPACITY_CPUS": "8",
    "ORCHESTRATOR_CAPACITY_MEMORY_BYTES": str(64 * GIB),
    "ORCHESTRATOR_GRACE_S": "1",
}


class ChaosInstance:
    """An orchestrator with its parts in reach; without `engine` it uses the machine's dockerd, which is never hit."""

    def __init__(self, home: Path, engine: PrivateEngine | None) -> None:
        self.live = LiveInstance(home, dict(SETTINGS))
        self.engine = engine
        self.parts = [part for part in Part if part is not Part.DOCKERD or engine is not None]

    def begin(self) -> None:
        """Deploy where images can be built, then move to the private engine with the image."""
        self.live.up()
        version = self.live.deploy(TASKS, NAME)
        assert version["status"] == "ready", version
        if self.engine is not None:
            image = self._image(version["id"])
            self.live.down()
            self.engine.start()
            self.engine.load(image)
            self.live.environment = {**SETTINGS, "DOCKER_HOST": self.engine.url}
            self.live.up()

    def end(self) -> None:
        """Stop everything, and remove what is left."""
        with ExitStack() as stack:
            if self.engine is not None:
                stack.callback(self.engine.remove)
            self.live.down()
            asyncio.run(stop_left_over(self.live.data_dir.path, self.live.data_dir.secret()))
            if self.engine is None or self.engine.is_running:
                with self._docker() as client:
                    remove_all(client, self._label)

    def inflict(self, fault: Fault) -> float:
        """Strike, hold, and put right; seconds from then until a run moves on."""
        pids = {blow: self._pid(blow.part) for blow in fault.blows}
        for blow, pid in pids.items():
            if pid is not None:
                os.kill(pid, signal.SIGKILL if blow.deed is Deed.KILL else signal.SIGSTOP)
        time.sleep(fault.hold_s)
        newest = self._newest_change()
        began_at_s = time.monotonic()
        for blow, pid in sorted(pids.items(), key=lambda item: item[0].deed is Deed.KILL):
            self._put_right(blow, pid)
        while time.monotonic() < began_at_s + 60 and not self._moved_on(newest):
            time.sleep(0.02)
        return time.monotonic() - began_at_s

    def _put_right(self, blow: Blow, pid: int | None) -> None:
        if blow.deed is Deed.PAUSE:
            if pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
        elif blow.part is Part.ORCHESTRATOR:
            assert self.live.process is not None
            self.live.process.wait()
            self.live.up()
        elif blow.part is Part.DOCKERD and self.engine is not None:
            self.engine.kill()
            self.engine.start()

    def _pid(self, part: Part) -> int | None:
        match part:
            case Part.ORCHESTRATOR:
                assert self.live.process is not None
                return self.live.process.pid
            case Part.DOCKERD:
                assert self.engine is not None
                return self.engine.pid
            case Part.STORE:
                return self._server().pid()

    def _server(self) -> RedisServer:
        return own_servers(self.live.data_dir.path, self.live.data_dir.secret())[0]

    def _redis(self, *, timeout_s: float = 5.0) -> redis.Redis:
        server = self._server()
        return redis.Redis(
            unix_socket_path=str(server.socket),
            password=server.password,
            decode_responses=True,
            socket_timeout=timeout_s,
        )

    def _newest_change(self) -> str:
        """The feed's newest entry, empty while the store is away: then every entry is news."""
        with suppress(redis.RedisError), self._redis(timeout_s=0.2) as store:
            newest: Any = store.xrevrange(keys.FEED, count=1)
            return str(newest[0][0]) if newest else ""
        return f"{time.time_ns() // 1_000_000}-0"

    def _moved_on(self, newest: str) -> bool:
        """Whether the scheduler changed a run since."""
        with suppress(redis.RedisError), self._redis(timeout_s=1.0) as store:
            entries: Any = store.xrange(keys.FEED, min=f"({newest}" if newest else "-")
            return any(parse(fields["e"]).status != "queued" for _, fields in entries)
        return False

    # --- evidence ---------------------------------------------------------------------------------------------------

    def runs(self) -> list[dict[str, Any]]:
        """Every run in full, as the API shows it."""
        with self.live.http() as http:
            return [http.get(f"/task-runs/{run_id}").json() for run_id in self._run_ids(http)]

    def unfinished(self) -> int:
        """How many runs are not terminal; at least 1 while nobody answers."""
        try:
            with self.live.http() as http:
                listed = http.get("/task-runs", params={"status": ["pending", "running"], "limit": 100})
                return len(listed.raise_for_status().json())
        except (httpx.HTTPError, AssertionError):
            return 1

    def changes(self) -> list[tuple[str, str]]:
        """The whole feed, in words of the API."""
        with self._redis() as store:
            entries: Any = store.xrange(keys.FEED)
        changes = [parse(fields["e"]) for _, fields in entries]
        return [(change.run_id, WIRE_STATUS[change.status]) for change in changes]

    def left(self) -> list[str]:
        """What runs have left on the engine and on the channel."""
        with self._docker() as client:
            containers = client.containers(all=True, filters={"label": self._label})
            networks = client.networks(filters={"label": self._label})
        lines = sorted(self.live.data_dir.lines.iterdir())
        return [
            *(f"container {one['Names'][0]} ({one['State']})" for one in containers),
            *(f"network {one['Name']}" for one in networks),
            *(f"line {line.name}" for line in lines),
        ]

    @property
    def _label(self) -> str:
        return f"{LABEL_INSTANCE}={self.live.data_dir.instance()}"

    def _docker(self) -> Any:
        return closing(self.engine.client() if self.engine is not None else docker.from_env().api)

    def _image(self, version_id: str) -> str:
        with self._redis() as store:
            stored = str(store.get(keys.version(version_id)))
        image = json.loads(stored)["image"]
        tags = subprocess.check_output(
            ["docker", "image", "inspect", "--format={{index .RepoTags 0}}", image], text=True
        )
        return tags.strip()

    def _run_ids(self, http: httpx.Client) -> Iterator[str]:
        cursor: dict[str, str] = {}
        while page := http.get("/task-runs", params={"limit": 100, **cursor}).raise_for_status().json():
            yield from (one["taskRun"]["id"] for one in page)
            cursor = {"cursor": page[-1]["cursor"]}
