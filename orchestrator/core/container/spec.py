"""What a container of ours is, before any engine is asked for one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from orchestrator.core.container.network import EVERYWHERE, NONE, Reach
from orchestrator.core.container.user import NOBODY, PASSWD_FILE, user_of
from orchestrator.core.plans import MIB, Plan
from orchestrator_runtime import wire

LABEL_INSTANCE: Final = "orchestrator.instance"
"""The owner of a container, network or volume; nothing without our own instance id in it is ever touched."""
LABEL_ROLE: Final = "orchestrator.role"
LABEL_RUN: Final = "orchestrator.run"
LABEL_ATTEMPT: Final = "orchestrator.attempt"
LABEL_FENCE: Final = "orchestrator.fence"
LABEL_CHANNEL: Final = "orchestrator.channel"
"""The random part of the container's channel names, so that a restarted orchestrator finds them again."""

NODE_OPTIONS: Final = "NODE_OPTIONS"
"""Where Node reads options, the last of which counts: those of users come last."""


class Role(StrEnum):
    """What a container is for."""

    ATTEMPT = "attempt"
    REGISTER = "register"
    WARM = "warm"
    """Started ahead; the run it was given to names its channel."""
    NETWORK = "network"
    """It only keeps a network namespace open."""


@dataclass(frozen=True, slots=True)
class Mount:
    """A host directory seen read-only at `target`."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class ContainerSpec:
    """One container to be created: capped, unprivileged, with a read-only root and its own temporary directory.

    `network` is a Docker network's name, or "none"; on the instance's own, `reach` are the places it may reach. `tmp_bytes` counts
    to the memory cap as it is used.
    """

    name: str
    image: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    labels: Mapping[str, str]
    cpu_millis: int
    memory_bytes: int
    pids_limit: int
    tmp_bytes: int
    working_dir: str
    network: str
    mounts: tuple[Mount, ...] = ()
    user: str = NOBODY
    runtime: str = ""
    reach: Reach = EVERYWHERE


PIDS_LIMIT: Final = 512
"""Stops a fork bomb, leaves room for thread-heavy libraries; the whole host has 32,768 by default."""

LOG_BYTES: Final = 10 * MIB
"""What the engine keeps of a container's output: all that a container can write to disk, for its root is read-only and its
temporary files are memory."""


@dataclass(frozen=True, slots=True)
class ContainerIdentity:
    """What tells one container of ours from all others; `channel_id` is random."""

    instance: str
    role: Role
    channel_id: str
    run_id: str = ""
    attempt: int = 0
    fence: int = 0

    @property
    def name(self) -> str:
        """Unique for ever: a name stays taken while Docker removes its container."""
        return f"orc-{self.instance}-{self.run_id or self.role}-{self.attempt}-{self.channel_id[:8]}"

    def labels(self) -> dict[str, str]:
        """What the engine keeps with the container."""
        return {
            LABEL_INSTANCE: self.instance,
            LABEL_ROLE: self.role,
            LABEL_RUN: self.run_id,
            LABEL_ATTEMPT: str(self.attempt),
            LABEL_FENCE: str(self.fence),
            LABEL_CHANNEL: self.channel_id,
        }


@dataclass(frozen=True, slots=True)
class ContainerDefaults:
    """What all containers of an instance have in common, and in `lines` the folder with a folder for each of their channels.

    `keeps_lists`: on their network a container reaches what its list of places has, and no more. `own_users`: each is another user.
    """

    network: str
    channel_mounts: tuple[Mount, ...]
    command: tuple[str, ...]
    working_dir: str
    runtime: str = ""
    lines: str = ""
    keeps_lists: bool = True
    own_users: bool = True

    def mounts(self, channel_id: str) -> tuple[Mount, ...]:
        """What a container sees of the host: its own channel, and who it is."""
        if not self.lines:
            return self.channel_mounts
        own = Mount(f"{self.lines}/{channel_id}", wire.CHANNEL_DIR)
        passwd = Mount(f"{own.source}/{PASSWD_FILE}", "/etc/passwd")
        return (*self.channel_mounts, own, passwd) if self.own_users else (*self.channel_mounts, own)

    def user(self, channel_id: str) -> str:
        """Who the processes of a container are."""
        return user_of(channel_id) if self.own_users else NOBODY


def compile_spec(
    identity: ContainerIdentity,
    image: str,
    plan: Plan,
    env: Mapping[str, str],
    defaults: ContainerDefaults,
    reach: Reach = EVERYWHERE,
) -> ContainerSpec:
    """The container for one attempt, or one registration, of an image, which may reach these places."""
    return ContainerSpec(
        name=identity.name,
        image=image,
        command=defaults.command,
        env={**_environment(plan), **env, NODE_OPTIONS: f"{_heap(plan)} {env.get(NODE_OPTIONS, '')}".rstrip()},
        labels=identity.labels(),
        cpu_millis=plan.cpu_millis,
        memory_bytes=plan.memory_bytes,
        pids_limit=PIDS_LIMIT,
        tmp_bytes=max(plan.memory_bytes // 2, 64 * MIB),
        working_dir=defaults.working_dir,
        network=defaults.network if reach else NONE,
        mounts=defaults.mounts(identity.channel_id),
        user=defaults.user(identity.channel_id),
        runtime=defaults.runtime,
        reach=reach,
    )


def heap_bytes(plan: Plan) -> int:
    """What V8's heap may take of the plan's memory, where it would stop at half of it by itself.

    The share is Node's own advice (doc/api/cli.md: 1.5 GB of 2 GB); the rest is for buffers, threads, /tmp and the shim.
    """
    return plan.memory_bytes * 3 // 4


def _heap(plan: Plan) -> str:
    return f"--max-old-space-size={heap_bytes(plan) // MIB}"


_THREADS: Final = (
    "OMP_NUM_THREADS",  # what is built with OpenMP: scikit-learn, PyTorch, XGBoost
    "OPENBLAS_NUM_THREADS",  # NumPy and SciPy from PyPI
    "MKL_NUM_THREADS",
    "NUMEXPR_MAX_THREADS",
    "NUMBA_NUM_THREADS",
    "POLARS_MAX_THREADS",
    "GOMAXPROCS",
    "RAYON_NUM_THREADS",  # what is written in Rust: tokenizers
)
"""Each library asks for its own."""


def _environment(plan: Plan) -> dict[str, str]:
    """Where libraries may write on a read-only root, and how many threads they should start.

    `os.cpu_count()` sees the host's CPUs whatever the cap, so the usual variables say what the plan really gives.
    """
    threads = str(max(1, plan.cpu_millis // 1000))
    return {
        "HOME": "/tmp",
        "USER": "run",
        "LOGNAME": "run",
        "XDG_CACHE_HOME": "/tmp/.cache",
        "MPLCONFIGDIR": "/tmp/.matplotlib",
        "HF_HOME": "/tmp/.huggingface",
        "PYTHONUNBUFFERED": "1",
        "PYTHON_CPU_COUNT": threads,
        **dict.fromkeys(_THREADS, threads),
    }


@dataclass(frozen=True, slots=True)
class Usage:
    """What a container's processes hold now; memory is without page cache, CPU what they used in the last second."""

    memory_bytes: int = 0
    pids: int = 0
    cpu_millis: int = 0


@dataclass(frozen=True, slots=True)
class ContainerState:
    """What the engine says about one container.

    `created_at_ms` is None where the engine does not say, `started_at_ms` when it never started, `exit_code` unless it ended.
    `error` is the engine's own word on a start that failed. `oom_killed` means that some process in it was killed for memory, not
    that this ended it. `is_unwatched`: the engine may have been restarted while it lived. `cannot_run`: its command is not there or
    not a program.
    """

    id: str
    labels: Mapping[str, str] = field(default_factory=dict)
    running: bool = False
    created_at_ms: int | None = None
    started_at_ms: int | None = None
    exit_code: int | None = None
    oom_killed: bool = False
    error: str = ""
    image: str = ""
    is_unwatched: bool = False
    cannot_run: bool = False
    ended_at_ms: int | None = None

    @property
    def channel_id(self) -> str:
        """Its channel's, empty when it has none; containers of earlier releases have it under another name."""
        return self.labels.get(LABEL_CHANNEL) or self.labels.get("orchestrator.streams", "")

    def ended_before(self, at_ms: int | None) -> bool:
        """Whether it is known to have ended before that time; nothing did before None."""
        return self.ended_at_ms is not None and at_ms is not None and self.ended_at_ms < at_ms

    @property
    def has_exited(self) -> bool:
        """Whether it ran and ended; a created one did not."""
        return not self.running and self.exit_code is not None and self.started_at_ms is not None
