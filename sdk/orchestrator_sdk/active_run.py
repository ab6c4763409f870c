"""The run this process is executing, if it is executing one.

A process executes one run at most, so this is global on purpose: threads a task starts may chain runs too.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from orchestrator_runtime.host import Host

host: Host | None = None
"""Set while a task is being executed; also a loaded program has a host, but no run yet to chain from."""


def find_host() -> Host | None:
    """The shim that loaded this program; None anywhere else."""
    module = sys.modules.get("orchestrator_runtime.host")
    return getattr(module, "current", None)


def begin() -> None:
    """From here on, calling a task chains a run."""
    global host
    host = find_host()
