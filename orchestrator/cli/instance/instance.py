"""Which orchestrator a command talks to."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from orchestrator.app.data_dir import DataDir
from orchestrator.cli import exit_codes
from orchestrator.cli.errors import CliError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from orchestrator_sdk.client import Client


def default_data_dir() -> Path:
    """Where an instance lives when nobody says otherwise."""
    return Path.home() / ".orchestrator"


@dataclass(frozen=True, slots=True)
class Instance:
    """What the options every command has say: a data directory, perhaps a URL, and how to answer."""

    data_dir: DataDir
    url: str | None = None
    as_json: bool = False

    def connect(self) -> AbstractContextManager[Client]:
        """The way to its API. Raises CliError where there is none, as does the block for what it does not answer as hoped."""
        # httpx takes a fifth of a second to import, which --help should not.
        from orchestrator.cli.instance.connection import connected
        from orchestrator_sdk.client.address import Address

        endpoint = self.data_dir.endpoint()
        url = _checked(self.url) if self.url else endpoint
        if url is None:
            raise self._not_running()
        key = os.environ.get("ORCHESTRATOR_API_KEY") or self._own_key(url, endpoint)
        own = self.data_dir.certificate_path
        return connected(Address(url, key, str(own) if url == endpoint and own.is_file() else ""))

    def source_limit_bytes(self) -> int:
        """How large a packed source may be. Raises CliError."""
        with self.connect() as api:
            return api.status().source_limit_bytes

    def command(self, *words: str) -> str:
        """What a person types to call this instance; the words are quoted already."""
        return " ".join(["orchestrator", *words]) + self.option()

    def option(self) -> str:
        """The option that names this instance, with a space before it; empty where it is the default one."""
        if self.url:
            return f" --url {shlex.quote(self.url)}"
        if self.data_dir.path == default_data_dir():
            return ""
        return f" --data-dir {shlex.quote(str(self.data_dir.path))}"

    def _own_key(self, url: str, endpoint: str | None) -> str:
        """The key of the data directory, which is for its own instance alone."""
        if url != endpoint:
            return ""
        try:
            return self.data_dir.api_key_path.read_text().strip()
        except OSError:
            return ""

    def _not_running(self) -> CliError:
        return CliError(
            f"no orchestrator runs with the data directory {self.data_dir.path}",
            f"start one with `{self.command('up', '--detach')}`, or name another with --data-dir or --url",
            exit_codes.UNREACHABLE,
        )


def _checked(url: str) -> str:
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise CliError(f"'{url}' is no URL", "it should look like http://127.0.0.1:8120", exit_codes.USAGE)
    return url.rstrip("/").removesuffix("/v1")
