"""What only Docker can show: the caps and the isolation as the container itself sees them."""

from __future__ import annotations

import json
import platform
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
from orchestrator.core.container.user import UIDS
from orchestrator.core.plans import GIB, MIB, PLANS, Plan
from orchestrator.engine.base import EngineError, EngineUnavailable
from orchestrator.engine.docker.engine import DockerEngine
from tests.engine.docker.conftest import TINY, Play

pytestmark = pytest.mark.docker

ROOMY = Plan("roomy", 1000, GIB)
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


async def test_the_process_is_nobody_of_the_host_s_without_any_capability(play: Play) -> None:
    _, printed = await play(
        "id -u; id -g; id -G; grep -E '^(CapEff|CapBnd|CapPrm|NoNewPrivs|Seccomp):' /proc/self/status"
    )
    assert int(printed[0]) in UIDS
    assert printed[:3] == [printed[0]] * 3
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
    assert (await play(f"python3 -c '{bomb}'", plan=ROOMY))[1] == ["1"]


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


# --- system calls ---

SYSCALLS = {
    "io_uring_setup": (425, 1, 0), "io_setup": (206, 1, 0), "keyctl": (250, 0, -1), "add_key": (248,),
    "userfaultfd": (323, 0), "bpf": (321, 0, 0, 0), "perf_event_open": (298, 0, 0, -1, -1, 0), "ptrace": (101, 0),
    "process_vm_readv": (310, 1), "kcmp": (312, 1, 1), "name_to_handle_at": (303, -100), "open_by_handle_at": (304,),
    "unshare a user namespace": (272, 0x10000000), "clone into one": (56, 0x10000000), "setns": (308, 0, 0),
    "mount": (165,), "fsopen": (430, 0, 0), "pivot_root": (155,), "syslog": (103, 3, 0, 0), "quotactl": (179,),
    "fanotify_init": (300, 0, 0), "modify_ldt": (154, 0), "vhangup": (153,), "swapon": (167,),
    "socket AF_ALG": (41, 38, 5, 0), "socket AF_VSOCK": (41, 40, 1, 0), "socket AF_PACKET": (41, 17, 3, 0),
    "socket AF_KEY": (41, 15, 3, 2), "netfilter": (41, 16, 3, 12), "xfrm": (41, 16, 3, 6), "crypto": (41, 16, 3, 21),
}  # fmt: skip
"""By their numbers on x86-64, with arguments that would do nothing."""
CALL_ALL = """
import ctypes, json, sys
call = ctypes.CDLL(None, use_errno=True).syscall
def refused(arguments):
    ctypes.set_errno(0)
    return call(*arguments) == -1 and ctypes.get_errno() in (1, 38)
print(json.dumps([name for name, arguments in json.loads(sys.argv[1]).items() if not refused(arguments)]))
"""

HONEST = """
import asyncio, concurrent.futures, multiprocessing as mp, os, signal, socket, sqlite3, subprocess, threading
from multiprocessing import shared_memory
def square(number): return number * number
async def main():
    child = await asyncio.create_subprocess_exec("echo", "out", stdout=subprocess.PIPE)
    return [(await child.communicate())[0], *await asyncio.gather(*(asyncio.sleep(0.01, n) for n in range(50)))][:2]
if __name__ == "__main__":
    assert asyncio.run(main()) == [b"out\\n", 0]
    for method in ("fork", "spawn", "forkserver"):
        with mp.get_context(method).Pool(2) as pool: assert pool.map(square, range(9))[8] == 64
    with concurrent.futures.ProcessPoolExecutor(2) as pool: assert list(pool.map(square, [3])) == [9]
    with concurrent.futures.ThreadPoolExecutor(40) as pool: assert sum(pool.map(square, range(40))) == 20540
    shared = shared_memory.SharedMemory(create=True, size=4096); shared.close(); shared.unlink()
    queue = mp.Queue(); queue.put(1); assert queue.get() == 1
    assert sqlite3.connect("/tmp/x.db").execute("select 1").fetchall() == [(1,)]
    os.mkfifo("/tmp/pipe"); os.sync(); os.sched_setaffinity(0, os.sched_getaffinity(0)); os.memfd_create("x")
    signal.setitimer(signal.ITIMER_REAL, 0); assert socket.if_nameindex(); socket.getaddrinfo("localhost", 80)
    assert subprocess.run(["sh", "-c", "seq 3 | wc -l"], capture_output=True).stdout == b"3\\n"
    print("all of it")
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers are of another machine's kernel")
async def test_system_calls_that_no_task_needs_are_refused(play: Play) -> None:
    assert (await play(f"python3 -c '{CALL_ALL}' '{json.dumps(SYSCALLS)}'"))[1] == ["[]"]


async def test_what_honest_programs_do_works(play: Play, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)  # noqa: ASYNC240
    (tmp_path / "honest.py").write_text(HONEST)
    assert (await play("python3 /code/honest.py", plan=ROOMY, mounts=(Mount(str(tmp_path), "/code"),)))[1] == [
        "all of it"
    ]


async def test_what_the_kernel_counts_by_user_one_container_cannot_use_up_for_another(
    docker_engine: DockerEngine, play: Play, base_image: str, instance: str
) -> None:
    take = "inotify = ctypes.CDLL(None).inotify_init\nwhile inotify() >= 0: pass\n"
    greedy = f'python3 -c "import ctypes, time\n{take}print(1, flush=True); time.sleep(60)"'
    identity = ContainerIdentity(instance, Role.ATTEMPT, secrets.token_hex(8))
    spec = compile_spec(identity, base_image, TINY, {}, ContainerDefaults("none", (), ("sh", "-c", greedy), "/app"))
    container_id = await docker_engine.create(spec)
    try:
        await docker_engine.start(container_id)
        async for _ in docker_engine.logs(container_id, follow=True):
            break  # it has taken all it gets
        one = 'python3 -c "import ctypes; print(ctypes.CDLL(None).inotify_init() >= 0)"'
        assert (await play(one))[1] == ["True"]
    finally:
        await docker_engine.remove(container_id)
