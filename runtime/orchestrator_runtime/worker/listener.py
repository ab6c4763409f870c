"""The socket that the worker protocol is served on: it is there before any program that may connect."""

from __future__ import annotations

import os
from _socket import AF_UNIX, SOCK_STREAM, socket  # `socket` itself would load 8 ms more, and a program waits for this

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_BACKLOG: Final = 4096
"""The kernel's own limit: whoever starts thousands of runs in one go connects thousands of times."""


def path() -> str:
    """Where this process listens."""
    return os.path.join(os.environ.get("TMPDIR", "/tmp"), f"orchestrator-{os.getpid()}.sock")


def listen(at: str) -> int:
    """Listen, and return the socket's file descriptor; who connects before there is a server waits for it."""
    listener = socket(AF_UNIX, SOCK_STREAM)
    listener.bind(at)
    os.chmod(at, 0o777)  # the container is the border, not its users
    listener.listen(_BACKLOG)
    return listener.detach()
