"""The orchestrator in a container, started with what compose.yaml says."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestrator.app.data_dir import DataDir
from orchestrator.core.container.spec import LABEL_INSTANCE
from orchestrator_sdk import Client
from tests.leftovers import ROOT, remove_all, remove_tags
from tests.live_instance import LiveInstance
from tests.wait import until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

_DEFAULT = re.compile(r"\$\{(\w+):-([^}]*)\}")
_KNOWN = {"image", "restart", "init", "stop_grace_period", "environment", "ports", "volumes"}


def service(**variables: str) -> dict[str, Any]:
    """The one service of the file, its variables replaced."""
    text = (ROOT / "compose.yaml").read_text()
    document = yaml.safe_load(_DEFAULT.sub(lambda found: variables.get(found[1], found[2]), text))
    (only,) = document["services"].values()
    assert set(only) <= _KNOWN
    return dict(only)


def options(of: dict[str, Any]) -> list[str]:
    """The same for ``docker run``, but on any free port and without restarts."""
    ports = [re.sub(r":\d+:", "::", port) for port in of["ports"]]
    environment = [f"{name}={value}" for name, value in of["environment"].items()]
    pairs = {"--publish": ports, "--volume": of["volumes"], "--env": environment}
    return ["--init"] * of["init"] + [
        word for name, values in pairs.items() for value in values for word in (name, value)
    ]


@pytest.fixture(scope="module")
def image() -> str:
    """What `make image` makes."""
    made = subprocess.run([ROOT / "scripts" / "image"], stdout=subprocess.PIPE, text=True, check=True)
    return made.stdout.strip()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, docker_client: Any, base_image: str) -> Iterator[Path]:
    """The data directory, by its path on the host."""
    home = tmp_path_factory.mktemp("srv")
    yield home
    instance = (home / "instance").read_text().strip()
    remove_all(docker_client, f"{LABEL_INSTANCE}={instance}")
    remove_tags(docker_client, instance)
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def container(image: str, home: Path, docker_client: Any) -> Iterator[str]:
    """The service, started; it is up when a test ends."""
    command = ["docker", "run", "--detach", *options(service(ORCHESTRATOR_HOME=str(home))), image]
    made = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    yield made
    docker_client.stop(made, timeout=40)
    docker_client.remove_container(made, force=True)


def serving(container: str, home: Path, docker_client: Any) -> Client:
    """A client of the host's, once there is something to talk to."""
    until(lambda: DataDir(home).endpoint() is not None, "the orchestrator to serve")
    port = docker_client.port(container, 8120)[0]["HostPort"]
    return Client(url=f"http://127.0.0.1:{port}", api_key=DataDir(home).api_key())


def test_it_deploys_and_runs_and_goes_on_after_a_restart(container: str, home: Path, docker_client: Any) -> None:
    client = serving(container, home, docker_client)
    inside = ["docker", "exec", container, "sh", "-c"]
    subprocess.run([*inside, "orchestrator init /tmp/words && orchestrator deploy /tmp/words"], check=True)
    first = client.run("words/sum_squares", [3, 4])
    assert first.results == [25]
    docker_client.restart(container, timeout=40)
    client = serving(container, home, docker_client)
    assert client.get(first.id).results == [25]
    assert client.run("words/sum_squares", [1, 2]).results == [5]


def test_the_command_of_the_host_cannot_end_it_by_mistake(container: str, home: Path, docker_client: Any) -> None:
    serving(container, home, docker_client)
    refused = LiveInstance(home).cli("down")
    assert "runs in a container" in refused.stderr
    assert docker_client.inspect_container(container)["State"]["Running"]
