"""Killing the orchestrator loses nothing: the next one adopts what runs and goes on."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

import pytest

from orchestrator.redis.server import RedisServer, own_servers
from tests.leftovers import containers_of_runs
from tests.live_instance import LiveInstance
from tests.wait import LIMIT_S, until

pytestmark = pytest.mark.docker


def test_runs_in_flight_survive_a_kill(own_kinds: LiveInstance, docker_client: Any) -> None:
    client = own_kinds.client()
    sleeping = own_kinds.start_running("kinds/sleeps", 4)
    parent = client.start("kinds/countdown", [3])
    queued = [client.start("kinds/square", [number]) for number in range(6)]
    own_kinds.kill()
    own_kinds.up()
    client = own_kinds.client()
    assert client.wait(sleeping, timeout_s=LIMIT_S).results == ["awake"]
    assert client.wait(parent.id, timeout_s=LIMIT_S).results == [3]
    assert [client.wait(run.id, timeout_s=LIMIT_S).results for run in queued] == [[number**2] for number in range(6)]
    assert len(client.get(sleeping).attempts) == 1
    until(lambda: not containers_of_runs(docker_client, own_kinds.label), "its containers to go")


def test_containers_keep_running_while_the_orchestrator_is_down(own_kinds: LiveInstance) -> None:
    run = own_kinds.start_running("kinds/sleeps", 3)
    own_kinds.down()
    own_kinds.up()
    finished = own_kinds.client().wait(run, timeout_s=LIMIT_S)
    assert (finished.results, len(finished.attempts)) == (["awake"], 1)


def test_an_idle_instance_leaves_nothing_behind_when_it_stops(own_kinds: LiveInstance, docker_client: Any) -> None:
    until(lambda: not containers_of_runs(docker_client, own_kinds.label), "it to be idle")
    own_kinds.down()
    assert docker_client.containers(all=True, filters={"label": own_kinds.label}) == []
    assert docker_client.networks(filters={"label": own_kinds.label}) == []
    assert not asyncio.run(store_of(own_kinds).is_running())
    assert list((own_kinds.data_dir.lines).iterdir()) == []


def test_killing_the_orchestrator_and_its_redis_server_loses_nothing(own_kinds: LiveInstance) -> None:
    client = own_kinds.client()
    sleeping = own_kinds.start_running("kinds/sleeps", 4)
    parent = client.start("kinds/countdown", [2])
    own_kinds.kill()
    kill(store_of(own_kinds))
    own_kinds.up()
    client = own_kinds.client()
    slept = client.wait(sleeping, timeout_s=LIMIT_S)
    assert (slept.results, len(slept.attempts)) == (["awake"], 1)
    assert client.wait(parent.id, timeout_s=LIMIT_S).results == [2]


def test_killing_the_redis_of_a_running_orchestrator_loses_nothing(own_kinds: LiveInstance) -> None:
    client = own_kinds.client()
    sleeping = own_kinds.start_running("kinds/sleeps", 3)
    parent = client.start("kinds/countdown", [2])
    kill(store_of(own_kinds))
    for run_id, results in ((sleeping, ["awake"]), (parent.id, [2])):
        finished = client.wait(run_id, timeout_s=LIMIT_S)
        assert (finished.results, len(finished.attempts)) == (results, 1)
    with own_kinds.http() as http:
        info = http.get("/status").json()["info"]
    assert info["store"] == "running, restarted 1 times"


def store_of(instance: LiveInstance) -> RedisServer:
    return own_servers(instance.data_dir.path, instance.data_dir.secret())[0]


def kill(server: RedisServer) -> None:
    pid = server.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
