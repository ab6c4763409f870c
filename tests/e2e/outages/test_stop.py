"""`orchestrator up` ends in time, whatever it waits for."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.chaos.silent_docker import SilentDocker
from tests.live_instance import LiveInstance, while_up
from tests.wait import until

pytestmark = pytest.mark.docker

KINDS = Path(__file__).parent.parent / "kinds"
STOPPED_S = 50
"""Half a minute more than the process allows itself, for a host that is busy; Docker's own limit for one call is 30 s."""


@pytest.fixture
def docker(tmp_path: Path) -> Iterator[SilentDocker]:
    with closing(SilentDocker(tmp_path / "docker.sock")) as docker:
        yield docker


@pytest.fixture
def instance(home: Path, docker: SilentDocker, docker_client: Any, base_image: str) -> Iterator[LiveInstance]:
    yield from while_up(LiveInstance(home / "data", {"ORCHESTRATOR_DOCKER_URL": docker.url}), docker_client)


def stopped(instance: LiveInstance) -> str:
    """Tell it to end; what it said."""
    assert instance.process is not None
    instance.process.terminate()
    assert instance.process.wait(STOPPED_S) == 0
    return (instance.home / "test.log").read_text()


def test_a_docker_that_answers_nothing_any_more_is_not_waited_for(instance: LiveInstance, docker: SilentDocker) -> None:
    assert instance.deploy(KINDS, "kinds", env={"PYTHONPATH": "lib"})["status"] == "ready"
    run_id = instance.start_running("kinds/sleeps", 600)
    docker.fall_silent()
    client = instance.client()
    client.start("kinds/square", [3])
    client.cancel(run_id)
    assert "stopped; containers that run go on" in stopped(instance)


def test_clients_that_read_nothing_or_send_half_are_not_waited_for(instance: LiveInstance) -> None:
    at = urlsplit(instance.url)
    head = f"Host: 127.0.0.1\r\nAuthorization: Bearer {instance.data_dir.api_key()}\r\n"
    assert at.hostname is not None
    assert at.port is not None
    place = (at.hostname, at.port)
    with socket.create_connection(place) as follower, socket.create_connection(place) as sender:
        follower.sendall(f"GET /v1/changes HTTP/1.1\r\n{head}\r\n".encode())
        assert follower.recv(12) == b"HTTP/1.1 200"
        sender.sendall(f"POST /v1/deploys HTTP/1.1\r\n{head}Content-Type: application/json\r\n".encode())
        sender.sendall(b"Content-Length: 1000000\r\n\r\n{")
        text = stopped(instance)
    assert "Traceback" not in text


def test_told_twice_it_ends_at_once(instance: LiveInstance, docker: SilentDocker) -> None:
    docker.fall_silent()
    assert instance.process is not None
    instance.process.terminate()
    until(lambda: "stopping" in (instance.home / "test.log").read_text(), "it to begin to end")
    instance.process.send_signal(signal.SIGINT)
    assert instance.process.wait(STOPPED_S) == 128 + signal.SIGINT
