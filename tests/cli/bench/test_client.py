"""The client of Docker that measures."""

from __future__ import annotations

from contextlib import closing

import pytest

from orchestrator.cli.bench.client import docker_client

pytestmark = pytest.mark.docker


def test_it_asks_the_engine_that_orchestrators_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///var/run/docker.sock")
    with closing(docker_client()) as client:
        assert client.ping()
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    with pytest.raises(Exception, match="No such file"):
        docker_client()
