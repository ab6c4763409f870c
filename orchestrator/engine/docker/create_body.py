"""ContainerSpec → the body of Docker's "create container", pure.

Whatever an image says about how it is run (entry point, user, working directory, health check, stop signal) is overridden,
for the image is the user's. Two fields are left out because Docker's own value is the safe one: the AppArmor profile, and the
masked paths of /proc.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from orchestrator.core.container.spec import LOG_BYTES, ContainerSpec, Mount
from orchestrator.core.plans import MIB

SECCOMP_FILE: Final = Path(__file__).with_name("seccomp.json")
"""The system calls a program may make. Docker 20.10's own list has io_uring, libaio (whose limit is the host's), ptrace, all of
netlink, and sockets of families that nobody needs; in ours is none of these, and nothing that is new in a kernel."""
_SECCOMP: Final = json.dumps(json.loads(SECCOMP_FILE.read_text()), separators=(",", ":"))

CPU_PERIOD_US: Final = 100_000
"""The kernel's default. With a quota instead of NanoCpus a plan may be larger than the host: Docker refuses the latter."""

OOM_SCORE_ADJ: Final = 500
"""When the whole host runs out of memory, user code dies before the orchestrator and its Redis."""

OPEN_FILES: Final = 16_384
"""10,000 chained runs that are awaited at once are as many sockets of the program that awaits them."""
MINIMUM_SHM_BYTES: Final = 64 * MIB
"""Docker's default. It grows with the plan, for multiprocessing needs it, and counts to the memory cap as it is used."""

LOG_DRIVER: Final = "local"
"""It keeps bytes as they are: "json-file" turns a character on the border of two 16 KiB pieces into replacement characters, and
takes a third more of the host's CPU."""
LOG_FILES: Final = 2
LOG_FILE_SIZE: Final = f"{LOG_BYTES // LOG_FILES // MIB}m"
"""Docker's default is unlimited: a task that prints for ever would fill the host's disk."""


CPU_SHARES: Final = 1024
"""The kernel's weight of one CPU: who wants more than there is gets it by plan."""


def create_body(spec: ContainerSpec, parent: str = "", open_files: int = OPEN_FILES) -> dict[str, Any]:
    """What is sent to create the container, below the cgroup `parent` where there is one."""
    return {
        "Image": spec.image,
        "Entrypoint": list(spec.command),
        "Cmd": [],
        "WorkingDir": spec.working_dir,
        "User": spec.user,
        "Env": [f"{name}={value}" for name, value in spec.env.items()],
        "Labels": dict(spec.labels),
        "Healthcheck": {"Test": ["NONE"]},
        "StopSignal": "SIGTERM",
        "HostConfig": _isolation(spec) | _caps(spec, open_files) | _keeping() | _below(parent),
    }


def _isolation(spec: ContainerSpec) -> dict[str, Any]:
    """What it can see and touch."""
    runtime = {"Runtime": spec.runtime} if spec.runtime else {}
    return runtime | {
        "NetworkMode": spec.network,
        "IpcMode": "private",
        "CgroupnsMode": "private",
        "Init": True,
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges", f"seccomp={_SECCOMP}"],
        "ReadonlyRootfs": True,
        "Tmpfs": {"/tmp": f"rw,exec,nosuid,nodev,mode=1777,size={spec.tmp_bytes}"},
        "Mounts": [_mount(mount) for mount in spec.mounts],
    }


def _caps(spec: ContainerSpec, open_files: int) -> dict[str, Any]:
    """How much of the host it can use; `MemorySwap` is memory and swap together, so equal means none."""
    return {
        "CpuPeriod": CPU_PERIOD_US,
        "CpuQuota": spec.cpu_millis * CPU_PERIOD_US // 1000,
        "CpuShares": max(2, spec.cpu_millis * CPU_SHARES // 1000),
        "Memory": spec.memory_bytes,
        "MemorySwap": spec.memory_bytes,
        "OomScoreAdj": OOM_SCORE_ADJ,
        "PidsLimit": spec.pids_limit,
        "ShmSize": max(spec.memory_bytes // 4, MINIMUM_SHM_BYTES),
        "Ulimits": [
            {"Name": "nofile", "Soft": open_files, "Hard": open_files},
            {"Name": "core", "Soft": 0, "Hard": 0},
        ],
    }


def _below(parent: str) -> dict[str, Any]:
    return {"CgroupParent": parent} if parent else {}


def _keeping() -> dict[str, Any]:
    """What is kept when it ends: AutoRemove would lose the exit code, and a restart policy would run an attempt twice."""
    return {
        "AutoRemove": False,
        "RestartPolicy": {"Name": "no"},
        "LogConfig": {
            "Type": LOG_DRIVER,
            "Config": {"max-size": LOG_FILE_SIZE, "max-file": str(LOG_FILES), "compress": "false"},
        },
    }


def _mount(mount: Mount) -> dict[str, Any]:
    return {
        "Type": "bind",
        "Source": mount.source,
        "Target": mount.target,
        "ReadOnly": True,
        "BindOptions": {"Propagation": "rprivate"},
    }
