"""Which namespaces are given out and which go, without Docker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, cast

import pytest

from orchestrator.core.container.spec import LABEL_ROLE, Role
from orchestrator.engine.docker.client import DockerApi
from orchestrator.engine.docker.errors import NotFound
from orchestrator.engine.docker.network.namespaces import LABEL_OWNER, NetworkNamespaces
from tests.wait import wait_until


class Holders:
    """What the engine knows of holders; each is started once `may_start` is set."""

    def __init__(self) -> None:
        self.states: dict[str, str] = {}
        self.labels: dict[str, str] = {}
        self.may_start = asyncio.Event()

    async def call(self, action: str, function: Callable[[Any], Any]) -> Any:
        return [{"Id": "base"}]

    async def create_container(self, name: str, body: Mapping[str, Any]) -> str:
        holder = f"holder-{len(self.states)}"
        self.states[holder], self.labels = "created", dict(body["Labels"])
        return holder

    async def start_container(self, holder: str) -> None:
        await self.may_start.wait()
        if holder not in self.states:
            raise NotFound("no such container")
        self.states[holder] = "running"
        await asyncio.sleep(0)

    async def remove_container(self, holder: str) -> None:
        self.states.pop(holder, None)

    def listed(self, *others: str) -> list[dict[str, Any]]:
        """As Docker lists them, beside containers with these network modes."""
        mine = [
            {"Id": holder, "State": state, "Labels": self.labels, "HostConfig": {"NetworkMode": "net"}}
            for holder, state in self.states.items()
        ]
        return mine + [
            {"Id": mode, "State": "running", "Labels": {}, "HostConfig": {"NetworkMode": mode}} for mode in others
        ]


@pytest.fixture
def holders() -> Holders:
    return Holders()


@pytest.fixture
def namespaces(holders: Holders) -> NetworkNamespaces:
    return NetworkNamespaces(cast(DockerApi, holders), "a1", "net", spare=1)


async def taken(namespaces: NetworkNamespaces) -> str:
    """The next that is free."""
    found: list[str] = []

    async def is_free() -> bool:
        found.extend(filter(None, [namespaces.take()]))
        return bool(found)

    await wait_until(is_free, "a namespace")
    return found[0]


async def until_in(state: str, holders: Holders) -> None:
    async def is_there() -> bool:
        return state in holders.states.values()

    await wait_until(is_there, f"a holder that is {state}")


async def test_a_sweep_leaves_one_that_is_being_made(holders: Holders, namespaces: NetworkNamespaces) -> None:
    namespaces.take()
    await until_in("created", holders)
    await namespaces.sweep(holders.listed())
    holders.may_start.set()
    assert await taken(namespaces) == "container:holder-0"


async def test_one_that_a_sweep_sees_as_it_starts_is_given_out_once(
    holders: Holders, namespaces: NetworkNamespaces
) -> None:
    namespaces.take()
    await until_in("created", holders)
    as_it_starts = [{**one, "State": "running"} for one in holders.listed()]
    await namespaces.sweep(as_it_starts)
    holders.may_start.set()
    given = [await taken(namespaces) for _ in range(4)]
    assert len(set(given)) == 4


async def test_one_that_could_not_be_joined_is_given_out_again_only_when_it_is_seen_alive(
    holders: Holders, namespaces: NetworkNamespaces
) -> None:
    holders.may_start.set()
    mode = await taken(namespaces)
    holders.may_start.clear()
    namespaces.joined("run-1", mode)
    namespaces.suspect("run-1")
    namespaces.release("run-1")
    assert namespaces.take() is None
    await namespaces.sweep(holders.listed())
    assert namespaces.take() == mode


async def test_holders_of_others_and_dead_ones_go(holders: Holders, namespaces: NetworkNamespaces) -> None:
    namespaces.take()
    await until_in("created", holders)
    holders.states["holder-0"] = "exited"
    listed = holders.listed()
    holders.states["holder-9"] = "running"
    other = {LABEL_ROLE: Role.NETWORK, LABEL_OWNER: "another"}
    listed.append({"Id": "holder-9", "State": "running", "Labels": other, "HostConfig": {"NetworkMode": "net"}})
    await namespaces.sweep(listed)
    assert holders.states == {}
