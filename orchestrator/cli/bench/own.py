"""Orchestrators that live only as long as the measurement, each with a data directory and a port of its own."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from orchestrator.app.data_dir import DataDir
from orchestrator.cli.bench.containers import Containers
from orchestrator.cli.bench.program import INDEX, MAIN, NODE_WORKFLOW, WORKFLOW
from orchestrator.cli.errors import CliError
from orchestrator.cli.instance import configuration, daemon
from orchestrator.cli.instance.instance import Instance

if TYPE_CHECKING:
    from orchestrator_sdk.client import Client

SUBMITTERS: Final = 8
"""Requests under way at the same time when many runs are submitted at once."""
_RUN_TIMEOUT_S: Final = 300.0
_EVENTS_OF_RUNS: Final = 500
"""As many as one request for events names: its ids are in the URL, which clients bound."""


@dataclass(frozen=True, slots=True)
class OwnOrchestrator:
    """One that serves, with the workflow deployed; `pid` is its process, `image` the workflow's.

    `instance` is the id in the labels of its containers and networks.
    """

    data_dir: DataDir
    instance: str
    pid: int
    client: Client
    image: str

    def run(self, task: str, *arguments: Any, workflow: str = WORKFLOW) -> Any:
        """From submit to result, over HTTP; the result."""
        return self.client.run(f"{workflow}/{task}", list(arguments), timeout_s=_RUN_TIMEOUT_S).result

    def deploy_node(self) -> None:
        """Deploy the same for Node. Raises CliError where its image cannot be had."""
        _deploy(Instance(self.data_dir), NODE_WORKFLOW, "index.ts", INDEX)

    def run_many(self, count: int) -> None:
        """So many no-ops submitted at once, until the last has ended."""
        for run in self.client.events(self.submit("noop", count), timeout_s=_RUN_TIMEOUT_S):
            if run.status != "completed":
                raise CliError(f"the measured run {run.id} {run.status}", f"its log: {self.data_dir.log_path}")

    def submit(self, task: str, count: int) -> Sequence[str]:
        """Ids of so many new runs."""
        with ThreadPoolExecutor(SUBMITTERS) as threads:
            return list(threads.map(lambda _: self.client.start(f"{WORKFLOW}/{task}", []).id, range(count)))

    def cancel(self, run_ids: Sequence[str]) -> None:
        """Cancel them, and wait until they are over."""
        with ThreadPoolExecutor(SUBMITTERS) as threads:
            list(threads.map(self.client.cancel, run_ids))
        for begin in range(0, len(run_ids), _EVENTS_OF_RUNS):
            for _ in self.client.events(run_ids[begin : begin + _EVENTS_OF_RUNS], timeout_s=_RUN_TIMEOUT_S):
                pass


@contextmanager
def own_orchestrator(**settings: Any) -> Iterator[OwnOrchestrator]:
    """One with these settings beside those of the environment; it is down afterwards. Raises CliError.

    Its containers are to be gone by themselves by then, so they are only looked for and removed where the block fails.
    """
    with ExitStack() as stack:
        home = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="orchestrator-bench-", ignore_cleanup_errors=True)
        )
        data_dir = DataDir(Path(home) / "data")
        started = daemon.start(data_dir, _environment(data_dir, settings))
        stack.push(partial(_take_down, data_dir))
        client = stack.enter_context(Instance(data_dir).connect())
        if started.pid is None:
            raise CliError("the orchestrator ended while it started", f"its log is {data_dir.log_path}")
        yield OwnOrchestrator(
            data_dir, data_dir.instance(), started.pid, client, _deploy(Instance(data_dir), WORKFLOW, "main.py", MAIN)
        )


def _environment(data_dir: DataDir, settings: Mapping[str, Any]) -> Mapping[str, str]:
    chosen = configuration.read(data_dir.path, {"port": 0, "host": "127.0.0.1", **settings})
    if chosen.store_url or chosen.channel_url:
        raise CliError(
            "bench measures with Redis servers of its own", "unset ORCHESTRATOR_STORE_URL and ORCHESTRATOR_CHANNEL_URL"
        )
    return configuration.environment(chosen)


def _deploy(instance: Instance, workflow: str, file: str, text: str) -> str:
    """Deploy a workflow of one file; its image."""
    from orchestrator.cli.commands.deploy import send
    from orchestrator.cli.input import source

    with tempfile.TemporaryDirectory(prefix="orchestrator-bench-") as folder:
        (Path(folder) / file).write_text(text)
        deployed = send(instance, workflow, {"archive": source.packed(folder), "source": "orchestrator bench"})
    return str(deployed.version.raw["image"])


def _take_down(data_dir: DataDir, error: type[BaseException] | None, *_: object) -> None:
    daemon.stop(data_dir)
    if error is not None:
        with closing(Containers((data_dir.instance(),))) as containers:
            containers.left()
    asyncio.run(_release_images(data_dir.instance()))


async def _release_images(instance: str) -> None:
    from orchestrator.engine.docker.engine import DockerEngine

    engine = DockerEngine(instance)
    for image in await engine.kept_images():
        await engine.release_image(image)
    await engine.close()
