"""The networks of an instance, one for each set of places that containers may reach, and the rules of the host for all of them."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from ipaddress import IPv4Address
from typing import Any, Final

from orchestrator.core.container.network import EVERYWHERE, INTERNET, Reach, Service, in_words, names_in
from orchestrator.engine.base import EngineError
from orchestrator.engine.docker.client import DockerApi
from orchestrator.engine.docker.errors import NotFound
from orchestrator.engine.docker.network import rules
from orchestrator.engine.docker.network.bridge import DockerBridge, bridges_of, network_name
from orchestrator.engine.docker.network.host_commands import HostCommands
from orchestrator.engine.docker.network.names import Names
from orchestrator.engine.docker.network.namespaces import SPARE, NetworkNamespaces, is_holder

log = logging.getLogger(__name__)

NARROW_LIMIT: Final = 10
"""Networks beside the one that reaches the internet; a host has room for some 30 of everybody's."""
_IDLE_S: Final = 3_600.0
_REFRESH_S: Final = 60.0
_REMOVED_AT_ONCE: Final = 4
"""Each takes Docker tenths of a second, more where it is busy, and an orchestrator that ends has seconds for all of them."""
_RESOLVERS: Final = "cat /etc/resolv.conf /run/systemd/resolve/resolv.conf 2>/dev/null || true"
"""The files from which Docker takes the servers that it asks for a container, from the container's own network."""


class Networks:
    """Those of one process; what is on the host is found there, and put right again and again."""

    def __init__(self, api: DockerApi, instance: str, spare: int) -> None:
        """`spare` is how many free namespaces the one has that reaches the internet, which nearly all runs are on."""
        self._api = api
        self._spare = spare
        self._instance = instance
        self._chain = rules.chain_of(instance)
        self._commands = HostCommands(api)
        self._names = Names()
        self._opened: Reach = ()
        self._channel: Service | None = None
        self._namespaces: dict[str, NetworkNamespaces] = {}
        self._used_s: dict[Reach, float] = {}
        """Networks that are there and fenced, and when a container last asked for each."""
        self._changing = asyncio.Lock()
        self._refreshing: asyncio.Task[None] | None = None
        self._why_not = ""

    @property
    def name(self) -> str:
        """Of the one that reaches the internet."""
        return network_name(self._instance)

    async def fence(self, opened: Reach, channel: Service | None = None) -> str:
        """Keep to these rules from now on, with these private places opened; why that cannot be, or nothing."""
        self._opened, self._channel = opened, channel
        await self.open(EVERYWHERE)
        await self._refresh()
        return self._why_not

    async def open(self, reach: Reach) -> NetworkNamespaces:
        """The namespaces of the network for these places, which is made first where it is not there.

        Raises EngineError where fewer places than all were asked for and the host does not let us see to that.
        """
        if reach not in self._used_s:
            async with self._changing:
                await self._make(reach)
        self._used_s[reach] = time.monotonic()
        return self._on(network_name(self._instance, reach))

    async def ensure(self) -> None:
        """See again to every network that was asked for: somebody may have removed one."""
        wanted = [EVERYWHERE, *self._used_s]
        self._used_s.clear()
        for reach in wanted:
            await self.open(reach)

    async def sweep(self, listed: Iterable[Mapping[str, Any]]) -> None:
        """Tidy up the namespaces; `listed` are all containers of the instance."""
        listed = list(listed)
        for network in {one["HostConfig"]["NetworkMode"] for one in listed if is_holder(one)} | self._namespaces.keys():
            await self._on(network).sweep(listed)

    def suspect(self, container_id: str) -> bool:
        """A container could not start; whether it had joined a namespace, which is then given out no more."""
        found = next((one for one in self._namespaces.values() if one.has_joined(container_id)), None)
        if found is not None:
            found.suspect(container_id)
        return found is not None

    def release(self, container_id: str) -> None:
        """The container is gone."""
        for one in self._namespaces.values():
            one.release(container_id)

    async def close(self) -> None:
        """Make no more, and look after nothing; what is there stays."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.wait([self._refreshing])
        for one in self._namespaces.values():
            await one.close()

    async def remove(self, listed: Iterable[Mapping[str, Any]]) -> None:
        """Take everything away, after `close`; `listed` are only containers that keep namespaces open."""
        at_once = asyncio.Semaphore(_REMOVED_AT_ONCE)
        await asyncio.gather(*[self._remove_holder(one["Id"], at_once) for one in listed])
        there = await bridges_of(self._api, self._instance)
        with suppress(EngineError):
            for interface in list(there.values())[:1]:
                await self._commands.run(rules.removal(self._chain), interface)
        for reach in there:
            await self._bridge(reach).remove()

    async def _remove_holder(self, holder: str, at_once: asyncio.Semaphore) -> None:
        async with at_once:
            with suppress(NotFound, EngineError):
                await self._api.remove_container(holder)

    # --- networks ---------------------------------------------------------------------------------------------------

    def _bridge(self, reach: Reach) -> DockerBridge:
        return DockerBridge(self._api, self._instance, reach)

    def _on(self, network: str) -> NetworkNamespaces:
        if network not in self._namespaces:
            spare = self._spare if network == self.name else SPARE
            self._namespaces[network] = NetworkNamespaces(self._api, self._instance, network, spare=spare)
        return self._namespaces[network]

    async def _make(self, reach: Reach) -> None:
        if reach in self._used_s:
            return  # another one has made it meanwhile
        if reach != EVERYWHERE:
            await self._make_room()
        bridge = self._bridge(reach)
        await bridge.ensure()
        await self._apply()
        if self._why_not and reach != EVERYWHERE:
            await bridge.remove()
            raise EngineError(
                f"a task may reach {in_words(reach)} only, and this host keeps no container to that: {self._why_not}"
            )
        if self._refreshing is None:
            self._refreshing = asyncio.get_running_loop().create_task(self._keep(), name="network rules")

    async def _make_room(self) -> None:
        """Remove networks that have not been asked for, the longest first, until there is room for another."""
        there = [one for one in await bridges_of(self._api, self._instance) if one != EVERYWHERE]
        for reach in sorted(there, key=lambda one: self._used_s.get(one, 0.0)):
            if len(there) < NARROW_LIMIT:
                return
            if await self._remove(reach):
                there.remove(reach)
        if len(there) >= NARROW_LIMIT:
            raise EngineError(
                f"{len(there)} lists of places are in use by containers, and there is room for no other: "
                "let tasks share lists, or wait until runs have ended"
            )

    async def _remove(self, reach: Reach) -> bool:
        """Whether it is gone; not while a container is on it."""
        bridge = self._bridge(reach)
        self._used_s.pop(reach, None)
        if bridge.name in self._namespaces:
            await self._namespaces[bridge.name].remove_free()
        return await bridge.remove()

    # --- rules ------------------------------------------------------------------------------------------------------

    async def _keep(self) -> None:
        """For ever: names get other addresses, and others change the host's rules."""
        while True:
            await asyncio.sleep(_REFRESH_S)
            with suppress(EngineError):
                async with self._changing:
                    await self._remove_idle()
                await self._refresh()

    async def _remove_idle(self) -> None:
        long_ago_s = time.monotonic() - _IDLE_S
        for reach in [one for one, used_s in self._used_s.items() if one != EVERYWHERE and used_s < long_ago_s]:
            await self._remove(reach)

    async def _refresh(self) -> None:
        async with self._changing:
            await self._apply()

    async def _apply(self) -> None:
        """Put the rules for all networks of the instance in place, also those that other processes made."""
        why_not = ""
        try:
            there = await bridges_of(self._api, self._instance)
            if there:
                await self._commands.run(await self._script(there), next(iter(there.values())))
        except (EngineError, OSError) as error:
            why_not = str(error)
        if why_not and why_not != self._why_not:
            log.warning("containers reach this host and private networks: its rules cannot be set: %s", why_not)
        self._why_not = why_not

    async def _script(self, there: Mapping[Reach, str]) -> str:
        channel = (self._channel.host,) if self._channel else ()
        await self._names.look_up(names_in({place for reach in (self._opened, channel, *there) for place in reach}))
        resolvers = await self._commands.run(_RESOLVERS, next(iter(there.values())))
        services = tuple((one, self._channel.port) for one in self._names.ranges(channel)) if self._channel else ()
        opened = rules.Opened(self._names.ranges(self._opened), tuple(_nameservers(resolvers)), services)
        fences = [
            rules.Fence(interface, None if INTERNET in reach else self._names.ranges(reach))
            for reach, interface in there.items()
        ]
        return rules.script(self._chain, fences, opened)


def _nameservers(resolv_conf: str) -> list[str]:
    """Those in the lines of a resolv.conf that a container asks itself: not the host's own on loopback."""
    found: set[str] = set()
    for words in map(str.split, resolv_conf.splitlines()):
        if len(words) > 1 and words[0] == "nameserver":
            with suppress(ValueError, socket.error):
                if not (address := IPv4Address(words[1])).is_loopback:
                    found.add(str(address))
    return sorted(found)
