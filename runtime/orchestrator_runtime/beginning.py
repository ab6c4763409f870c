"""The beginning of the process: a program beside it is started before the shim is loaded, for both take a while."""

from __future__ import annotations

import os
import sys

from orchestrator_runtime import names
from orchestrator_runtime.user_code import spawn
from orchestrator_runtime.worker import listener

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def main() -> NoReturn:
    """Become the host of the entry point named by the environment."""
    ours = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("ORCHESTRATOR_")}
    missing = [name for name in (names.ENV_CHANNEL_URL, names.ENV_ENTRY_POINT, names.ENV_MODE) if name not in ours]
    if missing:
        sys.stderr.write(f"{' and '.join(missing)} not set: only the orchestrator starts this program\n")
        sys.exit(names.EXIT_BAD_ENVIRONMENT)
    command, path = ours[names.ENV_ENTRY_POINT], listener.path()
    listening = listener.listen(path)
    os.environ[names.ENV_WORKER_MODE] = ours[names.ENV_MODE]
    os.environ[names.ENV_WORKER_SOCKET] = path
    pid = spawn.shell(command) if spawn.is_plainly_a_program(command) else None
    _host(ours, listening, pid)


def _host(ours: dict[str, str], listening: int, pid: int | None) -> NoReturn:
    """`pid` is the program's where it is started already."""
    import socket

    from orchestrator_runtime import host
    from orchestrator_runtime.shim import Shim
    from orchestrator_runtime.user_code import start_command
    from orchestrator_runtime.user_code.program import Program

    if pid is not None:
        start = start_command.Start("program", ours[names.ENV_ENTRY_POINT])
    else:
        start = start_command.parse(ours[names.ENV_ENTRY_POINT])
        pid = spawn.shell(start.target, start.folder) if start.kind == "program" else None
    shim = Shim(ours, start, socket.socket(fileno=listening), Program(pid) if pid is not None else None)
    host.current = shim
    shim.run()
