"""An engine without containers: images are Python coroutines, for tests and demonstrations.

Beside the contract it has switches that make it fail the way real engines do:

    build_as(program or words) what builds end in
    fail_next_create(error)    the next create raises it, and creates nothing
    fail_next_start(error)     the next start raises it, and `inspect` shows its words
    lose_exit_events = True    `wait` notices an end only at the next sweep, after `sweep_s`
    is_answering = False       every call raises EngineUnavailable; containers go on
    vanish(container_id)       the container is removed behind our back
    restart()                  all containers are killed, as by a restart of Docker
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import ChainMap
from collections.abc import AsyncGenerator, MutableMapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from orchestrator.core.container.forensics import Measured
from orchestrator.core.container.network import Reach, Service
from orchestrator.core.container.spec import LABEL_CHANNEL, LABEL_INSTANCE, ContainerSpec, ContainerState, Usage
from orchestrator.core.image import BaseImage, ImageConfig, ImageSpec
from orchestrator.core.logs import LogLine, Unfinished
from orchestrator.core.plans import GIB
from orchestrator.engine.base import (
    BUILD_TIMEOUT_S,
    BuildFailed,
    EngineError,
    EngineInfo,
    EngineUnavailable,
    ImageMissing,
    Log,
)
from orchestrator.engine.fake.process import KILLED, FakeProcess, Program

SWEEP_S: Final = 5.0


@dataclass(slots=True)
class _Container:
    id: str
    spec: ContainerSpec
    process: FakeProcess
    created_at_ms: int = field(default_factory=lambda: time.time_ns() // 1_000_000)
    started_at_ms: int | None = None
    error: str = ""
    is_unwatched: bool = False

    @property
    def is_running(self) -> bool:
        return self.started_at_ms is not None and self.process.exit_code is None

    def state(self) -> ContainerState:
        return ContainerState(
            id=self.id,
            labels=dict(self.spec.labels),
            running=self.is_running,
            created_at_ms=self.created_at_ms,
            started_at_ms=self.started_at_ms,
            exit_code=None if self.started_at_ms is None else self.process.exit_code,
            oom_killed=self.process.oom_killed,
            error=self.error,
            image=self.spec.image,
            is_unwatched=self.is_unwatched,
        )


class FakeEngine:
    """Runs `programs[image]` for each container, in the event loop that started it; see `Engine` for the contract.

    `close` ends the programs, unlike a real engine's: nothing outlives the process.
    """

    def __init__(
        self,
        instance: str,
        programs: MutableMapping[str, Program],
        *,
        cpu_millis: int = 8_000,
        memory_bytes: int = 16 * GIB,
        sweep_s: float = SWEEP_S,
    ) -> None:
        self.lose_exit_events = False
        self.is_answering = True
        self._instance = instance
        self._built: dict[str, Program] = {}
        self._images: ChainMap[str, Program] = ChainMap(self._built, programs)
        self._info = EngineInfo("fake", "1", cpu_millis, memory_bytes, "none")
        self._sweep_s = sweep_s
        self._containers: dict[str, _Container] = {}
        self._kept: set[str] = set()
        self._pushed: dict[str, tuple[str, Program]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._build_result: Program | str = "no program was given to build"
        self._limit_bytes: int | None = None
        self._shortages = 0
        self._create_error: EngineError | None = None
        self._start_error: EngineError | None = None

    def __repr__(self) -> str:
        return f"<FakeEngine instance={self._instance}, {len(self._containers)} containers>"

    # --- switches ---

    def build_as(self, result: Program | str) -> None:
        """Let images built from now on run this program, or their builds fail with these words."""
        self._build_result = result

    def prune(self) -> None:
        """Lose all images that were built, as to another tool that cleans up."""
        self._built.clear()

    def fail_next_create(self, error: EngineError) -> None:
        """Let the next create raise `error`."""
        self._create_error = error

    def fail_next_start(self, error: EngineError) -> None:
        """Let the next start raise `error`."""
        self._start_error = error

    def vanish(self, container_id: str) -> None:
        """Remove a container as somebody else would."""
        container = self._containers.pop(container_id)
        container.process.end(KILLED)

    def restart(self) -> None:
        """Kill what runs, and forget why."""
        for container in self._containers.values():
            if container.is_running:
                container.is_unwatched = True
                container.process.end(KILLED)

    # --- the contract ---

    @property
    def network(self) -> str:
        return "none"

    async def prepare(self) -> None:
        await self._answer("be prepared")

    async def dismantle(self) -> None:
        await self._answer("be dismantled")

    async def confine(self, memory_bytes: int) -> str:
        await self._answer("be confined")
        self._limit_bytes = memory_bytes
        return ""

    async def fence(self, opened: Reach, channel: Service | None = None) -> str:
        await self._answer("be fenced")
        return ""

    def shortages(self) -> int:
        return self._shortages

    async def info(self) -> EngineInfo:
        await self._answer("say what it is")
        return self._info

    async def ping(self) -> None:
        await self._answer("be reached")

    async def create(self, spec: ContainerSpec) -> str:
        if spec.labels.get(LABEL_INSTANCE) != self._instance:
            raise ValueError(
                f"container {spec.name} has no label {LABEL_INSTANCE}={self._instance}: nobody would remove it"
            )
        await self._answer(f"create container {spec.name}")
        if self._create_error is not None:
            error, self._create_error = self._create_error, None
            raise error
        if spec.image not in self._images:
            raise ImageMissing(
                f"cannot create container {spec.name}: no program for image {spec.image}; deploy it again"
            )
        container_id = hashlib.sha256(spec.name.encode()).hexdigest()
        known = self._containers.setdefault(
            container_id, _Container(container_id, spec, FakeProcess(spec, self._charge))
        )
        if known.spec.labels.get(LABEL_CHANNEL) != spec.labels.get(LABEL_CHANNEL):
            raise EngineError(f"cannot create container {spec.name}: the name is taken by another container")
        return container_id

    async def start(self, container_id: str) -> None:
        await self._answer(f"start container {container_id}")
        container = self._containers.get(container_id)
        if container is None:
            raise EngineError(f"cannot start container {container_id}: there is none")
        if container.started_at_ms is not None:
            return
        if self._start_error is not None:
            error, self._start_error = self._start_error, None
            container.error = str(error)
            raise error
        container.started_at_ms = time.time_ns() // 1_000_000
        container.process.run(self._images[container.spec.image], self._tasks)

    async def signal(self, container_id: str, name: str) -> None:
        await self._answer(f"send {name} to container {container_id}")
        container = self._containers.get(container_id)
        if container is not None and container.is_running:
            container.process.deliver(name)

    async def inspect(self, container_id: str) -> ContainerState | None:
        await self._answer(f"inspect container {container_id}")
        container = self._containers.get(container_id)
        return container.state() if container is not None else None

    async def wait(self, container_id: str) -> ContainerState | None:
        while True:
            container = self._containers.get(container_id)
            if self.is_answering and (container is None or not container.is_running):
                return container.state() if container is not None else None
            await self._hint(container)

    async def remove(self, container_id: str) -> None:
        await self._answer(f"remove container {container_id}")
        if container_id in self._containers:
            self.vanish(container_id)

    async def list(self) -> list[ContainerState]:
        await self._answer("list containers")
        return [container.state() for container in self._containers.values()]

    async def usage(self, container_id: str) -> Usage:
        await self._answer(f"measure container {container_id}")
        container = self._containers.get(container_id)
        if container is None or not container.is_running:
            return Usage()
        return Usage(container.process.used_bytes, pids=1)

    def measure(self, container_id: str) -> Measured:
        container = self._containers.get(container_id)
        return container.process.measured if container is not None and container.is_running else Measured()

    async def logs(
        self, container_id: str, *, since_ns: int = 0, follow: bool
    ) -> AsyncGenerator[Sequence[LogLine], None]:
        await self._answer(f"read logs of container {container_id}")
        container = self._containers.get(container_id)
        if container is None:
            return
        async for batch in container.process.printed(since_ns, follow=follow and container.is_running):
            yield batch

    async def unfinished(self, channel_id: str) -> AsyncGenerator[Unfinished, None]:
        await self._answer(f"attach to the container of channel {channel_id}")
        for container in self._containers.values():
            if container.is_running and container.spec.labels.get(LABEL_CHANNEL) == channel_id:
                async with aclosing(container.process.states()) as states:
                    async for lines in states:
                        yield lines
                return

    async def base_image(self, log: Log, pythons: Sequence[str] = ()) -> BaseImage:
        await self._answer("make a base image")
        return BaseImage("base", pythons[0] if pythons else "3.12")

    async def build(self, image: ImageSpec, context_dir: Path, log: Log, *, timeout_s: float = BUILD_TIMEOUT_S) -> str:
        await self._answer(f"build {image.tag}")
        if isinstance(self._build_result, str):
            raise BuildFailed(self._build_result)
        image_id = f"sha256:{hashlib.sha256(image.digest.encode()).hexdigest()}"
        self._built[image_id] = self._build_result
        return image_id

    async def image_config(self, image: str) -> ImageConfig:
        await self._answer(f"inspect image {image}")
        if image not in self._images:
            raise ImageMissing(f"cannot inspect image {image}: there is no program for it; deploy it again")
        return ImageConfig(image, command=("main.py",))

    async def forget_image(self, tag: str) -> None:
        await self._answer(f"forget image {tag}")

    async def push_image(self, image: str, name: str, log: Log) -> str:
        await self._answer(f"push image {image}")
        reference = f"{name.rpartition(':')[0]}@{image}"
        self._pushed[reference] = image, self._images[image]
        return reference

    async def pull_image(self, reference: str, log: Log) -> str:
        await self._answer(f"pull image {reference}")
        if reference not in self._pushed:
            raise BuildFailed(f"{reference} cannot be pulled: nobody pushed it")
        image, self._built[image] = self._pushed[reference]
        return image

    async def keep_image(self, image: str) -> None:
        await self._answer(f"keep image {image}")
        if image not in self._images:
            raise ImageMissing(f"cannot keep image {image}: there is no program for it; deploy it again")
        self._kept.add(image)

    async def kept_images(self) -> frozenset[str]:
        await self._answer("list images")
        return frozenset(self._kept)

    async def release_image(self, image: str) -> None:
        await self._answer(f"remove image {image}")
        self._kept.discard(image)

    async def close(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _charge(self) -> bool:
        """Whether all containers together are within their limit."""
        used_bytes = sum(container.process.used_bytes for container in self._containers.values())
        is_within = self._limit_bytes is None or used_bytes <= self._limit_bytes
        self._shortages += not is_within
        return is_within

    async def _answer(self, action: str) -> None:
        """Take a turn of the event loop, as every real call does."""
        await asyncio.sleep(0)
        if not self.is_answering:
            raise EngineUnavailable(f"cannot {action}: the fake engine was told not to answer")

    async def _hint(self, container: _Container | None) -> None:
        """Return when the container should be looked at again."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._sweep_s):
                while container is not None and container.is_running:
                    await container.process.change()
                if self.lose_exit_events or not self.is_answering:
                    await asyncio.Event().wait()
