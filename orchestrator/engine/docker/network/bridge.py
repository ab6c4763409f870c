"""A bridge of an instance's: all containers that may reach the same places share one."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Final

from orchestrator.core.container.network import EVERYWHERE, Reach
from orchestrator.core.container.spec import LABEL_INSTANCE
from orchestrator.engine.base import EngineError
from orchestrator.engine.docker.client import DockerApi
from orchestrator.engine.docker.errors import NotFound

LABEL_REACH: Final = "orchestrator.reach"
"""The places that its containers may reach, as JSON; absent where that is the internet."""


def network_name(instance: str, reach: Reach = EVERYWHERE) -> str:
    """The name that Docker knows it by."""
    if reach == EVERYWHERE:
        return f"orc-{instance}"
    return f"orc-{instance}-{hashlib.sha256(json.dumps(reach).encode()).hexdigest()[:8]}"


class DockerBridge:
    """A bridge on which containers reach the outside and not each other.

    One for each set of places and not for each run: Docker's address pools have room for 30, and each takes 0.2 s to remove.
    """

    def __init__(self, api: DockerApi, instance: str, reach: Reach = EVERYWHERE) -> None:
        self.name = network_name(instance, reach)
        self._api = api
        self._owner = {LABEL_INSTANCE: instance}
        self._labels = self._owner | ({} if reach == EVERYWHERE else {LABEL_REACH: json.dumps(reach)})
        self._ensuring = asyncio.Lock()  # Docker makes two of one name when asked twice at the same moment

    async def ensure(self) -> bool:
        """Create it unless it is there; whether that was so. Raises EngineError when the name is another's."""
        async with self._ensuring:
            if await self._find():
                return False
            await self._api.call(f"create network {self.name}", self._create)
            return True

    async def remove(self) -> bool:
        """Remove it if it is there; false while a container is on it."""
        for network_id in await self._find():
            try:
                await self._api.call(f"remove network {self.name}", partial(_remove, network_id=network_id))
            except NotFound:
                pass
            except EngineError:
                return False
        return True

    async def _find(self) -> list[str]:
        """Its id, or nothing."""
        found = await self._api.call("list networks", lambda client: client.networks(names=[f"^{self.name}$"]))
        if not all(self._owner.items() <= (network["Labels"] or {}).items() for network in found):
            raise EngineError(
                f"network {self.name} exists and is not ours: remove it with `docker network rm {self.name}`"
            )
        return [network["Id"] for network in found]

    def _create(self, client: Any) -> None:
        client.create_network(
            self.name,
            driver="bridge",
            options={"com.docker.network.bridge.enable_icc": "false"},
            labels=self._labels,
            check_duplicate=True,
        )


async def bridges_of(api: DockerApi, instance: str) -> dict[Reach, str]:
    """The interfaces of all bridges of the instance that are there, by what their containers may reach."""
    label = f"{LABEL_INSTANCE}={instance}"
    found: Iterable[Mapping[str, Any]] = await api.call(
        "list networks", lambda client: client.networks(filters={"label": label})
    )
    return {_reach(network): f"br-{network['Id'][:12]}" for network in found}


def _reach(network: Mapping[str, Any]) -> Reach:
    told = network["Labels"].get(LABEL_REACH)
    return EVERYWHERE if told is None else tuple(json.loads(told))


def _remove(client: Any, network_id: str) -> None:
    client.remove_network(network_id)
