"""Commands on the engine's host: started by this process where that is its host and it may, else by a container there."""

from __future__ import annotations

import asyncio
import os
import shutil
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path
from typing import Final

from orchestrator.engine.base import EngineError
from orchestrator.engine.docker.client import DockerApi

BASE_REPOSITORY: Final = "orchestrator-base"
_INTERFACES: Final = Path("/sys/class/net")
_LIMIT_S: Final = 20.0
_CAPABILITIES: Final = ("NET_ADMIN", "NET_RAW", "SYS_CHROOT")


class HostCommands:
    """Of one engine."""

    def __init__(self, api: DockerApi) -> None:
        self._api = api

    async def run(self, script: str, interface: str) -> str:
        """What the script for ``sh -e`` printed, in the network namespace that has the interface. Raises EngineError."""
        is_here = os.geteuid() == 0 and (_INTERFACES / interface).exists()
        command = ["sh", "-e"] if is_here else await self._in_a_container()
        process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=STDOUT)
        try:
            async with asyncio.timeout(_LIMIT_S):
                printed, _ = await process.communicate(script.encode())
        except TimeoutError as error:
            process.kill()
            raise EngineError(f"the host's iptables took over {_LIMIT_S:g} s") from error
        if process.returncode:
            raise EngineError(printed.decode(errors="replace").strip()[-500:] or f"exit code {process.returncode}")
        return printed.decode(errors="replace")

    async def _in_a_container(self) -> list[str]:
        """Our own image, never a user's: it has the host's network, and sees the host's files."""
        if (docker := shutil.which("docker")) is None:
            raise EngineError("this user is not root, and there is no docker command")
        bases = await self._api.call("list images", lambda client: client.images(name=BASE_REPOSITORY))
        if not bases:
            raise EngineError(f"this user is not root, and there is no image {BASE_REPOSITORY} yet")
        return [
            docker, "--host", self._api.url, "run", "--rm", "--interactive", "--pull", "never",
            *("--network", "host", "--user", "0:0", "--log-driver", "none", "--read-only"),
            *("--cap-drop", "ALL", *(word for one in _CAPABILITIES for word in ("--cap-add", one))),
            *("--volume", "/:/host", "--entrypoint", "chroot"),
            *(bases[0]["Id"], "/host", "sh", "-e"),
        ]  # fmt: skip
