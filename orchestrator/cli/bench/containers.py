"""What Docker has of some instances: whether the last sample's work is over, and whether anything stayed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from orchestrator.cli.bench.client import docker_client
from orchestrator.core.container.spec import LABEL_CHANNEL, LABEL_INSTANCE, LABEL_ROLE, Role

_STEADY_S: Final = 0.25
"""Between two looks that must show the same: longer than a container that was started ahead takes to load its code."""
_TIMEOUT_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Containers:
    """Of these instances, by their label."""

    instances: Sequence[str]
    _client: Any = field(default_factory=docker_client)

    def settle(self) -> None:
        """Return when no attempt is being removed and nothing starts any more, at the latest after `_TIMEOUT_S`."""
        ends_at_s, before = time.monotonic() + _TIMEOUT_S, None
        while time.monotonic() < ends_at_s:
            found = self._all()
            seen = {(one["Id"], one["State"]) for one in found}
            is_busy = any(one["Labels"].get(LABEL_ROLE) == Role.ATTEMPT for one in found)
            if seen == before and not is_busy:
                return
            before = seen
            time.sleep(_STEADY_S)

    def waiting(self, instance: str) -> list[str]:
        """Ids of the instance's containers that were started ahead."""
        return [one["Id"] for one in self._of(instance) if one["Labels"].get(LABEL_ROLE) == Role.WARM]

    def channel_ids(self, instance: str) -> frozenset[str]:
        """Of the instance's containers."""
        return frozenset(one["Labels"].get(LABEL_CHANNEL, "") for one in self._of(instance))

    def left(self) -> dict[str, int]:
        """How many containers and networks there are, which are removed."""
        containers = self._all()
        for one in containers:
            self._client.remove_container(one["Id"], force=True, v=True)
        networks = [network for instance in self.instances for network in self._networks(instance)]
        for network in networks:
            self._client.remove_network(network["Id"])
        return {"containers": len(containers), "networks": len(networks)}

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _all(self) -> list[dict[str, Any]]:
        return [one for instance in self.instances for one in self._of(instance)]

    def _of(self, instance: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._client.containers(all=True, filters=_filters(instance))
        return found

    def _networks(self, instance: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._client.networks(filters=_filters(instance))
        return found


def _filters(instance: str) -> dict[str, str]:
    return {"label": f"{LABEL_INSTANCE}={instance}"}
