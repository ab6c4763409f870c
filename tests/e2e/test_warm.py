"""Containers started ahead, on real Docker: each serves one attempt and has nothing of another's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from orchestrator.core.container.spec import LABEL_ROLE, Role
from orchestrator_sdk import Client
from tests.leftovers import containers_of_runs
from tests.live_instance import LiveInstance, while_up
from tests.wait import until

pytestmark = pytest.mark.docker

MAIN = """
import os, pathlib, random
from orchestrator_sdk import Workflows

app = Workflows()
DRAWN = random.random()


@app.task(plan="starter")
def look() -> dict:
    left = sorted(path.name for path in pathlib.Path("/tmp").iterdir() if path.suffix != ".sock")
    pathlib.Path("/tmp/mine").write_text("secret of this run")
    return {"drawn": DRAWN, "left": left, "names": sorted(name for name in os.environ if "RUN" in name)}


app.start()
"""


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory, docker_client: Any, base_image: str) -> Iterator[LiveInstance]:
    """An instance that starts containers ahead, as it does unless told otherwise."""
    for instance in while_up(
        LiveInstance(tmp_path_factory.mktemp("warm"), {"ORCHESTRATOR_WARM": "imported"}), docker_client
    ):
        folder = tmp_path_factory.mktemp("repo")
        (folder / "main.py").write_text(MAIN)
        assert instance.deploy(folder, "warm")["status"] == "ready"
        instance.client().run("warm/look", [])
        yield instance


def ready(instance: LiveInstance, docker_client: Any) -> list[dict[str, Any]]:
    found = containers_of_runs(docker_client, instance.label)
    return [one for one in found if one["Labels"][LABEL_ROLE] == Role.WARM and one["State"] == "running"]


def look(instance: LiveInstance, docker_client: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a run saw that found a container ready, and what is known of its attempt."""
    until(lambda: bool(ready(instance, docker_client)), "a container to be ready")
    with instance.http() as http:
        run = instance.client().run("warm/look", [])
        attempt = http.get(f"/task-runs/{run.id}").json()["attempts"][0]
    return run.results[0], attempt


def test_two_runs_of_one_task_find_nothing_of_each_other(warm: LiveInstance, docker_client: Any) -> None:
    (first, _), (second, _) = look(warm, docker_client), look(warm, docker_client)
    assert first["left"] == second["left"], "no file of the first is there for the second"
    assert "mine" not in second["left"]
    assert first["drawn"] != second["drawn"]
    assert first["names"] == second["names"]


def test_a_run_that_finds_one_ready_says_so(warm: LiveInstance, docker_client: Any) -> None:
    def is_ahead() -> bool:
        return bool(look(warm, docker_client)[1]["forensics"]["startedAhead"])

    until(is_ahead, "a run to find its container ready")


def test_a_crash_with_a_full_pool_loses_no_run_and_leaves_no_container(warm: LiveInstance, docker_client: Any) -> None:
    until(lambda: len(ready(warm, docker_client)) >= 2, "the pool to be full")
    before = {one["Id"] for one in ready(warm, docker_client)}
    client: Client = warm.client()
    runs = [client.start("warm/look", []) for _ in range(4)]
    warm.kill()
    warm.up()
    assert all(warm.client().wait(run.id, timeout_s=90).results for run in runs)
    until(lambda: before.isdisjoint(one["Id"] for one in ready(warm, docker_client)), "what was left to be gone")
    until(lambda: containers_of_runs(docker_client, warm.label) == ready(warm, docker_client), "it to be idle")
    warm.down()
    left = [(one["Names"], one["State"]) for one in docker_client.containers(all=True, filters={"label": warm.label})]
    assert not left, left
