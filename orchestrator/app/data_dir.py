"""The instance's home on disk: who it is, its secrets, and where it can be found while it runs.

api-key        the key clients need; mode 0600
secret         what containers' passwords are derived from; mode 0600
env-key        what workflows' variables are encrypted with; mode 0600
instance       the instance's id, in the labels of all its containers
home           the path of this directory, by which a copy is known for one
lock           held by the running orchestrator; its process id inside
endpoint       the URL of the API while it is served
certificate    that of the API while it is served with TLS
orchestrator.log
sources/       the packed sources of versions, by digest
store/         the store's Redis: configuration, socket, append-only file
lines/         a folder for each container's socket, mounted into it
temporary/     what is there for the length of a build; empty when an orchestrator starts
channel/       a Redis that earlier releases had for that
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TextIO

_KEY_BYTES: Final = 24
_LOCK_TRIES: Final = 10
_LOCK_PAUSE_S: Final = 0.02


class InUse(RuntimeError):  # noqa: N818
    """Another orchestrator runs with this data directory."""


class DataDir:
    """One instance's directory; files are made as they are needed."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()

    def prepare(self) -> None:
        """Make the directory, for its owner alone. Raises OSError."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)

    @property
    def api_key_path(self) -> Path:
        """Where the API key is."""
        return self.path / "api-key"

    @property
    def certificate_path(self) -> Path:
        """Where the API's certificate is, when it is served with TLS."""
        return self.path / "certificate"

    @property
    def env_key_path(self) -> Path:
        """Where the key of workflows' variables is."""
        return self.path / "env-key"

    @property
    def log_path(self) -> Path:
        """Where a detached orchestrator logs."""
        return self.path / "orchestrator.log"

    @property
    def audit_path(self) -> Path:
        """Where it is noted who changed what by the API, a JSON object a line."""
        return self.path / "audit.log"

    @property
    def sources(self) -> Path:
        """Where the packed sources of versions are."""
        return self.path / "sources"

    @property
    def temporary(self) -> Path:
        """Where temporary files are, of the orchestrator and of what it starts."""
        return self.path / "temporary"

    @property
    def lines(self) -> Path:
        """Where the sockets of containers are, each in a folder of its own."""
        return self.path / "lines"

    def api_key(self) -> str:
        """The API's key, made when there is none."""
        return self._secret(self.api_key_path, lambda: f"orc_{secrets.token_urlsafe(_KEY_BYTES)}")

    def secret(self) -> str:
        """What only this instance knows."""
        return self._secret(self.path / "secret", lambda: secrets.token_hex(32))

    def env_key(self, make: Callable[[], str]) -> str:
        """The key of workflows' variables, made when there is none."""
        return self._secret(self.env_key_path, make)

    def instance(self) -> str:
        """The instance's id: 8 hexadecimal digits."""
        return self._secret(self.id_file, self.new_id)

    def new_id(self) -> str:
        """An id that no instance has."""
        return secrets.token_hex(4)

    @property
    def id_file(self) -> Path:
        """Where the instance's id is."""
        return self.path / "instance"

    def home(self) -> Path | None:
        """Where this directory was when it was last used, None before that."""
        try:
            return Path((self.path / "home").read_text().strip())
        except OSError:
            return None

    def settle(self) -> None:
        """Note that it is here."""
        (self.path / "home").write_text(f"{self.path}\n")

    def _secret(self, path: Path, make: Callable[[], str]) -> str:
        with contextlib.suppress(FileNotFoundError):
            return path.read_text().strip()
        self.prepare()
        text = make()
        with contextlib.suppress(FileExistsError):
            fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
            fresh.touch(mode=0o600)
            fresh.write_text(f"{text}\n")
            try:
                os.link(fresh, path)  # fails if another process was faster: then its secret counts
            finally:
                fresh.unlink()
        return path.read_text().strip()

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Be the one orchestrator of this directory. Raises InUse."""
        self.prepare()
        with (self.path / "lock").open("a+") as file:
            if not _lock(file):
                raise InUse(
                    f"an orchestrator already runs with {self.path} (process {self.pid()}): talk to it, "
                    f"or stop it with `orchestrator down --data-dir {self.path}`"
                )
            (self.path / "endpoint").unlink(missing_ok=True)  # of one that was killed
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield
            file.truncate(0)

    def pid(self) -> int | None:
        """The process id of the running orchestrator, None when there is none."""
        try:
            with (self.path / "lock").open("r+") as file:
                text = file.read().strip()
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return int(text) if text.isdecimal() else None
        except OSError:
            return None
        return None

    @contextlib.contextmanager
    def announced(self, url: str, certificate: Path | None = None) -> Iterator[None]:
        """Let clients on this host find the API while it is served, and know it by its certificate."""
        path, fresh = self.path / "endpoint", self.path / "endpoint.new"
        self.certificate_path.unlink(missing_ok=True)
        if certificate is not None:
            self.certificate_path.write_bytes(certificate.read_bytes())
        fresh.write_text(f"{url}\n")
        fresh.replace(path)  # a client that looks meanwhile must not read half of it
        try:
            yield
        finally:
            path.unlink(missing_ok=True)

    def endpoint(self) -> str | None:
        """The URL of the API, None when no orchestrator runs."""
        try:
            return (self.path / "endpoint").read_text().strip() if self.pid() else None
        except OSError:
            return None


def _lock(file: TextIO) -> bool:
    """Take the lock, trying for a moment, for `pid` holds it for an instant, too."""
    for _ in range(_LOCK_TRIES):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(_LOCK_PAUSE_S)
    return False
