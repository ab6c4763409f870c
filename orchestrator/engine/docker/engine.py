"""The Docker engine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, stop_after_delay, wait_fixed
from tenacity import wait_exponential as wait_longer_each_time

from orchestrator.core.container.forensics import Measured
from orchestrator.core.container.network import Reach, Service
from orchestrator.core.container.spec import LABEL_CHANNEL, LABEL_INSTANCE, ContainerSpec, ContainerState, Usage
from orchestrator.core.image import BaseImage, ImageConfig, ImageSpec
from orchestrator.core.logs import LogLine, Unfinished
from orchestrator.engine.base import BUILD_TIMEOUT_S, CALL_TIMEOUT_S, EngineError, EngineInfo, EngineUnavailable, Log
from orchestrator.engine.docker import host
from orchestrator.engine.docker.build import registry
from orchestrator.engine.docker.build.base import base_image
from orchestrator.engine.docker.build.build import build
from orchestrator.engine.docker.client import DockerApi
from orchestrator.engine.docker.create_body import OPEN_FILES, create_body
from orchestrator.engine.docker.errors import Busy, Conflict, NotFound
from orchestrator.engine.docker.exits import DockerExits, taken
from orchestrator.engine.docker.images import DockerImages
from orchestrator.engine.docker.logs.reader import FollowedLog, kept
from orchestrator.engine.docker.network.namespaces import SPARE, is_holder
from orchestrator.engine.docker.network.networks import Networks
from orchestrator.engine.docker.resources import cgroup
from orchestrator.engine.docker.resources.builds import BuildGroup
from orchestrator.engine.docker.resources.parent import ParentGroup
from orchestrator.engine.docker.resources.usage import from_stats, in_use
from orchestrator.engine.docker.state import container_state
from orchestrator.host.cgroup import Cgroup

ATTEMPTS: Final = 3
"""Of a create that met another one's, or a removal's, short-lived state."""

_FEW_UIDS: Final = ("name=userns", "name=rootless")
"""How Docker says that users in containers are others on the host."""
FOLLOW_PAUSE_S: Final = 0.5
_LEAVING_LOOKS: Final = 20
_LEAVING_S: Final = 0.1
"""Docker lists a container that it removes until it is gone."""


class DockerEngine:
    """Containers of one instance on one Docker host; see `Engine` for the contract.

    Nothing connects before the first call. One thread waits for exits and one reads each followed log; all belong to the event
    loop that first used them.
    """

    def __init__(
        self,
        instance: str,
        *,
        base_url: str | None = None,
        build_memory_bytes: int | None = None,
        spare_namespaces: int = SPARE,
    ) -> None:
        """`build_memory_bytes` is for all steps of builds together: half of the host's memory when None, no limit when 0.

        `spare_namespaces` is how many network namespaces are kept ready for the next containers.
        """
        self._instance = instance
        self._label = f"{LABEL_INSTANCE}={instance}"
        self._api = DockerApi(base_url)
        self._exits = DockerExits(self._api, instance)
        self._networks = Networks(self._api, instance, spare_namespaces)
        self._parent = ParentGroup(instance)
        self._builds = BuildGroup(instance, build_memory_bytes)
        self._images = DockerImages(self._api, instance)
        self._new: set[str] = set()
        """Created and not started yet, by us: nothing else can have started them."""
        self._known: dict[tuple[str, str], ContainerState] = {}
        self._groups: dict[str, Cgroup] = {}

    def __repr__(self) -> str:
        return f"<DockerEngine instance={self._instance} at {self._api.url}>"

    @property
    def network(self) -> str:
        return self._networks.name

    async def prepare(self) -> None:
        await self._networks.ensure()

    async def fence(self, opened: Reach, channel: Service | None = None) -> str:
        return await self._networks.fence(opened, channel)

    async def dismantle(self) -> None:
        """A host has room for some 30 networks, and the next start makes this one again."""
        await self._networks.close()
        await self._api.drain()
        for _ in range(_LEAVING_LOOKS):
            listed = await self._listed()
            others = [one for one in listed if not is_holder(one)]
            if not others:
                await self._networks.remove(listed)
                await self._leave_parent()
            if not others or any(one["State"] == "running" for one in others):
                return
            await asyncio.sleep(_LEAVING_S)

    async def confine(self, memory_bytes: int) -> str:
        return await self._parent.confine(await self._info(), memory_bytes)

    def shortages(self) -> int:
        return self._parent.shortages()

    async def info(self) -> EngineInfo:
        found = await self._info()
        return EngineInfo(
            name="docker",
            version=found["ServerVersion"],
            cpu_millis=found["NCPU"] * 1000,
            memory_bytes=found["MemTotal"],
            cgroup_version=found.get("CgroupVersion", "1"),
            pids=host.pids(self._api.url),
            disk=host.disk(self._api.url, found.get("DockerRootDir", "")),
            has_all_uids=not any(option in _FEW_UIDS for option in found.get("SecurityOptions") or ()),
        )

    async def ping(self) -> None:
        await self._api.ask("reach Docker", "GET", "/_ping")

    async def create(self, spec: ContainerSpec) -> str:
        if spec.labels.get(LABEL_INSTANCE) != self._instance:
            raise ValueError(f"container {spec.name} has no label {self._label}: nobody would ever remove it")
        retrying = AsyncRetrying(
            retry=retry_if_exception_type((Busy, NotFound)),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_longer_each_time(multiplier=0.1),
            reraise=True,
        )
        if spec.network != self.network:
            return str(await retrying(self._create_or_adopt, spec))
        namespaces = await self._networks.open(spec.reach)
        mode, container_id = namespaces.take(), ""
        try:
            container_id = await retrying(self._create_or_adopt, replace(spec, network=mode or namespaces.network))
        finally:
            if mode is not None and container_id in self._new:
                namespaces.joined(container_id, mode)
            elif mode is not None:
                namespaces.put_back(mode)
        return container_id

    async def start(self, container_id: str) -> None:
        if container_id not in self._new:
            state = await self.inspect(container_id)
            if state is not None and state.started_at_ms is not None:
                return
        else:
            self._exits.expect(container_id)
        try:
            await self._start(container_id)
            self._new.discard(container_id)
        except (NotFound, Conflict) as error:
            if self._networks.suspect(container_id) or "network" not in str(error):
                raise
            await self.prepare()
            await self._start(container_id)

    async def signal(self, container_id: str, name: str) -> None:
        with suppress(NotFound, Conflict):
            path = f"/containers/{container_id}/kill?{urlencode({'signal': name})}"
            await self._api.ask(f"send {name} to container {container_id}", "POST", path)

    async def inspect(self, container_id: str) -> ContainerState | None:
        with suppress(NotFound):
            return container_state(await self._inspect(container_id))
        return None

    async def wait(self, container_id: str) -> ContainerState | None:
        with self._exits.watch(container_id) as hint:
            while True:
                await hint.wait()
                with suppress(EngineError), taken(hint):  # asked again at the next hint, which a reconnect gives, too
                    state = await self.inspect(container_id)
                    if state is None or not state.running:
                        hint.set()  # for whoever waits next
                        return state and replace(state, is_unwatched=self._exits.was_unwatched(state.started_at_ms))

    async def remove(self, container_id: str) -> None:
        retrying = AsyncRetrying(
            retry=retry_if_exception_type((Busy, Conflict)),
            stop=stop_after_delay(CALL_TIMEOUT_S),
            wait=wait_longer_each_time(multiplier=0.02, max=1),
            reraise=True,
        )
        with suppress(NotFound):
            await retrying(self._api.remove_container, container_id)
        self._new.discard(container_id)
        self._groups.pop(container_id, None)
        self._exits.forget(container_id)
        self._networks.release(container_id)

    async def list(self) -> list[ContainerState]:
        listed = await self._listed()
        await self._networks.sweep(listed)
        keys = [(one["Id"], one["State"]) for one in listed if not is_holder(one)]
        self._known = {key: self._known[key] for key in keys if key in self._known}
        states = await asyncio.gather(*(self._state(key) for key in keys))
        return [state for state in states if state is not None]

    async def usage(self, container_id: str) -> Usage:
        if used := in_use(self._group(container_id)):
            return used
        with suppress(NotFound, Conflict):
            path = f"/containers/{container_id}/stats?stream=0&one-shot=1"
            return from_stats(await self._api.ask(f"measure container {container_id}", "GET", path))
        return Usage()

    def measure(self, container_id: str) -> Measured:
        group = self._group(container_id)
        return cgroup.measure(group) if group else Measured()

    def _group(self, container_id: str) -> Cgroup | None:
        """Its cgroup, if that is on this host: looked for until it is there, and then known."""
        if container_id not in self._groups and (found := cgroup.of_container(container_id, self._parent.name)):
            self._groups[container_id] = found
        return self._groups.get(container_id)

    async def logs(
        self, container_id: str, *, since_ns: int = 0, follow: bool
    ) -> AsyncGenerator[Sequence[LogLine], None]:
        while follow:
            reading = FollowedLog(self._api, container_id, since_ns)
            with suppress(EngineUnavailable):
                async with aclosing(reading.batches()) as batches:
                    async for batch in batches:
                        yield batch
            # A broken connection ends like the container does, so look; then once more for what the follower was not told.
            since_ns = reading.newest_ns
            follow = await self._is_running(container_id)
        async with aclosing(kept(self._api, container_id, since_ns)) as batches:
            async for batch in batches:
                yield batch

    async def unfinished(self, channel_id: str) -> AsyncGenerator[Unfinished, None]:
        running = await self._listed(f"{LABEL_CHANNEL}={channel_id}", only_running=True)
        if not running:
            return
        with suppress(NotFound, Conflict):
            attachment = await self._api.attached(running[0]["Id"])
            try:
                async with aclosing(attachment.states()) as states:
                    async for lines in states:
                        yield lines
            finally:
                attachment.close()

    async def base_image(self, log: Log, pythons: Sequence[str] = ()) -> BaseImage:
        return await base_image(log, pythons)

    async def build(self, image: ImageSpec, context_dir: Path, log: Log, *, timeout_s: float = BUILD_TIMEOUT_S) -> str:
        parent = await self._builds.confine(await self._info())
        return await build(image, context_dir, log, timeout_s=timeout_s, cgroup_parent=parent)

    async def image_config(self, image: str) -> ImageConfig:
        return await self._images.config(image)

    async def forget_image(self, tag: str) -> None:
        await self._images.forget(tag)

    async def push_image(self, image: str, name: str, log: Log) -> str:
        return await registry.push(image, name, log)

    async def pull_image(self, reference: str, log: Log) -> str:
        return await registry.pull(reference, log)

    async def keep_image(self, image: str) -> None:
        await self._images.keep(image)

    async def kept_images(self) -> frozenset[str]:
        return await self._images.kept()

    async def release_image(self, image: str) -> None:
        await self._images.release(image)

    async def close(self) -> None:
        await self._networks.close()
        self._exits.close()
        self._api.close()
        self._parent.close()

    async def _create_or_adopt(self, spec: ContainerSpec) -> str:
        action = f"create container {spec.name}"
        self._parent.ensure()
        body = create_body(spec, self._parent.name, host.open_files(OPEN_FILES))
        try:
            container_id = await self._api.create_container(spec.name, body)
            self._new.add(container_id)
            return container_id
        except Conflict as taken:
            found = await self._inspect(spec.name)
            labels = found["Config"]["Labels"] or {}
            if all(labels.get(key) == spec.labels.get(key) for key in (LABEL_INSTANCE, LABEL_CHANNEL)):
                return str(found["Id"])
            raise EngineError(
                f"cannot {action}: the name is taken by container {found['Id'][:12]}, not ours"
            ) from taken

    async def _info(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = await self._api.call("ask Docker what it is", lambda client: client.info())
        return found

    async def _leave_parent(self) -> None:
        with suppress(OSError, TimeoutError):
            await self._parent.remove()
        await self._builds.remove()

    async def _listed(self, *more_labels: str, only_running: bool = False) -> Sequence[Mapping[str, Any]]:
        labels = [self._label, *more_labels]
        query = urlencode({"all": int(not only_running), "filters": json.dumps({"label": labels})})
        found: Sequence[Mapping[str, Any]] = await self._api.ask("list containers", "GET", f"/containers/json?{query}")
        return found

    async def _start(self, container_id: str) -> None:
        await self._api.start_container(container_id)

    async def _inspect(self, container: str) -> Mapping[str, Any]:
        path = f"/containers/{container}/json"
        found: Mapping[str, Any] = await self._api.ask(f"inspect container {container}", "GET", path)
        return found

    async def _state(self, key: tuple[str, str]) -> ContainerState | None:
        """The state of a listed container: asked for once per status, for a container never starts twice.

        Not kept for one that has not started: it may yet fail to.
        """
        known = self._known.get(key) or await self.inspect(key[0])
        if known is not None and known.started_at_ms is not None and known.running == (key[1] == "running"):
            self._known[key] = known
        return known

    async def _is_running(self, container_id: str) -> bool:
        """Whether it runs, asked as often as a restart of Docker needs."""
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(EngineUnavailable),
            stop=stop_after_delay(CALL_TIMEOUT_S),
            wait=wait_fixed(FOLLOW_PAUSE_S),
            reraise=True,
        )
        state: ContainerState | None = await retrying(self.inspect, container_id)
        return state is not None and state.running
