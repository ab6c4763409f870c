"""A machine on which all is well, but for what a test breaks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from orchestrator.cli.doctor.machine import Answer, Machine
from orchestrator.core.plans import GIB

INFO: dict[str, Any] = {
    "ServerVersion": "27.1.0",
    "Driver": "overlay2",
    "CgroupVersion": "2",
    "CgroupDriver": "systemd",
    "MemoryLimit": True,
    "CpuCfsQuota": True,
    "PidsLimit": True,
}


class FakeHost(Machine):
    """Every answer is a field."""

    def __init__(self) -> None:
        self.version = "3.12.1"
        self.programs = {"docker": "/usr/bin/docker", "redis-server": "/usr/bin/redis-server"}
        self.docker_info = Answer(0, json.dumps(INFO))
        self.buildkit = Answer(0, "/usr/bin/docker")
        self.base_image = Answer(0, "sha256:1")
        self.container = self.crun = Answer(0, "")
        self.asked: list[tuple[str, ...]] = []
        self.write_problem: str | None = None
        self.listen_problem: str | None = None
        self.redis_version = "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64"
        self.disk_bytes = 50 * GIB
        self.ram_bytes = 16 * GIB

    def python_version(self) -> str:
        return self.version

    def user(self) -> str:
        return "ada"

    def find(self, program: str) -> str | None:
        return self.programs.get(program)

    def now_s(self) -> float:
        return 0.0

    def ask(self, *command: str) -> Answer:
        self.asked.append(command)
        if command[1:2] == ("run",) and "crun" in command:
            return self.crun
        if command[1:2] == ("run",):
            return self.container
        if command[0].endswith("docker-cli"):
            return self.buildkit
        if command[-1] == "--version":
            return Answer(0, self.redis_version)
        return self.base_image if "inspect" in command else self.docker_info

    def write_error(self, folder: Path) -> str | None:
        return self.write_problem

    def free_bytes(self, folder: Path) -> int:
        return self.disk_bytes

    def listen_error(self, host: str, port: int) -> str | None:
        return self.listen_problem

    def cpus(self) -> int:
        return 8

    def memory_bytes(self) -> int:
        return self.ram_bytes
