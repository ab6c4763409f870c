"""Stands between an orchestrator and Docker, and can fall silent: what comes is then taken, and nothing is ever answered."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

_DOCKER: Final = "/var/run/docker.sock"
_CHUNK_BYTES: Final = 65_536


class SilentDocker:
    """A socket that answers as Docker does until it is told not to; two threads for each connection."""

    def __init__(self, path: Path) -> None:
        self.url = f"unix://{path}"
        self._is_silent = threading.Event()
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(path))
        self._server.listen(128)
        self._open: list[socket.socket] = [self._server]
        threading.Thread(target=self._accept, daemon=True).start()

    def fall_silent(self) -> None:
        """Pass nothing on any more, in neither direction."""
        self._is_silent.set()

    def close(self) -> None:
        """End it, and every connection."""
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                self._open.append(client)
                if self._is_silent.is_set():
                    continue
                docker = socket.socket(socket.AF_UNIX)
                docker.connect(_DOCKER)
                self._open.append(docker)
                for source, target in ((client, docker), (docker, client)):
                    threading.Thread(target=self._copy, args=(source, target), daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(_CHUNK_BYTES):
                if self._is_silent.is_set():
                    return
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
