"""What a container used is read from its own cgroup, and never made up."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from orchestrator.core.container.forensics import Measured
from orchestrator.core.container.spec import ContainerDefaults, ContainerIdentity, Role, compile_spec
from orchestrator.core.plans import MIB, Plan
from orchestrator.engine.docker.engine import DockerEngine
from orchestrator.engine.docker.resources.cgroup import measure, of_container
from tests.wait import wait_until


def measured(container_id: str, parent: str, root: Path) -> Measured:
    found = of_container(container_id, parent, root)
    assert found is not None
    return measure(found)


@pytest.mark.parametrize("folder", ["docker/c1", "system.slice/docker-c1.scope"])
def test_a_container_is_found_under_either_cgroup_driver(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir(parents=True)
    (tmp_path / folder / "cpu.stat").write_text("usage_usec 7000\n")
    assert measured("c1", "", tmp_path) == Measured(cpu_ms=7)


@pytest.mark.parametrize(
    ("parent", "folder"),
    [("/orc-a", "orc-a/c1"), ("orchestratora.slice", "orchestratora.slice/docker-c1.scope"), ("/orc-a", "docker/c1")],
)
def test_it_is_found_below_the_cgroup_it_was_put_in_or_where_earlier_releases_left_it(
    tmp_path: Path, parent: str, folder: str
) -> None:
    (tmp_path / folder).mkdir(parents=True)
    (tmp_path / folder / "cpu.stat").write_text("usage_usec 7000\n")
    assert measured("c1", parent, tmp_path) == Measured(cpu_ms=7)


def test_a_container_that_does_not_run_here_has_no_cgroup(tmp_path: Path) -> None:
    assert of_container("c1", root=tmp_path) is None


@pytest.mark.docker
async def test_a_containers_work_is_counted_from_outside(
    docker_engine: DockerEngine, base_image: str, instance: str
) -> None:
    """A tenth of a CPU, which even a busy host can give, wanted all the time; 24 MiB held, and a child killed for wanting 200."""
    script = "python3 -c 'b = bytearray(200 << 20)'; exec python3 -c 'b = bytearray(24 << 20)\nwhile True: pass'"
    defaults = ContainerDefaults("none", (), ("sh", "-c", script), "/app")
    spec = compile_spec(
        ContainerIdentity(instance, Role.ATTEMPT, secrets.token_hex(8)),
        base_image,
        Plan("tiny", 100, 64 * MIB),
        {},
        defaults,
    )
    container_id = await docker_engine.create(spec)
    try:
        await docker_engine.start(container_id)

        async def is_at_work() -> bool:
            found = docker_engine.measure(container_id)
            return bool(found.oom_kills and found.throttled_ms and (found.peak_memory_bytes or 0) > 24 * MIB)

        await wait_until(is_at_work, "the container to be killed for memory and throttled")
        found = docker_engine.measure(container_id)
        assert found.oom_kills == 1
        assert (found.peak_memory_bytes or 0) <= 64 * MIB
        assert (found.cpu_ms or 0) > 0
    finally:
        await docker_engine.remove(container_id)
    assert docker_engine.measure(container_id) == Measured()
