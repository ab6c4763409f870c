"""What doctor checks, each with the command that mends it."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from orchestrator.app.data_dir import DataDir
from orchestrator.cli.doctor.machine import Machine
from orchestrator.core.plans import DEFAULT_PLAN, GIB, PLANS, format_bytes
from orchestrator.engine.docker.faults import fix_for

_PYTHON: Final = (3, 11)
_DOCKER_MAJOR: Final = 20
_REDIS_MAJOR: Final = 7
_GOOD_STORAGE: Final = frozenset({"overlay2", "overlayfs", "btrfs", "zfs", "fuse-overlayfs", "stargz"})
_FREE_FAIL_BYTES: Final = 1 * GIB
_FREE_WARN_BYTES: Final = 5 * GIB
_BASE: Final = "orchestrator-base:py3"
_HAS_A_WAY_OUT: Final = """
import sys
routes = [line.split() for line in open("/proc/net/route")][1:]
sys.exit(any(route[1] == "00000000" for route in routes) is False)
"""
"""A default route, in the words of proc(5)."""
_DOCKER_SAYS: Final = "docker: Error response from daemon: "
_FAST_RUNTIME: Final = "crun"
_FASTER: Final = "some 15 %"
_USE_IT: Final = f"ORCHESTRATOR_CONTAINER_RUNTIME={_FAST_RUNTIME}"
_KEPT_BYTES: Final = GIB
"""What the orchestrator leaves to itself and the host."""


class Verdict(StrEnum):
    """What a check found."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One finding; `fix` is a command or a sentence, empty when all is well."""

    name: str
    verdict: Verdict
    message: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is examined: a machine, for an instance with this data directory, host and port.

    `network` and `runtime` are those of run containers, as in the settings.
    """

    machine: Machine
    data_dir: DataDir
    listen_host: str = "127.0.0.1"
    port: int = 8120
    network: str | None = None
    runtime: str = ""


def examine(subject: Subject) -> Iterator[Check]:
    """Every finding, one after the other: some take a second."""
    yield _python(subject)
    info = _docker_info(subject.machine)
    yield from _docker(subject, info)
    for check in _THE_REST:
        yield check(subject)


def _python(subject: Subject) -> Check:
    version = subject.machine.python_version()
    if tuple(int(part) for part in version.split(".")[:2]) >= _PYTHON:
        return Check("Python", Verdict.OK, version)
    return Check(
        "Python", Verdict.FAIL, f"{version} is too old", "install Python 3.11 or newer, and the orchestrator with it"
    )


# --- Docker ---


def _docker_info(machine: Machine) -> dict[str, Any] | str:
    """What the engine says about itself, or why it does not."""
    docker = machine.find("docker")
    if docker is None:
        return "no docker command"
    answer = machine.ask(docker, "info", "--format", "{{json .}}")
    try:
        info: dict[str, Any] = json.loads(answer.output.splitlines()[-1])
    except (ValueError, IndexError):
        return answer.output or "no answer"
    errors = info.get("ServerErrors") or []
    return "; ".join(errors) if errors or not info.get("ServerVersion") else info


def _docker(subject: Subject, info: dict[str, Any] | str) -> Iterator[Check]:
    if isinstance(info, str):
        yield _no_docker(subject, info)
        return
    yield _docker_version(info)
    yield _cgroups(info)
    yield _storage(info)
    yield _docker_disk(subject, info)
    yield _buildkit(subject)
    base = _base_image(subject)
    yield base
    if base.verdict is Verdict.OK:
        yield container(subject)
        yield _runtime(subject, info)


def _no_docker(subject: Subject, reason: str) -> Check:
    name = "Docker"
    if reason == "no docker command":
        return Check(name, Verdict.FAIL, "not installed", "apt-get install docker.io  (or your system's package)")
    if "permission denied" in reason.lower():
        fix = f"sudo usermod -aG docker {shlex.quote(subject.machine.user())}  (then log in again)"
        return Check(name, Verdict.FAIL, "you may not use the engine's socket", fix)
    last = reason.splitlines()[-1] if reason else "it says nothing"
    return Check(
        name, Verdict.FAIL, f"the engine does not answer: {last}", "sudo systemctl start docker  (or: make setup)"
    )


def _docker_version(info: dict[str, Any]) -> Check:
    version = str(info["ServerVersion"])
    major = version.split(".", 1)[0]
    if major.isdecimal() and int(major) < _DOCKER_MAJOR:
        return Check("Docker", Verdict.FAIL, f"engine {version} is too old", "install Docker 20.10 or newer")
    return Check("Docker", Verdict.OK, f"engine {version} answers")


def _cgroups(info: dict[str, Any]) -> Check:
    missing = [name for name in ("MemoryLimit", "CpuCfsQuota", "PidsLimit") if info.get(name) is False]
    version = info.get("CgroupVersion") or "1"
    if missing:
        fix = "mount the cgroup controllers cpu, memory and pids, then restart Docker"
        return Check("cgroups", Verdict.FAIL, f"v{version} cannot cap: no {', '.join(missing)}", fix)
    return Check("cgroups", Verdict.OK, f"v{version}, driver {info.get('CgroupDriver', 'unknown')}")


def _storage(info: dict[str, Any]) -> Check:
    driver = str(info.get("Driver", "unknown"))
    if driver in _GOOD_STORAGE:
        return Check("image storage", Verdict.OK, driver)
    fix = "set storage-driver to overlay2 in /etc/docker/daemon.json, then restart Docker"
    return Check("image storage", Verdict.WARN, f"{driver}: containers start slowly and fill the disk", fix)


def _buildkit(subject: Subject) -> Check:
    answer = subject.machine.ask(subject.machine.images_script("docker-cli"))
    if answer.is_ok:
        return Check("image builder", Verdict.OK, f"BuildKit by {answer.output}")
    fix = "apt-get install docker.io  (or the docker-buildx-plugin of docker.com)"
    return Check("image builder", Verdict.FAIL, "no docker command with BuildKit", fix)


def _base_image(subject: Subject) -> Check:
    script = subject.machine.images_script("ensure-base")
    found = subject.machine.ask("docker", "image", "inspect", "--format", "{{.Id}}", _BASE)
    if found.is_ok:
        return Check("base image", Verdict.OK, _BASE)
    return Check("base image", Verdict.WARN, "not made yet: the first deploy takes a minute longer", script)


def container(subject: Subject) -> Check:
    """Whether one starts as runs do, with a network."""
    network = subject.network or "bridge"
    probe = "pass" if network == "none" else _HAS_A_WAY_OUT
    options = ["--network", network, *(["--runtime", subject.runtime] if subject.runtime else [])]
    began_s = subject.machine.now_s()
    done = subject.machine.ask("docker", "run", "--rm", *options, _BASE, "python3", "-c", probe)
    if done.is_ok:
        took_s = subject.machine.now_s() - began_s
        return Check("containers", Verdict.OK, f"one started on network {network} and ended in {took_s:.1f} s")
    reason = done.output.removeprefix(_DOCKER_SAYS).partition("\n")[0] or "it has no default route"
    fix = (
        fix_for(reason)
        or "sudo systemctl restart docker  (it makes its networks anew; its log is journalctl -u docker)"
    )
    return Check("containers", Verdict.FAIL, f"none works on network {network}: {reason}", fix)


def _runtime(subject: Subject, info: dict[str, Any]) -> Check:
    """Which OCI runtime makes containers, and whether a faster one is there."""
    name, usual = "OCI runtime", str(info.get("DefaultRuntime") or "runc")
    if subject.runtime or usual == _FAST_RUNTIME:
        return Check(name, Verdict.OK, subject.runtime or usual)
    if _FAST_RUNTIME not in (info.get("Runtimes") or {}):
        return Check(
            name, Verdict.OK, f"{usual}; with {_FAST_RUNTIME} containers start {_FASTER} sooner, if you register it"
        )
    done = subject.machine.ask("docker", "run", "--rm", "--network", "none", "--runtime", _FAST_RUNTIME, _BASE, "true")
    if done.is_ok:
        return Check(
            name, Verdict.OK, f"{usual}; {_FAST_RUNTIME} works here and starts containers {_FASTER} sooner: {_USE_IT}"
        )
    reason = done.output.removeprefix(_DOCKER_SAYS).partition("\n")[0]
    return Check(name, Verdict.OK, f"{usual}; {_FAST_RUNTIME} is registered, but does not work here: {reason}")


# --- everything else ---


def _redis(subject: Subject) -> Check:
    path = subject.machine.find("redis-server")
    if path is None:
        fix = "apt-get install redis-server  (or name running ones with --store-url and --channel-url)"
        return Check("redis-server", Verdict.FAIL, "not installed", fix)
    said = subject.machine.ask(path, "--version").output
    version = re.search(r"v=(\d+)[\d.]*", said)
    if version is not None and int(version[1]) < _REDIS_MAJOR:
        fix = f"install Redis {_REDIS_MAJOR} or newer: older ones cannot keep containers apart"
        return Check("redis-server", Verdict.FAIL, f"{version[0][2:]} is too old", fix)
    return Check("redis-server", Verdict.OK, f"{path} {version[0][2:] if version else ''}".rstrip())


def _data_dir(subject: Subject) -> Check:
    path = subject.data_dir.path
    if reason := subject.machine.write_error(path):
        return Check(
            "data directory", Verdict.FAIL, reason, "choose another with --data-dir, or make it yours with chown"
        )
    return Check("data directory", Verdict.OK, str(path))


def _disk(subject: Subject) -> Check:
    return _room_on(subject.machine, "disk", subject.data_dir.path)


def _docker_disk(subject: Subject, info: dict[str, Any]) -> Check:
    return _room_on(subject.machine, "Docker's disk", Path(info.get("DockerRootDir") or "/var/lib/docker"))


def _room_on(machine: Machine, name: str, folder: Path) -> Check:
    free_bytes = machine.free_bytes(folder)
    message = f"{format_bytes(free_bytes // GIB * GIB or free_bytes)} free"
    if free_bytes < _FREE_WARN_BYTES:
        verdict = Verdict.FAIL if free_bytes < _FREE_FAIL_BYTES else Verdict.WARN
        return Check(name, verdict, message, "docker image prune --all  (removes images no container uses)")
    return Check(name, Verdict.OK, message)


def _port(subject: Subject) -> Check:
    if url := subject.data_dir.endpoint():
        return Check("port", Verdict.OK, f"ours: the orchestrator serves {url}")
    reason = subject.machine.listen_error(subject.listen_host, subject.port)
    if reason is None:
        return Check("port", Verdict.OK, f"{subject.port} is free")
    return Check("port", Verdict.FAIL, reason, f"orchestrator up --port {subject.port + 1}")


def _size(subject: Subject) -> Check:
    cpus, memory_bytes = subject.machine.cpus(), subject.machine.memory_bytes()
    default = PLANS[DEFAULT_PLAN]
    message = f"{cpus} CPUs, {format_bytes(memory_bytes // GIB * GIB or memory_bytes)}"
    if memory_bytes - _KEPT_BYTES < default.memory_bytes:
        fix = f"use plan starter, or a machine with more than {format_bytes(default.memory_bytes + _KEPT_BYTES)}"
        return Check("CPU and memory", Verdict.WARN, f"{message}: not even one {default.name} run fits", fix)
    fitting = min(cpus * 1000 // default.cpu_millis, (memory_bytes - _KEPT_BYTES) // default.memory_bytes)
    return Check("CPU and memory", Verdict.OK, f"{message}: {fitting} {default.name} runs at a time")


_THE_REST: Final[tuple[Callable[[Subject], Check], ...]] = (_redis, _data_dir, _disk, _port, _size)
