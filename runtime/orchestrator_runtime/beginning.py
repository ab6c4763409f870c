"""The beginning of the process: a program beside it is started before the rest of the shim is loaded, for both take a while."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from orchestrator_runtime import wire
from orchestrator_runtime.user_code import start_command
from orchestrator_runtime.user_code.program import Program
from orchestrator_runtime.worker import listener


def main() -> NoReturn:
    """Become the host of the entry point named by the environment."""
    ours = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("ORCHESTRATOR_")}
    missing = [name for name in (wire.ENV_CHANNEL_URL, wire.ENV_ENTRY_POINT, wire.ENV_MODE) if name not in ours]
    if missing:
        sys.stderr.write(f"{' and '.join(missing)} not set: only the orchestrator starts this program\n")
        sys.exit(wire.EXIT_BAD_ENVIRONMENT)
    start = start_command.parse(ours[wire.ENV_ENTRY_POINT])
    listening = listener.listen(listener.path())
    os.environ[wire.ENV_WORKER_MODE] = ours[wire.ENV_MODE]
    os.environ[wire.ENV_WORKER_SOCKET] = listening.getsockname()
    program = Program(start) if start.kind == "program" else None

    from orchestrator_runtime import host
    from orchestrator_runtime.shim import Shim

    shim = Shim(ours, start, listening, program)
    host.current = shim
    shim.run()
