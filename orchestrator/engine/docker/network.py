"""The one bridge that all containers of an instance share."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import Any

from orchestrator.core.container.spec import LABEL_INSTANCE
from orchestrator.engine.base import EngineError
from orchestrator.engine.docker.client import DockerApi
from orchestrator.engine.docker.errors import NotFound


class DockerNetwork:
    """A bridge on which containers reach the outside and not each other.

    One per instance and not per run: Docker's address pools have room for 30, and each takes 0.2 s to remove.
    """

    def __init__(self, api: DockerApi, instance: str) -> None:
        self.name = f"orc-{instance}"
        self._api = api
        self._labels = {LABEL_INSTANCE: instance}
        self._ensuring = asyncio.Lock()  # Docker makes two of one name when asked twice at the same moment

    async def ensure(self) -> None:
        """Create it unless it is there. Raises EngineError when the name is another's."""
        async with self._ensuring:
            if not await self._find():
                await self._api.call(f"create network {self.name}", self._create)

    async def remove(self) -> None:
        """Remove it if it is there."""
        for network_id in await self._find():
            with suppress(NotFound):
                await self._api.call(f"remove network {self.name}", partial(_remove, network_id=network_id))

    async def _find(self) -> list[str]:
        """Its id, or nothing."""
        found = await self._api.call("list networks", lambda client: client.networks(names=[f"^{self.name}$"]))
        if not all(self._labels.items() <= (network["Labels"] or {}).items() for network in found):
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


def _remove(client: Any, network_id: str) -> None:
    client.remove_network(network_id)
