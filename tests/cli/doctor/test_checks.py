from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.app.data_dir import DataDir
from orchestrator.cli.doctor.checks import Check, Subject, Verdict, examine
from orchestrator.cli.doctor.machine import Answer
from orchestrator.core.plans import GIB, MIB
from tests.cli.support.fake_host import INFO, FakeHost

NO_BRIDGE = Answer(
    125,
    "docker: Error response from daemon: failed to create endpoint x on network bridge: adding interface veth1 to bridge "
    "docker0 failed: could not find bridge docker0: route ip+net: no such network interface.\nSee 'docker run --help'.",
)


@pytest.fixture
def host() -> FakeHost:
    return FakeHost()


@pytest.fixture
def found(host: FakeHost, tmp_path: Path) -> Callable[[], dict[str, Check]]:
    """The checks by name."""
    return lambda: {check.name: check for check in examine(Subject(host, DataDir(tmp_path)))}


def info(**changes: object) -> Answer:
    return Answer(0, json.dumps(INFO | changes))


def test_a_good_machine_has_nothing_to_mend(found: Callable[[], dict[str, Check]]) -> None:
    assert [check for check in found().values() if check.verdict is not Verdict.OK or check.fix] == []


@pytest.mark.parametrize(
    ("attribute", "value", "name", "verdict", "fix"),
    [
        ("version", "3.9.2", "Python", Verdict.FAIL, "Python 3.11"),
        ("programs", {"redis-server": "/r"}, "Docker", Verdict.FAIL, "apt-get install docker.io"),
        ("programs", {"docker": "/d"}, "redis-server", Verdict.FAIL, "apt-get install redis-server"),
        ("redis_version", "Redis server v=6.2.7 sha=0", "redis-server", Verdict.FAIL, "Redis 7 or newer"),
        ("docker_info", Answer(1, "permission denied"), "Docker", Verdict.FAIL, "usermod -aG docker ada"),
        ("docker_info", Answer(1, "Cannot connect"), "Docker", Verdict.FAIL, "systemctl start docker"),
        ("docker_info", info(ServerErrors=["Cannot connect"]), "Docker", Verdict.FAIL, "systemctl start docker"),
        ("docker_info", info(ServerVersion="18.09.1"), "Docker", Verdict.FAIL, "20.10"),
        ("docker_info", info(PidsLimit=False), "cgroups", Verdict.FAIL, "restart Docker"),
        ("docker_info", info(Driver="vfs"), "image storage", Verdict.WARN, "overlay2"),
        ("buildkit", Answer(1, "no BuildKit"), "image builder", Verdict.FAIL, "docker-buildx-plugin"),
        ("base_image", Answer(1, "no such image"), "base image", Verdict.WARN, "images/ensure-base"),
        ("container", NO_BRIDGE, "containers", Verdict.FAIL, "systemctl restart docker"),
        ("container", Answer(1, ""), "containers", Verdict.FAIL, "systemctl restart docker"),
        ("container", Answer(127, "timed out"), "containers", Verdict.FAIL, "journalctl"),
        ("write_problem", "/x is not writable", "data directory", Verdict.FAIL, "--data-dir"),
        ("disk_bytes", 3 * GIB, "disk", Verdict.WARN, "docker image prune"),
        ("disk_bytes", 300 * MIB, "Docker's disk", Verdict.FAIL, "docker image prune"),
        ("disk_bytes", 300 * MIB, "disk", Verdict.FAIL, "docker image prune"),
        ("listen_problem", "Address already in use", "port", Verdict.FAIL, "--port 8121"),
        ("ram_bytes", 2 * GIB, "CPU and memory", Verdict.WARN, "plan starter"),
    ],
)
def test_what_is_wrong_comes_with_what_mends_it(
    host: FakeHost,
    found: Callable[[], dict[str, Check]],
    attribute: str,
    value: object,
    name: str,
    verdict: Verdict,
    fix: str,
) -> None:
    setattr(host, attribute, value)
    check = found()[name]
    assert check.verdict is verdict
    assert fix in check.fix


def test_a_container_is_started_as_runs_are(host: FakeHost, tmp_path: Path) -> None:
    subject = Subject(host, DataDir(tmp_path), network="mine", runtime="runsc")
    assert "containers" in {check.name for check in examine(subject)}
    (started,) = (command for command in host.asked if command[1:2] == ("run",))
    assert "--network mine --runtime runsc" in " ".join(started)


def test_without_a_base_image_no_container_is_tried(host: FakeHost, found: Callable[[], dict[str, Check]]) -> None:
    host.base_image = Answer(1, "no such image")
    assert "containers" not in found()


def test_the_rest_is_examined_without_docker_too(host: FakeHost, found: Callable[[], dict[str, Check]]) -> None:
    host.programs = {"redis-server": "/r"}
    assert set(found()) == {"Python", "Docker", "redis-server", "data directory", "disk", "port", "CPU and memory"}


def test_a_port_that_we_serve_is_no_problem(host: FakeHost, tmp_path: Path) -> None:
    host.listen_problem = "Address already in use"
    data_dir = DataDir(tmp_path)
    with data_dir.locked(), data_dir.announced("http://127.0.0.1:8120"):
        port = next(check for check in examine(Subject(host, data_dir)) if check.name == "port")
    assert (port.verdict, port.message) == (Verdict.OK, "ours: the orchestrator serves http://127.0.0.1:8120")


@pytest.mark.parametrize(
    ("engine", "crun", "says"),
    [
        ({}, Answer(0, ""), "if you register it"),
        ({"Runtimes": {"runc": {}, "crun": {}}}, Answer(0, ""), "ORCHESTRATOR_CONTAINER_RUNTIME=crun"),
        (
            {"Runtimes": {"crun": {}}},
            Answer(125, "docker: Error response from daemon: cgroups in hybrid mode"),
            "hybrid",
        ),
        ({"DefaultRuntime": "crun"}, Answer(0, ""), "crun"),
    ],
)
def test_a_faster_runtime_is_named_where_it_works(
    host: FakeHost, found: Callable[[], dict[str, Check]], engine: dict[str, object], crun: Answer, says: str
) -> None:
    host.docker_info, host.crun = info(**engine), crun
    check = found()["OCI runtime"]
    assert (check.verdict, check.fix) == (Verdict.OK, "")
    assert says in check.message
