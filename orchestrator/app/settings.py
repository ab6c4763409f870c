"""Every setting, once: its name, type, unit and default; each can be given as ``ORCHESTRATOR_<NAME>`` in the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from orchestrator.core.container.network import read_places
from orchestrator.core.plans import GIB, MIB
from orchestrator.core.workflow import SOURCE_BYTES


def _are_places(text: str) -> str:
    read_places(text)
    return text


class Settings(BaseSettings):
    """How one instance runs."""

    model_config = SettingsConfigDict(env_prefix="ORCHESTRATOR_", frozen=True)

    data_dir: Path = Field(default_factory=lambda: Path.home() / ".orchestrator")
    """Home of the instance: its key, its Redis servers' files, its log."""

    host: str = "127.0.0.1"
    """Where the API listens; anything but loopback makes it reachable by others."""

    port: int = Field(default=8120, ge=0, le=65_535)

    no_auth: bool = False
    """Serve the API without a key: on loopback only."""

    tls_cert: Path | None = None
    """A certificate (PEM, with those that vouch for it): the API is then served with TLS alone, and `tls_key` is needed."""

    tls_key: Path | None = None
    """Its key (PEM, without a password)."""

    allowed_hosts: str = ""
    """Names, separated by commas, by which the API may be called besides its address, such as that of a server before it."""

    key_requests_per_s: float = Field(default=2_000, gt=0)
    """How many requests a second each key may ask for, and each address from which somebody asks without one; 429 beyond."""

    key_open_requests: int = Field(default=1_000, ge=1)
    """How many of them may be open at a time; streams are, for as long as somebody follows."""

    store_url: str | None = None
    """A Redis to hold the truth, instead of one started by `up`."""

    channel_url: str | None = None
    """A Redis for containers to talk through, as both sides see it (redis://host:port), instead of a socket for each of them."""

    forget_variables: bool = False
    """When the store has variables under another key than the data directory's, forget them instead of refusing to start."""

    docker_url: str | None = None
    """The engine's address; by default DOCKER_HOST, else the local socket."""

    network: str | None = None
    """The Docker network of run containers; by default a bridge of the instance's own; "none" cuts them off."""

    network_allow: Annotated[str, AfterValidator(_are_places)] = ""
    """Private places that runs may reach on that bridge, with commas between them: IPv4 ranges, and names of hosts.

    This host's own addresses only where they are named one by one. Without it runs reach the internet and nothing nearer.
    """

    container_runtime: str = ""
    """The OCI runtime of run containers, such as runsc; by default the engine's."""

    capacity_cpus: float | None = Field(default=None, gt=0)
    """CPUs that runs may reserve together; by default all of the host's."""

    cpu_overcommit: float = Field(default=0.25, gt=0, le=1)
    """The share of a plan's CPU that a run reserves at most; the plan stays its cap, and the kernel shares by plan.

    A run whose task was seen to need less than this share reserves that. With 1 all of the plan is reserved, whatever was seen.
    """

    memory_reservation: Literal["seen", "plan"] = "seen"
    """Whether a run reserves the memory its task was seen to need, once enough attempts were seen, or always its plan's."""

    memory_limit_bytes: int | None = Field(default=None, ge=0)
    """What all run containers may use together; by default the host's memory less 1 GiB.

    0 is no limit; then, and where the host does not allow one, each run reserves its plan's memory.
    """

    host_memory_reserve_bytes: int | None = Field(default=None, ge=0)
    """With less of the host's memory free, whoever uses it, nothing starts; by default a sixteenth, 512 MiB at most."""

    host_memory_pressure_percent: float = Field(default=20.0, ge=0, le=100)
    """With tasks waiting for memory more of the time, and less than a quarter of it free, nothing starts; 100 is no limit."""

    parallel_starts: int | None = Field(default=None, ge=1)
    """How many containers are being started at once; by default three for each of the host's CPUs."""

    warm: Literal["imported", "off"] = "imported"
    """Whether containers are started ahead for tasks in recent demand, with the user's code imported; each serves one attempt.

    With "off" none are, whatever tasks say."""

    warm_memory_bytes: int | None = Field(default=None, ge=0)
    """What containers that were started ahead may use together; by default a tenth of what runs may reserve."""

    capacity_memory_bytes: int | None = Field(default=None, gt=0)
    """Memory that runs may reserve together; by default the host's less 1 GiB."""

    capacity_pids: int | None = Field(default=None, gt=0)
    """Processes and threads that runs may reserve together, 512 each; by default what the host's kernel allows less 4,096."""

    disk_reserve_bytes: int = Field(default=512 * MIB, ge=0)
    """What must stay free on the engine's disk and the instance's own: with less, no run starts until there is more.

    With less on the instance's own disk no runs are accepted, with less on either no deploys.
    """

    queue_ttl_s: int = Field(default=7 * 24 * 3600, gt=0)
    """How long a run may wait for capacity before it fails; a request can say otherwise."""

    start_timeout_s: float = Field(default=120.0, gt=0)
    """From the claim until the user's code is loaded."""

    grace_s: float = Field(default=5.0, ge=0)
    """From SIGTERM to SIGKILL."""

    lease_s: float = Field(default=10.0, ge=1)
    """Of several orchestrators on one store one schedules; should it die, another takes over after so long. The same for all."""

    sweep_s: float = Field(default=5.0, gt=0)
    """Between two looks at all containers."""

    build_timeout_s: float = Field(default=1800.0, gt=0)

    build_memory_bytes: int | None = Field(default=None, ge=0)
    """What the steps of all builds may use together; by default half of the host's memory, and 0 is no limit.

    With Docker before 23 it holds for all that BuildKit builds on the host, whoever asked for it.
    """

    source_bytes: int = Field(default=SOURCE_BYTES, ge=MIB, le=GIB)
    """How large a source may be when it is packed; unpacked it may be eight times that. The store holds it until it is built."""

    parallel_builds: int = Field(default=2, ge=1)
    """How many versions are built side by side; those of one workflow are built one after the other."""

    register_timeout_s: float = Field(default=60.0, gt=0)

    store_fsync: Literal["always", "everysec"] = "everysec"
    """When the store's log reaches the disk: before each answer, or once a second.

    The end of a process loses nothing either way, but for a Redis that is killed while a slow disk is behind. A power cut or
    a crash of the kernel may lose the last second with "everysec" (two on a slow disk), and nothing with "always", which makes
    each change cost a disk write.
    """

    store_memory_bytes: int | None = Field(default=None, gt=0)
    """What the store may hold, logs included; by default a quarter of the host's memory. At nine tenths new runs are refused."""

    tree_memory_bytes: int | None = Field(default=None, ge=0)
    """What inputs, results, errors and logs of one tree of runs may hold of the store; by default a quarter of its memory.

    0 is no limit. A run that asks for more than that is refused what it asks for, and others go on."""

    keep_runs_days: float = Field(default=30.0, ge=0)
    """How long runs are kept, with logs, after the last run of their tree ended; 0 is no limit."""

    keep_runs_max: int = Field(default=100_000, ge=0)
    """How many finished runs are kept, the newest; 0 is no limit."""

    keep_memory_bytes: int | None = Field(default=None, ge=0)
    """While the store holds more, the oldest finished runs are removed; by default half of what it may hold, 0 is no limit."""

    keep_versions: int = Field(default=5, ge=0)
    """How many versions of a workflow are kept, the newest, beside those that serve or that unfinished runs need; 0 is all."""

    keep_sources_bytes: int = Field(default=GIB, ge=0)
    """How much of the packed sources of versions is kept to build their images again, the newest; 0 is no limit."""

    keep_interval_s: float = Field(default=60.0, gt=0)
    """Between two looks at what has been kept for long enough."""

    open_metrics: bool = False
    """Serve /metrics without the key: it shows ids of workflows, names of tasks, and numbers."""

    log_level: str = "INFO"

    log_format: Literal["text", "json"] = "text"
    """How the orchestrator logs: lines for people, or a JSON object a line, with the run's id where a line is about one."""
