"""What only Docker can show: the caps and the isolation as the container itself sees them."""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from orchestrator.core.container.spec import (
    LABEL_INSTANCE,
    ContainerDefaults,
    ContainerIdentity,
    Mount,
    Role,
    compile_spec,
)
from orchestrator.core.plans import GIB, MIB, PLANS, Plan
from orchestrator.engine.base import EngineError, EngineUnavailable
from orchestrator.engine.docker.engine import DockerEngine
from tests.engine.docker.conftest import TINY, Play

pytestmark = pytest.mark.docker

CGROUP_FILES = {
    "1": ("memory/memory.limit_in_bytes", "cpu/cpu.cfs_quota_us", "pids/pids.max"),
    "2": ("memory.max", "cpu.max", "pids.max"),
}


@pytest.mark.parametrize("plan", PLANS.values(), ids=list(PLANS))
async def test_a_plan_is_the_cap_seen_inside_whatever_the_host_has(
    docker_engine: DockerEngine, play: Play, plan: Plan
) -> None:
    files = CGROUP_FILES[(await docker_engine.info()).cgroup_version]
    _, printed = await play("cd /sys/fs/cgroup; cat " + " ".join(files), plan=plan)
    quota_us = str(plan.cpu_millis * 100)
    assert printed[0] == str(plan.memory_bytes)
    assert printed[1] in (quota_us, f"{quota_us} 100000")
    assert printed[2] == "512"


async def test_the_cpu_cap_is_kept(play: Play) -> None:
    """A busy loop of 0.5 CPUs gets about half of the time that passes; less where others are busy, too."""
    measure = "import time; w = time.monotonic(); c = time.process_time()\nwhile time.monotonic() - w < 1: pass\n"
    _, printed = await play(f"python3 -c '{measure}print(time.process_time() - c)'")
    assert float(printed[0]) < 0.65


async def test_the_process_is_nobody_without_any_capability(play: Play) -> None:
    _, printed = await play(
        "id -u; id -g; id -G; grep -E '^(CapEff|CapBnd|CapPrm|NoNewPrivs|Seccomp):' /proc/self/status"
    )
    assert printed[:3] == ["65534"] * 3
    status = dict(line.split(":\t") for line in printed[3:])
    assert {status[name] for name in ("CapEff", "CapBnd", "CapPrm")} == {"0" * 16}
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"


async def test_only_tmp_can_be_written(play: Play) -> None:
    script = "for d in / /app /opt /etc /usr /var/tmp /dev; do touch $d/x 2>/dev/null && echo $d; done; touch /tmp/x && echo /tmp"
    assert (await play(script))[1] == ["/tmp"]


async def test_tmp_may_hold_programs_but_no_more_than_its_size(play: Play) -> None:
    fill = "dd if=/dev/zero of=/tmp/big bs=1M count=70 2>&1 | grep -o 'No space left'"
    script, plan = f"cp /bin/true /tmp/run && /tmp/run && echo ran; {fill}", Plan("roomy", 1000, 128 * MIB)
    assert (await play(script, plan=plan))[1] == ["ran", "No space left"]


async def test_a_fork_bomb_stops_at_the_limit(play: Play) -> None:
    bomb = "import os, time\ntry:\n while True:\n  os.fork() or time.sleep(9)\nexcept BlockingIOError: print(1)"
    assert (await play(f"python3 -c '{bomb}'", plan=Plan("roomy", 1000, GIB)))[1] == ["1"]


async def test_orphans_are_reaped(play: Play) -> None:
    script = "(sleep 0 &) ; (sleep 0 &) ; sleep 0.2; grep -l 'State:.Z' /proc/[0-9]*/status | wc -l"
    assert (await play(script))[1] == ["0"]


async def test_a_mounted_directory_is_read_only(play: Play, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)  # noqa: ASYNC240
    (tmp_path / "hello").write_text("from the host\n")
    mount = Mount(str(tmp_path), "/run/orchestrator")
    _, printed = await play(
        "cat /run/orchestrator/hello; touch /run/orchestrator/x 2>&1 | grep -o 'Read-only'", mounts=(mount,)
    )
    assert printed == ["from the host", "Read-only"]


async def test_without_a_network_there_is_only_loopback(play: Play) -> None:
    assert (await play("ls /sys/class/net"))[1] == ["lo"]


async def test_containers_of_others_are_neither_seen_nor_touched(
    docker_engine: DockerEngine, docker_client: Any, base_image: str, play: Play
) -> None:
    labels = {LABEL_INSTANCE: f"test{secrets.token_hex(6)}"}
    stranger = docker_client.create_container(base_image, ["sleep", "60"], labels=labels)["Id"]
    try:
        await play("exit 0")
        assert stranger not in [state.id for state in await docker_engine.list()]
        assert docker_client.inspect_container(stranger)["State"]["Status"] == "created"
    finally:
        docker_client.remove_container(stranger)


async def test_a_start_that_fails_says_why_now_and_later(
    docker_engine: DockerEngine, base_image: str, instance: str
) -> None:
    identity = ContainerIdentity(instance, Role.ATTEMPT, secrets.token_hex(8))
    spec = compile_spec(identity, base_image, TINY, {}, ContainerDefaults("none", (), ("true",), "/app"))
    container_id = await docker_engine.create(replace(spec, user="mallory"))
    try:
        with pytest.raises(EngineError, match="mallory"):
            await docker_engine.start(container_id)
        state = await docker_engine.inspect(container_id)
        assert state is not None
        assert "mallory" in state.error
        assert not state.has_exited
        assert [state] == await docker_engine.list()
    finally:
        await docker_engine.remove(container_id)


async def test_a_program_that_is_not_there_ends_with_127(play: Play) -> None:
    exit_code, printed = await play("exec /no/such/program")
    assert exit_code == 127
    assert "/no/such/program" in printed[0]


async def test_long_and_unfinished_lines_stay_whole(play: Play) -> None:
    script = 'python3 -c \'print("x" * 100_000); print("a\\n\\nb", end="")\''
    assert (await play(script))[1] == ["x" * 100_000, "a", "", "b"]


async def test_every_character_of_long_lines_arrives(play: Play) -> None:
    code = 'print("x" * 16383 + "é€😀" * 20_000); print("next"); print("é" * 8192); print("last")'
    _, printed = await play(f"python3 -c '{code}'")
    assert printed == ["x" * 16383 + "é€😀" * 20_000, "next", "é" * 8192, "last"]


async def test_an_engine_that_does_not_answer_is_told_apart(instance: str, tmp_path: Path) -> None:
    engine = DockerEngine(instance, base_url=f"unix://{tmp_path}/none.sock")
    says = pytest.raises(EngineUnavailable, match=r"none\.sock does not answer \(.*No such file")
    for call in (
        engine.info(),
        engine.ping(),
        engine.list(),
        engine.inspect("x"),
        engine.remove("x"),
        engine.prepare(),
    ):
        with says:
            await call
    with says:
        _ = [batch async for batch in engine.logs("x", follow=False)]
    await engine.close()
