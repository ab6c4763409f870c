"""Network namespaces made ahead: joined by one container at a time, and clean for the next."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from orchestrator.core.container.spec import LABEL_ROLE, ContainerDefaults, ContainerIdentity, Role, compile_spec
from orchestrator.core.plans import MIB, Plan
from orchestrator.engine.base import EngineError
from orchestrator.engine.docker.engine import DockerEngine
from orchestrator.engine.docker.http import Answer, DockerHttp
from tests.wait import LIMIT_S, wait_until

pytestmark = pytest.mark.docker

TINY = Plan("tiny", 500, 64 * MIB)
Create = Callable[..., Awaitable[str]]


@pytest.fixture
async def create(docker_engine: DockerEngine, base_image: str, instance: str) -> AsyncIterator[Create]:
    """Creates a container on the instance's own network, which is taken away at the end."""
    await docker_engine.prepare()
    made: list[str] = []

    async def create(script: str = "sleep 60") -> str:
        defaults = ContainerDefaults(docker_engine.network, (), ("sh", "-c", script), "/")
        identity = ContainerIdentity(instance, Role.ATTEMPT, secrets.token_hex(8))
        made.append(await docker_engine.create(compile_spec(identity, base_image, TINY, {}, defaults)))
        return made[-1]

    yield create
    for container_id in made:
        await docker_engine.remove(container_id)
    await docker_engine.dismantle()


def mode(client: Any, container_id: str) -> str:
    return str(client.inspect_container(container_id)["HostConfig"]["NetworkMode"])


def holders(client: Any, instance: str) -> list[dict[str, Any]]:
    labels = [f"orchestrator.instance={instance}", f"{LABEL_ROLE}={Role.NETWORK}"]
    found: list[dict[str, Any]] = client.containers(filters={"label": labels})
    return found


async def until_there_are(count: int, client: Any, instance: str) -> None:
    async def are_there() -> bool:
        return len(await asyncio.to_thread(holders, client, instance)) == count

    await wait_until(are_there, f"{count} namespaces")


async def test_the_first_container_does_not_wait_for_one_and_the_next_joins(
    create: Create, docker_engine: DockerEngine, docker_client: Any, instance: str
) -> None:
    assert mode(docker_client, await create()) == docker_engine.network
    await until_there_are(3, docker_client, instance)
    joined = await create()
    assert mode(docker_client, joined) in {f"container:{one['Id']}" for one in holders(docker_client, instance)}


async def test_no_two_containers_that_live_share_one_and_the_next_takes_over_from_the_dead(
    create: Create, docker_engine: DockerEngine, docker_client: Any, instance: str
) -> None:
    await create()
    await until_there_are(3, docker_client, instance)
    first, second = await create(), await create()
    used = mode(docker_client, first)
    assert used != mode(docker_client, second)
    await docker_engine.list()
    assert used not in {mode(docker_client, await create()) for _ in range(3)}, "a sweep gave out what is in use"
    await docker_engine.remove(first)
    assert used in {mode(docker_client, await create()) for _ in range(8)}


async def test_a_container_in_one_reaches_the_network_and_sees_no_connection_of_the_last(
    create: Create, docker_engine: DockerEngine, docker_client: Any, instance: str
) -> None:
    await create()
    await until_there_are(3, docker_client, instance)
    connect = "python3 -c 'import socket as s; l = s.create_server((\"\", 0)); c = s.create_connection(l.getsockname()); c.close()'"
    seen = []
    for _ in range(4):
        container_id = await create(
            f"wc -l < /proc/net/tcp; grep -c eth0 /proc/net/dev; {connect}; wc -l < /proc/net/tcp"
        )
        await docker_engine.start(container_id)
        state = await docker_engine.wait(container_id)
        assert state is not None
        assert state.exit_code == 0
        seen.append([line.message async for batch in docker_engine.logs(container_id, follow=False) for line in batch])
        await docker_engine.remove(container_id)
    assert {lines[1] for lines in seen} == {"1"}, "each has the network"
    assert len({line for lines in seen for line in (lines[0], lines[2])}) == 1, "the connection is forgotten at once"


async def test_holders_of_another_process_go_once_nothing_is_joined_to_them(
    create: Create, docker_engine: DockerEngine, docker_client: Any, instance: str
) -> None:
    await create()
    await until_there_are(3, docker_client, instance)
    joined = await create()
    await docker_engine.start(joined)
    await until_there_are(4, docker_client, instance)  # one is made again for that which was joined
    successor = DockerEngine(instance)
    try:
        await successor.list()
        left = holders(docker_client, instance)
        assert [f"container:{one['Id']}" for one in left] == [mode(docker_client, joined)]
        await docker_engine.remove(joined)
        await successor.list()
        assert holders(docker_client, instance) == []
    finally:
        await successor.close()


async def test_one_that_died_costs_one_start_and_is_not_given_out_again(
    create: Create, docker_engine: DockerEngine, docker_client: Any, instance: str
) -> None:
    await create()
    await until_there_are(3, docker_client, instance)
    for one in holders(docker_client, instance):
        docker_client.kill(one["Id"])
    with pytest.raises(EngineError):
        await docker_engine.start(await create())
    after = await create("true")
    await docker_engine.start(after)
    assert mode(docker_client, after) == docker_engine.network


async def test_they_are_no_containers_of_the_instance_s_and_go_with_its_network(
    create: Create, docker_engine: DockerEngine, docker_client: Any, instance: str
) -> None:
    container_id = await create()
    await until_there_are(3, docker_client, instance)
    assert [state.id for state in await docker_engine.list()] == [container_id]
    await docker_engine.dismantle()
    assert len(holders(docker_client, instance)) == 3, "somebody may still join them"
    await docker_engine.remove(container_id)
    await asyncio.gather(docker_engine.dismantle(), return_exceptions=True)
    assert holders(docker_client, instance) == []


async def test_they_are_removed_several_at_a_time(
    create: Create, docker_engine: DockerEngine, docker_client: Any, instance: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    removed = asyncio.Barrier(3)
    request = DockerHttp.request

    async def remove_with_others(self: DockerHttp, method: str, path: str, body: Any = None) -> Answer:
        if method == "DELETE" and path.startswith("/containers/"):
            await removed.wait()
        return await request(self, method, path, body)

    await docker_engine.remove(await create())
    await until_there_are(3, docker_client, instance)
    monkeypatch.setattr(DockerHttp, "request", remove_with_others)
    async with asyncio.timeout(LIMIT_S):
        await docker_engine.dismantle()
    assert holders(docker_client, instance) == []


async def test_one_that_is_being_made_at_the_end_goes_too(
    create: Create, docker_engine: DockerEngine, docker_client: Any, instance: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, listed = asyncio.Event(), asyncio.Event()
    request = DockerHttp.request

    async def make_after_the_look(self: DockerHttp, method: str, path: str, body: Any = None) -> Answer:
        if path.startswith(f"/containers/create?name=orc-{instance}-network"):
            asked.set()
            await asyncio.wait([asyncio.create_task(listed.wait())], timeout=0.5)
        answer = await request(self, method, path, body)
        if path.startswith("/containers/json"):
            listed.set()
        return answer

    monkeypatch.setattr(DockerHttp, "request", make_after_the_look)
    await docker_engine.remove(await create())
    await asked.wait()
    await docker_engine.dismantle()
    assert docker_client.containers(all=True, filters={"label": f"orchestrator.instance={instance}"}) == []
    listed.set()
