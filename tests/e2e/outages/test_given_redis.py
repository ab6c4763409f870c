"""Store and channel in two Redis that others run, reached over TCP, and containers under a chosen OCI runtime."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from orchestrator.redis.server import RedisServer, RedisServerError, channel_server, store_server
from tests.e2e.conftest import KINDS
from tests.leftovers import containers_of_runs, remove_all
from tests.live_instance import LiveInstance
from tests.wait import LIMIT_S

pytestmark = pytest.mark.docker
RUNTIME = "io.containerd.runc.v2"
PASSWORD = "known-to-few"


@pytest.fixture
def given(tmp_path: Path, docker_client: Any, base_image: str) -> Iterator[LiveInstance]:
    """An instance on servers that listen where containers reach the host: on the address of Docker's bridge."""
    address = bridge_address(docker_client)
    servers, urls = [], []
    for server in (store_server(tmp_path / "s", PASSWORD, fsync="no"), channel_server(tmp_path / "c", PASSWORD)):
        started, port = listening(server, address)
        servers.append(started)
        urls.append(f"redis://:{PASSWORD}@{address}:{port}")
    live = LiveInstance(
        tmp_path / "live",
        {
            "ORCHESTRATOR_STORE_URL": urls[0],
            "ORCHESTRATOR_CHANNEL_URL": urls[1],
            "ORCHESTRATOR_CONTAINER_RUNTIME": RUNTIME,
        },
    )
    live.up()
    yield live
    live.down()
    for server in servers:
        asyncio.run(server.stop())
    remove_all(docker_client, live.label)


def bridge_address(docker_client: Any) -> str:
    """The host's address on Docker's bridge: the first of its subnet, where the engine names no gateway."""
    config = docker_client.inspect_network("bridge")["IPAM"]["Config"][0]
    return str(config.get("Gateway") or next(ipaddress.ip_network(config["Subnet"]).hosts()))


def listening(server: RedisServer, address: str) -> tuple[RedisServer, int]:
    """The server, started on a port; another may take the port that was free, and then the next one is tried."""
    for _ in range(10):
        port = free_port(address)
        on_port = replace(server, extra=(*server.extra, f"bind {address}", f"port {port}"))
        with contextlib.suppress(RedisServerError):
            asyncio.run(on_port.start())
            return on_port, port
    raise AssertionError(f"no port of {address} could be had: see {server.log_path}")


def free_port(host: str) -> int:
    with socket.create_server((host, 0)) as taken:
        return int(taken.getsockname()[1])


def test_runs_work_over_tcp_under_the_chosen_runtime(given: LiveInstance, docker_client: Any) -> None:
    assert given.deploy(KINDS, "kinds")["status"] == "ready"
    client = given.client()
    run_id = given.start_running("kinds/sleeps", 2)
    (container,) = containers_of_runs(docker_client, given.label)
    found = docker_client.inspect_container(container["Id"])
    assert found["HostConfig"]["Runtime"] == RUNTIME
    assert not any(PASSWORD in variable for variable in found["Config"]["Env"])
    assert client.wait(run_id, timeout_s=LIMIT_S).results == ["awake"]
    assert client.run("kinds/countdown", [2], timeout_s=LIMIT_S).results == [2]
