"""The socket on which the API is served, and whose the port is when it is taken."""

from __future__ import annotations

import errno
import ipaddress
import logging
import os
import socket
from pathlib import Path
from typing import Final

from orchestrator.app.data_dir import DataDir
from orchestrator.host import processes

log = logging.getLogger(__name__)

_WILDCARDS: Final = ("0.0.0.0", "::", "")


class PortUnusable(RuntimeError):  # noqa: N818
    """Nothing can listen there; the message says why, and what to do."""


class Unprotected(RuntimeError):  # noqa: N818
    """Nobody should listen there like that; the message says what to do instead."""


def check_reach(host: str, *, has_key: bool, has_tls: bool) -> None:
    """Raise Unprotected where others than this machine could do everything, and warn where they could learn the key."""
    if _is_loopback(host):
        return
    if not has_key:
        message = f"without a key, whoever reaches {host or 'this machine'} could run anything here"
        raise Unprotected(f"{message}: leave --no-auth out, or listen on 127.0.0.1")
    if not has_tls:
        log.warning("keys and results go over the network in the clear: serve TLS (--tls-cert, --tls-key)")


def url_of(host: str, port: int, *, has_tls: bool) -> str:
    """How clients on this host reach what listens on `host`."""
    name = "127.0.0.1" if host in _WILDCARDS else f"[{host}]" if ":" in host else host
    return f"{'https' if has_tls else 'http'}://{name}:{port}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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
