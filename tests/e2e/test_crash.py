"""Killing the orchestrator loses nothing: the next one adopts what runs and goes on."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from orchestrator.core.container.spec import LABEL_INSTANCE
from orchestrator.redis.server import RedisServer, own_servers
from tests.live_instance import LiveInstance

pytestmark = pytest.mark.docker
KINDS = Path(__file__).parent / "kinds"


def test_runs_in_flight_survive_a_kill(own_live: LiveInstance, docker_client: Any) -> None:
    assert own_live.deploy(KINDS, "kinds")["status"] == "ready"
    client = own_live.client()
    sleeping = client.start("kinds/sleeps", [4])
    parent = client.start("kinds/countdown", [3])
    queued = [client.start("kinds/square", [number]) for number in range(6)]
    while client.get(sleeping.id).status.value != "running":
        time.sleep(0.02)
    own_live.kill()
    own_live.up()
    client = own_live.client()
    assert client.wait(sleeping.id, timeout_s=60).results == ["awake"]
    assert client.wait(parent.id, timeout_s=60).results == [3]
    assert [client.wait(run.id, timeout_s=60).results for run in queued] == [[number**2] for number in range(6)]
    assert len(client.get(sleeping.id).attempts) == 1
    label = f"{LABEL_INSTANCE}={own_live.data_dir.instance()}"
    ends_at = time.monotonic() + 15
    while docker_client.containers(all=True, filters={"label": label}):
        assert time.monotonic() < ends_at, "containers are left"
        time.sleep(0.1)


def test_containers_keep_running_while_the_orchestrator_is_down(own_live: LiveInstance) -> None:
    assert own_live.deploy(KINDS, "kinds")["status"] == "ready"
    client = own_live.client()
    run = client.start("kinds/sleeps", [3])
    while client.get(run.id).status.value != "running":
        time.sleep(0.02)
    own_live.down()
    own_live.up()
    finished = own_live.client().wait(run.id, timeout_s=60)
    assert (finished.results, len(finished.attempts)) == (["awake"], 1)


def test_an_idle_instance_leaves_nothing_behind_when_it_stops(own_live: LiveInstance, docker_client: Any) -> None:
    own_live.down()
    label = f"{LABEL_INSTANCE}={own_live.data_dir.instance()}"
    assert docker_client.containers(all=True, filters={"label": label}) == []
    assert docker_client.networks(filters={"label": label}) == []
    servers = own_servers(own_live.data_dir.path, own_live.data_dir.secret())
    assert [asyncio.run(server.is_running()) for server in servers] == [False, False]


def test_killing_the_orchestrator_and_both_redis_servers_loses_nothing(own_live: LiveInstance) -> None:
    assert own_live.deploy(KINDS, "kinds")["status"] == "ready"
    client = own_live.client()
    sleeping = client.start("kinds/sleeps", [4])
    parent = client.start("kinds/countdown", [2])
    while client.get(sleeping.id).status.value != "running":
        time.sleep(0.02)
    own_live.kill()
    for server in own_servers(own_live.data_dir.path, own_live.data_dir.secret()):
        kill(server)
    own_live.up()
    client = own_live.client()
    slept = client.wait(sleeping.id, timeout_s=60)
    assert (slept.results, len(slept.attempts)) == (["awake"], 1)
    assert client.wait(parent.id, timeout_s=60).results == [2]


def test_killing_each_redis_of_a_running_orchestrator_loses_nothing(own_live: LiveInstance) -> None:
    assert own_live.deploy(KINDS, "kinds")["status"] == "ready"
    client = own_live.client()
    sleeping = client.start("kinds/sleeps", [3])
    parent = client.start("kinds/countdown", [2])
    while client.get(sleeping.id).status.value != "running":
        time.sleep(0.02)
    for server in own_servers(own_live.data_dir.path, own_live.data_dir.secret()):
        kill(server)
    for run, results in ((sleeping, ["awake"]), (parent, [2])):
        finished = client.wait(run.id, timeout_s=60)
        assert (finished.results, len(finished.attempts)) == (results, 1)
    with own_live.http() as http:
        info = http.get("/status").json()["info"]
    assert (info["store"], info["channel"]) == ("running, restarted 1 times",) * 2


def kill(server: RedisServer) -> None:
    pid = server.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
