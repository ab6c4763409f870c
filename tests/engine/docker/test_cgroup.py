"""What the kernel counted is read from either version's files, and never made up."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from orchestrator.core.container.forensics import Measured
from orchestrator.core.container.spec import ContainerDefaults, ContainerIdentity, Role, compile_spec
from orchestrator.core.plans import MIB, Plan
from orchestrator.engine.docker.cgroup import measure
from orchestrator.engine.docker.engine import DockerEngine
from tests.wait import wait_until

V1 = {
    "memory/docker/c1/memory.max_usage_in_bytes": "100",
    "memory/docker/c1/memory.stat": "cache 9\ntotal_inactive_file 30\ntotal_active_file 20",
    "memory/docker/c1/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2",
    "cpuacct/docker/c1/cpuacct.usage": "7000000",
    "cpu/docker/c1/cpu.stat": "nr_periods 1\nnr_throttled 1\nthrottled_time 3000000",
}
V2 = {
    "docker/c1/memory.peak": "100",
    "docker/c1/memory.stat": "inactive_file 30\nactive_file 20",
    "docker/c1/memory.events": "low 0\noom 1\noom_kill 2",
    "docker/c1/cpu.stat": "usage_usec 7000\nthrottled_usec 3000",
}


@pytest.mark.parametrize("files", [V1, V2], ids=["version 1", "version 2"])
def test_all_is_read(tmp_path: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text + "\n")
    assert measure("c1", tmp_path) == Measured(peak_memory_bytes=50, cpu_ms=7, throttled_ms=3, oom_kills=2)


def test_what_the_kernel_does_not_have_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "docker/c1").mkdir(parents=True)
    assert measure("c1", tmp_path) == Measured()
    assert measure("c2", tmp_path) == Measured()


@pytest.mark.docker
async def test_a_containers_work_is_counted_from_outside(
    docker_engine: DockerEngine, base_image: str, instance: str
) -> None:
    """Half a CPU that is wanted all the time, 24 MiB held, and a child killed for wanting 200."""
    script = "python3 -c 'b = bytearray(200 << 20)'; exec python3 -c 'b = bytearray(24 << 20)\nwhile True: pass'"
    defaults = ContainerDefaults("none", (), ("sh", "-c", script), "/app")
    spec = compile_spec(
        ContainerIdentity(instance, Role.ATTEMPT, secrets.token_hex(8)),
        base_image,
        Plan("tiny", 500, 64 * MIB),
        {},
        defaults,
    )
    container_id = await docker_engine.create(spec)
    try:
        await docker_engine.start(container_id)

        async def is_throttled() -> bool:
            return (docker_engine.measure(container_id).throttled_ms or 0) > 50

        await wait_until(is_throttled, "the container to be throttled")
        found = docker_engine.measure(container_id)
        assert found.oom_kills == 1
        assert 24 * MIB < (found.peak_memory_bytes or 0) <= 64 * MIB
        assert (found.cpu_ms or 0) > 0
    finally:
        await docker_engine.remove(container_id)
    assert docker_engine.measure(container_id) == Measured()
