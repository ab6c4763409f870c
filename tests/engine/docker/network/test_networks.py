"""What containers reach, tried from inside them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from orchestrator.core.container.network import EVERYWHERE, NOWHERE, Reach
from orchestrator.engine.base import EngineError
from orchestrator.engine.docker.engine import DockerEngine
from orchestrator.engine.docker.network import networks
from orchestrator.engine.docker.network.host_commands import HostCommands
from tests.engine.docker.conftest import Play
from tests.engine.docker.network.outside import METADATA, PORT, PRIVATE, PUBLIC, listening, may_make_it, outside
from tests.wait import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.skipif(not may_make_it(), reason="needs root for a network to reach")]

Reached = Callable[..., Awaitable[set[str]]]

LOOK = """
import concurrent.futures, json, socket, sys
def look(place):
    try:
        socket.create_connection((place, PORT), timeout=5).close()
    except OSError:
        return None
    return place
places = json.loads(sys.argv[1])
with concurrent.futures.ThreadPoolExecutor(8) as pool:
    print(json.dumps([place for place in pool.map(look, places) if place]))
"""


@pytest.fixture(scope="module")
def _places() -> Iterator[None]:
    with outside():
        yield


@pytest.fixture
async def reached(docker_engine: DockerEngine, play: Play, _places: None) -> Reached:
    """Which of these addresses a container with this reach connects to."""

    async def reached(*places: str, reach: Reach = EVERYWHERE) -> set[str]:
        script = f"python3 -c '{LOOK.replace('PORT', str(PORT))}' '{json.dumps(places)}'"
        network = docker_engine.network if reach else "none"
        code, printed = await play(script, network=network, reach=reach)
        assert code == 0, printed
        return set(json.loads(printed[0]))

    await docker_engine.prepare()
    return reached


def addresses_of_this_host() -> list[str]:
    """One by which others reach it, and one of each of Docker's bridges."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((PUBLIC, 9))
        return [probe.getsockname()[0]]


def gateway(client: Any, network: str) -> str:
    return str(client.inspect_network(network)["IPAM"]["Config"][0]["Gateway"])


async def test_by_default_it_is_the_internet_and_nothing_nearer(
    reached: Reached, docker_engine: DockerEngine, docker_client: Any
) -> None:
    here = [gateway(docker_client, docker_engine.network), gateway(docker_client, "bridge"), *addresses_of_this_host()]
    with listening():  # as the API does with --host 0.0.0.0, a Redis, or sshd
        assert await asyncio.to_thread(_connects, here[0]), "there is something to reach"
        assert await reached(*here, METADATA, PRIVATE, PUBLIC) == {PUBLIC}


def _connects(place: str) -> bool:
    with socket.create_connection((place, PORT), timeout=5):
        return True


async def test_a_container_in_a_namespace_that_was_made_ahead_reaches_no_more(reached: Reached) -> None:
    for _ in range(3):
        assert await reached(METADATA, PRIVATE, PUBLIC) == {PUBLIC}


async def test_with_none_it_is_nothing(reached: Reached) -> None:
    assert await reached(PUBLIC, PRIVATE, METADATA, reach=NOWHERE) == set()


async def test_with_a_list_it_is_that(reached: Reached, docker_engine: DockerEngine) -> None:
    assert await reached(PUBLIC, PRIVATE, METADATA, reach=(f"{PUBLIC}/32",)) == {PUBLIC}
    assert await reached(PUBLIC, reach=("203.0.113.0/28",)) == set()


async def test_what_is_private_is_opened_by_the_operator_and_by_no_list(
    reached: Reached, docker_engine: DockerEngine
) -> None:
    named = (f"{METADATA}/32", f"{PRIVATE}/32")
    assert await reached(PRIVATE, METADATA, reach=named) == set()
    assert await docker_engine.fence((f"{PRIVATE}/32",)) == ""
    assert await reached(PRIVATE, METADATA, reach=named) == {PRIVATE}
    assert await reached(PRIVATE, METADATA, PUBLIC) == {PRIVATE, PUBLIC}


async def test_this_host_is_opened_by_its_address_and_not_by_a_range_that_has_it(
    reached: Reached, docker_engine: DockerEngine, docker_client: Any
) -> None:
    here = gateway(docker_client, docker_engine.network)
    with listening():
        await docker_engine.fence(("172.16.0.0/12", "192.168.0.0/16"))
        assert await reached(here) == set()
        await docker_engine.fence((f"{here}/32",))
        assert await reached(here) == {here}


async def test_another_container_is_not_reached_on_the_same_network_nor_on_another(
    reached: Reached, docker_engine: DockerEngine, docker_client: Any, base_image: str
) -> None:
    server = f"import socket; s = socket.create_server(('', {PORT}))\nwhile True: s.accept()"
    neighbours = [
        docker_client.create_container(
            base_image, ["python3", "-c", server], host_config=docker_client.create_host_config(network_mode=network)
        )["Id"]
        for network in (docker_engine.network, "bridge")
    ]
    try:
        for one in neighbours:
            docker_client.start(one)
        found = [docker_client.inspect_container(one)["NetworkSettings"]["Networks"] for one in neighbours]
        places = [network["IPAddress"] for one in found for network in one.values()]
        assert await reached(*places) == set()
        assert await reached(*places, reach=("172.16.0.0/12", "192.168.0.0/16")) == set()
    finally:
        for one in neighbours:
            docker_client.remove_container(one, force=True)


async def test_names_are_asked_for_at_the_host_s_own_server(docker_engine: DockerEngine, play: Play) -> None:
    """The server is private, here as in most places; it is all of what is private that a container reaches."""
    ask = "python3 -c 'import socket; socket.getaddrinfo(\"no.such.name.invalid\", 80)' 2>&1 | tail -1"
    assert "Name or service not known" in (await play(ask, network=docker_engine.network))[1][0]


async def test_a_host_that_does_not_let_us_runs_what_asks_for_everything_and_nothing_less(
    reached: Reached, docker_engine: DockerEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> str:
        raise EngineError("iptables: Permission denied")

    monkeypatch.setattr(HostCommands, "run", refuse)
    assert await docker_engine.fence(()) == "iptables: Permission denied"
    assert await reached(PUBLIC) == {PUBLIC}
    with pytest.raises(EngineError, match=r"may reach 203.0.113.77/32 only.*Permission denied"):
        await reached(PUBLIC, reach=(f"{PUBLIC}/32",))


async def test_a_user_who_is_not_root_has_them_set_by_a_container_on_the_host(
    reached: Reached, docker_engine: DockerEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert await docker_engine.fence((f"{PRIVATE}/32",)) == ""
    assert await reached(PRIVATE, METADATA, PUBLIC) == {PRIVATE, PUBLIC}


async def test_there_are_only_so_many_lists_at_a_time(
    reached: Reached, docker_engine: DockerEngine, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(networks, "NARROW_LIMIT", 1)
    one = asyncio.ensure_future(play("sleep 60", network=docker_engine.network, reach=(f"{PUBLIC}/32",)))

    async def runs() -> bool:
        return any(container.running for container in await docker_engine.list())

    await wait_until(runs, "a container with the first list")
    with pytest.raises(EngineError, match="1 lists of places are in use"):
        await reached(PUBLIC, reach=("203.0.113.0/24",))
    one.cancel()


async def test_a_list_that_is_in_use_no_more_makes_room(reached: Reached, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "NARROW_LIMIT", 1)
    await reached(PUBLIC, reach=(f"{PUBLIC}/32",))

    async def is_taken() -> bool:
        with contextlib.suppress(EngineError):  # while a namespace is made ahead for it, it is in use
            return await reached(PUBLIC, reach=("203.0.113.0/24",)) == {PUBLIC}
        return False

    await wait_until(is_taken, "the second list is in the first one's place")
