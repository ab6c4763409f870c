"""The one bridge that all containers of an instance share."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from orchestrator.core.container import LABEL_INSTANCE
from orchestrator.engine.base import EngineError
from orchestrator.engine.docker_api import DockerApi
from orchestrator.engine.docker_errors import Conflict, Missing


class DockerNetwork:
    """A bridge on which containers reach the outside and not each other.

    One per instance and not per run: Docker's address pools have room for 30, and each takes 0.2 s to remove.
    """

    def __init__(self, api: DockerApi, instance: str) -> None:
        self.name = f"orc-{instance}"
        self._api = api
        self._labels = {LABEL_INSTANCE: instance}

    async def ensure(self) -> None:
        """Create it unless it is there. Raises EngineError when the name is another's."""
        if await self._is_there():
            return
        with suppress(Conflict):  # made by somebody else of this instance just now
            await self._api.call(f"create network {self.name}", self._create)

    async def remove(self) -> None:
        """Remove it if it is there and ours."""
        with suppress(Missing):
            if await self._is_there():
                await self._api.call(f"remove network {self.name}", lambda client: client.remove_network(self.name))

    async def _is_there(self) -> bool:
        found = await self._api.call("list networks", lambda client: client.networks(names=[f"^{self.name}$"]))
        strangers = [
            network["Id"] for network in found if not self._labels.items() <= (network["Labels"] or {}).items()
        ]
        if strangers:
            raise EngineError(
                f"network {self.name} exists and is not ours: remove it with `docker network rm {self.name}`"
            )
        return bool(found)

    def _create(self, client: Any) -> None:
        client.create_network(
            self.name,
            driver="bridge",
            options={"com.docker.network.bridge.enable_icc": "false"},
            labels=self._labels,
            check_duplicate=True,
        )
