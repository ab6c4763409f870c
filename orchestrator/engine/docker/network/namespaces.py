"""Network namespaces made ahead: over half of what Docker's start of a container on a bridge costs is its namespace.

Each is kept open by a container of its own that sleeps, its *holder*, and joined by one container at a time: it is free again
when that one is gone. Nothing of a connection stays behind in it: closed sockets leave no entry, and the kernel keeps no metrics.

A process only gives out the holders that it made itself, so whatever another one does that was paused and does not know yet that
it no longer schedules, two containers never share a namespace. Holders of others go as soon as nothing is joined to them.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Final

from orchestrator.core.container.spec import LABEL_INSTANCE, LABEL_ROLE, Role
from orchestrator.core.container.user import NOBODY
from orchestrator.core.plans import MIB
from orchestrator.engine.base import EngineError
from orchestrator.engine.docker.client import DockerApi
from orchestrator.engine.docker.errors import NotFound
from orchestrator.engine.docker.network.host_commands import BASE_REPOSITORY

log = logging.getLogger(__name__)

LABEL_OWNER: Final = "orchestrator.owner"
_JOIN: Final = "container:"
_ALIVE: Final = frozenset({"created", "running"})
"""A holder of ours that was created is being made."""
SPARE: Final = 3
"""Where nothing says how many containers are started at once."""
_SYSCTLS: Final = {"net.ipv4.tcp_max_tw_buckets": "0", "net.ipv4.tcp_no_metrics_save": "1"}
"""No TIME_WAIT entries and no route metrics: the next container must not learn whom the last one spoke to."""


class NetworkNamespaces:
    """Those of one process on one network of an instance."""

    def __init__(self, api: DockerApi, instance: str, network: str, *, spare: int = SPARE) -> None:
        """`spare` is how many are kept free once some were asked for."""
        self._api = api
        self._instance = instance
        self.network = network
        self._spare = spare
        self._owner = secrets.token_hex(8)
        self._free: list[str] = []
        self._out: set[str] = set()
        """Given out, whether or not the container that joins it is there yet."""
        self._making: set[str] = set()
        """Created and not yet free: a sweep that sees one leaves it to whoever makes it."""
        self._joined: dict[str, str] = {}
        """The holder that each container joined."""
        self._filling: asyncio.Task[None] | None = None
        self._is_possible = True

    def take(self) -> str | None:
        """A network mode that joins a free namespace; None when there is none, and the container makes one of its own."""
        holder = self._free.pop() if self._free else None
        self._fill()
        if holder is None:
            return None
        self._out.add(holder)
        return f"{_JOIN}{holder}"

    def joined(self, container_id: str, mode: str) -> None:
        """The container was created with this mode."""
        self._joined[container_id] = mode.removeprefix(_JOIN)

    def put_back(self, mode: str) -> None:
        """No container was created with this mode."""
        self._free_again(mode.removeprefix(_JOIN))

    def release(self, container_id: str) -> None:
        """The container is gone: its namespace may be joined again."""
        if holder := self._joined.pop(container_id, None):
            self._free_again(holder)

    def has_joined(self, container_id: str) -> bool:
        """Whether the container was created with a namespace of ours."""
        return container_id in self._joined

    def suspect(self, container_id: str) -> None:
        """The container could not join its one: give none out, least of all that, until a sweep has seen which are alive."""
        self._free.clear()
        if holder := self._joined.pop(container_id, None):
            self._out.discard(holder)

    async def sweep(self, listed: Iterable[Mapping[str, Any]]) -> None:
        """Remove what earlier processes left, and forget what died; `listed` are all containers of the instance."""
        listed = list(listed)
        used = {one["HostConfig"]["NetworkMode"].removeprefix(_JOIN) for one in listed}
        holders = [one for one in listed if is_holder(one) and one["HostConfig"]["NetworkMode"] == self.network]
        ours = {one["Id"]: one["State"] for one in holders if one["Labels"].get(LABEL_OWNER) == self._owner}
        made = {holder for holder, state in ours.items() if state == "running"} - self._making
        self._free = sorted(made - used - self._out)
        kept = {holder for holder, state in ours.items() if state in _ALIVE}
        for holder in {one["Id"] for one in holders} - used - kept - self._out:
            await self._remove(holder)

    async def remove_free(self) -> None:
        """Remove those that no container has joined."""
        free, self._free = self._free, []
        for holder in free:
            await self._remove(holder)

    async def close(self) -> None:
        """Make no more."""
        self._is_possible = False
        if self._filling is not None:
            self._filling.cancel()
            with suppress(asyncio.CancelledError):
                await self._filling
        self._free.clear()

    def _free_again(self, holder: str) -> None:
        self._out.discard(holder)
        self._free.append(holder)

    def _fill(self) -> None:
        if self._is_possible and (self._filling is None or self._filling.done()):
            self._filling = asyncio.get_running_loop().create_task(self._make_spare(), name="network namespaces")

    async def _make_spare(self) -> None:
        """One after the other: starts of runs that go on meanwhile come first for Docker, too."""
        try:
            while len(self._free) < self._spare:
                holder = await self._make()
                self._free.append(holder)  # a sweep meanwhile may have made another list
        except EngineError as error:
            self._is_possible = False
            log.warning("containers make network namespaces of their own, which is slower: %s", error)

    async def _make(self) -> str:
        name = f"orc-{self._instance}-network-{secrets.token_hex(6)}"
        bases = await self._api.call("list images", lambda client: client.images(name=BASE_REPOSITORY))
        if not bases:
            raise EngineError(f"there is no image {BASE_REPOSITORY} on this host: deploy a workflow")
        labels = {LABEL_INSTANCE: self._instance, LABEL_ROLE: Role.NETWORK, LABEL_OWNER: self._owner}
        holder = await self._api.create_container(name, _body(bases[0]["Id"], labels, self.network))
        self._making.add(holder)
        try:
            await self._api.start_container(holder)
        except EngineError:
            await self._remove(holder)
            raise
        finally:
            self._making.discard(holder)
        return holder

    async def _remove(self, holder: str) -> None:
        with suppress(NotFound, EngineError):
            await self._api.remove_container(holder)


def is_holder(listed: Mapping[str, Any]) -> bool:
    """Whether a container is there only to keep a network namespace open."""
    return bool(listed["Labels"].get(LABEL_ROLE) == Role.NETWORK)


def _body(image: str, labels: Mapping[str, str], network: str) -> dict[str, Any]:
    """A container that sleeps, as harmless as can be."""
    return {
        "Image": image,
        "Entrypoint": ["sleep", "infinity"],
        "Cmd": [],
        "User": NOBODY,
        "Labels": dict(labels),
        "Healthcheck": {"Test": ["NONE"]},
        "HostConfig": {
            "NetworkMode": network,
            "IpcMode": "private",
            "CgroupnsMode": "private",
            "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges"],
            "ReadonlyRootfs": True,
            "Sysctls": _SYSCTLS,
            "Memory": 16 * MIB,
            "MemorySwap": 16 * MIB,
            "PidsLimit": 8,
            "LogConfig": {"Type": "none"},
            "RestartPolicy": {"Name": "no"},
        },
    }
