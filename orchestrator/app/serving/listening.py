"""The socket on which the API is served, and whose the port is when it is taken."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

from orchestrator.app.data_dir import DataDir
from orchestrator.host import processes


class PortUnusable(RuntimeError):  # noqa: N818
    """Nothing can listen there; the message says why, and what to do."""


def listen(host: str, port: int) -> socket.socket:
    """A socket on which the API can be served; port 0 is any free one. Raises PortUnusable."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family, backlog=1024)
        # asyncio would do this only for sockets made with the protocol's number; without it each answer takes 40 ms more.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except (TypeError, UnicodeError) as error:
        raise PortUnusable(f"{host!a} is no name of a host: give an address with --host") from error
    except OSError as error:
        raise PortUnusable(f"port {port} of {host} cannot be used: {_reason(port, error)}") from error


def _reason(port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"{taken_by(port)}, or choose another with --port"
    return f"{os.strerror(error.errno or 0)}: choose another with --host and --port"


def taken_by(port: int) -> str:
    """Whose the port is, and how to talk to it or end it."""
    found = processes.listener(port)
    if found is None:
        return f"something listens there already: stop it (sudo ss -ltnp 'sport = :{port}' says what it is)"
    if data_dir := _data_dir(found.pid):
        return (
            f"the orchestrator of {data_dir} (process {found.pid}) has it: talk to that one with --data-dir {data_dir}, "
            f"or stop it with `orchestrator down --data-dir {data_dir}`"
        )
    return f"process {found.pid} ({found.command}) has it: stop that"


def _data_dir(pid: int) -> Path | None:
    """The directory of which the process is the orchestrator: that whose lock it holds."""
    folders = (Path(file).parent for file in processes.open_files(pid) if Path(file).name == "lock")
    ours = (folder for folder in folders if (folder / "instance").exists())
    return next((folder for folder in ours if DataDir(folder).pid() == pid), None)
