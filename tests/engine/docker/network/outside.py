"""Places beyond this host, in a network namespace that it routes to: the internet's, a private one, and a cloud's metadata."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

PUBLIC: Final = "203.0.113.77"
"""Of a range that is for documents (RFC 5737), and routed nowhere."""
PRIVATE: Final = "10.213.77.1"
METADATA: Final = "169.254.169.254"
PORT: Final = 8053

_SERVER: Final = f"""
import socket
server = socket.create_server(("", {PORT}), backlog=64)
print("listening", flush=True)
while True:
    server.accept()[0].close()
"""


@contextmanager
def outside() -> Iterator[None]:
    """They answer on PORT inside the block. Needs root."""
    name = f"orc{secrets.token_hex(3)}"
    _run("ip", "netns", "add", name)
    try:
        _run("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
        _run("ip", "addr", "add", "198.51.100.1/30", "dev", name)
        _run("ip", "link", "set", name, "up")
        for address in ("198.51.100.2/30", *(f"{one}/32" for one in (PUBLIC, PRIVATE, METADATA))):
            _run("ip", "-n", name, "addr", "add", address, "dev", "eth0")
        _run("ip", "-n", name, "link", "set", "eth0", "up")
        _run("ip", "-n", name, "route", "add", "default", "via", "198.51.100.1")
        for place in (PUBLIC, PRIVATE, METADATA):
            _run("ip", "route", "add", f"{place}/32", "via", "198.51.100.2")
        with listening("ip", "netns", "exec", name):
            yield
    finally:
        _run("ip", "netns", "del", name)


@contextmanager
def listening(*prefix: str) -> Iterator[None]:
    """A server on PORT of every address, started by way of the command `prefix`."""
    with subprocess.Popen([*prefix, sys.executable, "-c", _SERVER], stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline() == b"listening\n"
            yield
        finally:
            server.kill()


def may_make_it() -> bool:
    """Whether this process may."""
    return os.geteuid() == 0


def _run(*command: str) -> None:
    subprocess.run(command, check=True)
