"""The same container as a line for Docker's command line, for people who want to look at what a run saw; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from orchestrator.core.container.spec import ContainerSpec
from orchestrator.engine.docker.create_body import SECCOMP_FILE, create_body


def run_line(
    spec: ContainerSpec, *, handed_on: Iterable[str] = (), files: Mapping[str, str] | None = None
) -> list[str]:
    """The words of ``docker run`` that make the container of `spec`, on a terminal and removed afterwards.

    Variables in `handed_on` get their values from whoever runs the line; `files` are those of the host by where the container sees
    them, read-only.
    """
    body = create_body(spec)
    command = body["Entrypoint"]
    return [
        *("docker", "run", "--rm", "--interactive", "--tty", "--pull", "never"),
        *("--workdir", body["WorkingDir"], "--user", body["User"], "--no-healthcheck"),
        *_pairs("--env", [*body["Env"], *handed_on]),
        *_isolation(body["HostConfig"]),
        *_caps(body["HostConfig"]),
        *_pairs(
            "--mount",
            [f"type=bind,source={source},target={target},readonly" for target, source in (files or {}).items()],
        ),
        *("--entrypoint", command[0], body["Image"], *command[1:]),
    ]


def _isolation(host: Mapping[str, Any]) -> Iterator[str]:
    yield from _pairs("--runtime", [host["Runtime"]] if "Runtime" in host else [])
    yield from ("--network", host["NetworkMode"], "--ipc", host["IpcMode"], "--cgroupns", host["CgroupnsMode"])
    yield from ("--init", "--read-only")
    yield from _pairs("--cap-drop", host["CapDrop"])
    yield from ("--security-opt", "no-new-privileges", "--security-opt", f"seccomp={SECCOMP_FILE}")
    yield from _pairs("--tmpfs", [f"{target}:{options}" for target, options in host["Tmpfs"].items()])


def _caps(host: Mapping[str, Any]) -> Iterator[str]:
    yield from ("--cpu-period", str(host["CpuPeriod"]), "--cpu-quota", str(host["CpuQuota"]))
    yield from ("--cpu-shares", str(host["CpuShares"]))
    yield from ("--memory", str(host["Memory"]), "--memory-swap", str(host["MemorySwap"]))
    yield from ("--shm-size", str(host["ShmSize"]), "--pids-limit", str(host["PidsLimit"]))
    yield from ("--oom-score-adj", str(host["OomScoreAdj"]))
    yield from _pairs("--ulimit", [f"{one['Name']}={one['Soft']}:{one['Hard']}" for one in host["Ulimits"]])


def _pairs(option: str, values: Iterable[str]) -> Iterator[str]:
    for value in values:
        yield from (option, value)
