"""doctor against real Docker: a host that is well, and faults that only trying finds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live_instance import LiveInstance, while_up

pytestmark = [pytest.mark.docker, pytest.mark.timeout(400)]

_BROKEN_DOCKER = """#!/bin/sh
for word; do
  [ "$word" != build ] || { echo '#1 ERROR: could not find bridge docker0'; exit 1; }
done
exec /usr/bin/docker "$@"
"""
_TASK = "from orchestrator_sdk import Workflows\napp = Workflows()\n@app.task\ndef f() -> int:\n    return {}\napp.start()\n"


@pytest.fixture(scope="module")
def own_live(tmp_path_factory: pytest.TempPathFactory, docker_client: Any, base_image: str) -> Iterator[LiveInstance]:
    """One that runs, and knows of no image but those of tests here."""
    yield from while_up(LiveInstance(tmp_path_factory.mktemp("own")), docker_client)


@pytest.fixture
def absent(tmp_path_factory: pytest.TempPathFactory, base_image: str) -> LiveInstance:
    """One that does not run; its folder's path is short, for the kernel limits those of sockets."""
    return LiveInstance(tmp_path_factory.mktemp("absent"))


def examine(live: LiveInstance, *options: str) -> dict[str, dict[str, Any]]:
    """The checks by name."""
    done = live.cli("doctor", "--json", *options)
    assert done.stdout, done.stderr
    checks = {check["name"]: check for check in json.loads(done.stdout)}
    is_well = all(check["verdict"] != "fail" for check in checks.values())
    assert done.returncode == (0 if is_well else 1)
    return checks


def test_a_good_host_builds_and_runs_and_keeps_nothing_of_it(own_live: LiveInstance, docker_client: Any) -> None:
    instance = own_live.data_dir.instance()

    def kept() -> tuple[Any, Any]:
        with own_live.http() as http:
            return http.get("/workflows").json(), docker_client.images(name=f"orchestrator-app:{instance}-*")

    before = kept()
    checks = examine(own_live, "--deep")
    assert {check["verdict"] for check in checks.values()} <= {"ok", "warn"}, checks
    assert checks["trial: run"]["message"].startswith("a container ran a task")
    assert kept() == before


def test_without_a_running_orchestrator_one_is_started_for_the_trial(absent: LiveInstance) -> None:
    assert examine(absent, "--deep")["trial: run"]["verdict"] == "ok"
    assert list(absent.home.iterdir()) == []


def test_a_network_that_does_not_exist_is_found_by_starting_a_container(
    absent: LiveInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORCHESTRATOR_NETWORK", "no-such-network")
    containers = examine(absent)["containers"]
    assert containers["verdict"] == "fail"
    assert "network no-such-network not found" in containers["message"]
    assert "ORCHESTRATOR_NETWORK" in containers["fix"]


def test_a_builder_without_a_bridge_is_found_by_building(
    absent: LiveInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docker").write_text(_BROKEN_DOCKER)
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("DOCKER", str(tmp_path / "docker"))
    build = examine(absent, "--deep")["trial: build"]
    assert (build["verdict"], "could not find bridge docker0" in build["message"]) == ("fail", True)
    assert "systemctl restart docker" in build["fix"]


def test_an_image_that_was_pruned_is_missed(own_live: LiveInstance, docker_client: Any, repo: Path) -> None:
    (repo / "main.py").write_text(_TASK.format(hash(str(repo))))
    version = own_live.deploy(repo, "shop")
    assert examine(own_live)["images"]["verdict"] == "ok"
    docker_client.remove_image(version["image"], force=True)
    images = examine(own_live)["images"]
    assert (images["verdict"], images["message"]) == ("fail", "gone, removed by something else: that of shop")
    with own_live.http() as http:
        http.delete("/workflows/shop").raise_for_status()
