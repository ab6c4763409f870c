"""The same line printed by plain Docker: with its command, and through its API as cheap as that can be."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, Final

from orchestrator.cli.bench.client import docker_client
from orchestrator.cli.bench.program import PLAIN_COMMAND
from orchestrator.core.container.spec import (
    LABEL_INSTANCE,
    ContainerDefaults,
    ContainerIdentity,
    Role,
    compile_spec,
)
from orchestrator.core.container.user import NOBODY
from orchestrator.core.plans import PLANS
from orchestrator.engine.docker.create_body import create_body
from orchestrator_runtime import wire

AT_ONCE: Final = 8
"""Of calls to Docker's API: with more, containers start no sooner."""
PLAN: Final = "standard"


def docker_run(command: str, image: str) -> None:
    """``docker run --rm`` on the default bridge. Raises CalledProcessError."""
    subprocess.run(_docker_run(command, image), check=True, capture_output=True)


def docker_run_many(command: str, image: str, count: int) -> None:
    """So many at once, until the last has ended. Raises CalledProcessError."""
    started = [
        subprocess.Popen(_docker_run(command, image), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(count)
    ]
    for process in started:
        if process.wait():
            raise subprocess.CalledProcessError(process.returncode, process.args)


def _docker_run(command: str, image: str) -> list[str]:
    python, *arguments = PLAIN_COMMAND
    return [command, "run", "--rm", "--entrypoint", python, image, *arguments]


@dataclass(slots=True)
class DockerApi:
    """Containers created, started, waited for and removed through the API, by `AT_ONCE` threads at most."""

    image: str
    instance: str = field(default_factory=lambda: f"bench{secrets.token_hex(4)}")
    _client: Any = field(default_factory=lambda: docker_client(max_pool_size=AT_ONCE + 2))
    _namespaces: SimpleQueue[str] = field(default_factory=SimpleQueue)

    def bridge(self) -> None:
        """One on the default bridge, with nothing asked for."""
        self._run({"Image": self.image, "Entrypoint": list(PLAIN_COMMAND), "Labels": self._labels})

    def same(self) -> None:
        """One made like a run's container, in a network namespace that was made ahead."""
        holder = self._namespaces.get()
        try:
            self._run(self._same_body(f"container:{holder}"))
        finally:
            self._namespaces.put(holder)

    def many(self, one: Callable[[], None], count: int) -> None:
        """So many of one kind, as fast as it goes."""
        with ThreadPoolExecutor(AT_ONCE) as threads:
            list(threads.map(lambda _: one(), range(count)))

    @property
    def _labels(self) -> dict[str, str]:
        return {LABEL_INSTANCE: self.instance}

    def _same_body(self, network: str) -> dict[str, Any]:
        identity = ContainerIdentity(self.instance, Role.ATTEMPT, secrets.token_hex(16))
        defaults = ContainerDefaults(network, (), PLAIN_COMMAND, wire.APP_DIR)
        return create_body(compile_spec(identity, self.image, PLANS[PLAN], {}, defaults))

    def _run(self, body: Mapping[str, Any]) -> None:
        container = self._client.create_container_from_config(body)["Id"]
        try:
            self._client.start(container)
            self._client.wait(container)
        finally:
            self._client.remove_container(container, force=True, v=True)

    @contextmanager
    def opened(self) -> Iterator[DockerApi]:
        """With network namespaces to join inside the block."""
        holders = [self._client.create_container_from_config(self._holder_body())["Id"] for _ in range(AT_ONCE)]
        try:
            for holder in holders:
                self._client.start(holder)
                self._namespaces.put(holder)
            yield self
        finally:
            for holder in holders:
                self._client.remove_container(holder, force=True, v=True)
            self._client.close()

    def _holder_body(self) -> dict[str, Any]:
        return {"Image": self.image, "Entrypoint": ["sleep", "infinity"], "User": NOBODY, "Labels": self._labels}
