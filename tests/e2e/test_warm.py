"""Containers started ahead, on real Docker: each serves one attempt and has nothing of another's."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestrator.core.container.spec import LABEL_ROLE, Role
from orchestrator_sdk import Client
from tests.leftovers import containers_of_runs
from tests.live_instance import LiveInstance, while_up
from tests.wait import LIMIT_S, until

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


NODE = Path(__file__).parent / "javascript" / "node"
SQUARE = """
from {package} import Workflows{names}

app = Workflows()

@app.task
def square({context}a: int) -> int:
    return a * a

app.start()
"""
PROGRAMS = {
    "render_sdk 0": {
        "main.py": SQUARE.format(package="render_sdk", names="", context=""),
        "requirements.txt": "render_sdk>=0.6.0",
    },
    "render 1": {
        "main.py": SQUARE.format(package="render", names=", TaskContext", context="ctx: TaskContext, "),
        "requirements.txt": "render>=1",
    },
    "node": {},
}
"""Both generations of the official SDK, installed by the layers of other tests, and another language without any."""


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
    """The containers that wait for a run, once all that were started have loaded their code."""
    found = containers_of_runs(docker_client, instance.label)
    started = [one for one in found if one["Labels"][LABEL_ROLE] == Role.WARM and one["State"] == "running"]
    return started if len(started) == waiting(instance) else []


def waiting(instance: LiveInstance) -> int:
    """How many the orchestrator would give to a run now."""
    with instance.http() as http:
        told = http.get(f"{instance.url}/metrics").text
    (count,) = (line.split()[1] for line in told.splitlines() if line.startswith("orchestrator_warm_containers "))
    return int(float(count))


def of_image(containers: list[dict[str, Any]], version: dict[str, Any]) -> list[dict[str, Any]]:
    """Those of the version."""
    return [one for one in containers if one["ImageID"] == version["image"]]


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


@pytest.mark.parametrize("program", PROGRAMS)
def test_programs_that_speak_the_worker_protocol_are_started_ahead_too(
    warm: LiveInstance, docker_client: Any, tmp_path: Path, program: str
) -> None:
    folder = tmp_path / "repo"
    shutil.copytree(NODE, folder) if program == "node" else folder.mkdir()
    for name, text in PROGRAMS[program].items():
        (folder / name).write_text(text)
    (folder / "pyproject.toml").write_text("[tool.orchestrator]\nwarm_min = 1\n")
    version = warm.deploy(folder, "program")
    assert version["status"] == "ready", version
    until(lambda: bool(of_image(ready(warm, docker_client), version)), "its container to wait, before anybody asks")
    with warm.http() as http:
        run = warm.client().run("program/square", [5], timeout_s=LIMIT_S)
        attempt = http.get(f"/task-runs/{run.id}").json()["attempts"][0]
        task = http.get("/tasks/program/square").json()
    assert (run.results, attempt["forensics"]["startedAhead"]) == ([25], True)
    assert (task["warm"], task["warmMin"]) == ("imported", 1)


def test_a_crash_with_a_full_pool_loses_no_run_and_leaves_no_container(warm: LiveInstance, docker_client: Any) -> None:
    until(lambda: len(ready(warm, docker_client)) >= 2, "the pool to be full")
    before = {one["Id"] for one in ready(warm, docker_client)}
    client: Client = warm.client()
    runs = [client.start("warm/look", []) for _ in range(4)]
    warm.kill()
    warm.up()
    assert all(warm.client().wait(run.id, timeout_s=LIMIT_S).results for run in runs)
    until(
        lambda: before.isdisjoint(one["Id"] for one in containers_of_runs(docker_client, warm.label)),
        "what was left to be gone",
    )
    until(lambda: containers_of_runs(docker_client, warm.label) == ready(warm, docker_client), "it to be idle")
    warm.down()
    left = [(one["Names"], one["State"]) for one in docker_client.containers(all=True, filters={"label": warm.label})]
    assert not left, left
