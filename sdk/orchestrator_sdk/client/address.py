"""Where the orchestrator is, and the key to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

DEFAULT_URL: Final = "http://127.0.0.1:8120"
_TRUE: Final = ("1", "t", "T", "true", "TRUE", "True")


@dataclass(frozen=True, slots=True)
class Address:
    """`url` has neither ``/v1`` nor a slash at its end; `api_key` is empty where none is known.

    `certificate` is the file of the one certificate to trust, whatever name it was made for; `ca_file` of those whose word is
    taken instead of the system's. Both may be empty.
    """

    url: str
    api_key: str
    certificate: str = ""
    ca_file: str = ""

    @property
    def is_tls(self) -> bool:
        """Whether certificates matter."""
        return self.url.startswith("https:")

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine, so that no proxy can be on the way."""
        return urlsplit(self.url).hostname in ("127.0.0.1", "localhost", "::1")


def find(
    url: str | None, api_key: str | None, environment: Mapping[str, str], certificate: str | None = None
) -> Address:
    """What was given, else what the environment says, else what the instance in the data directory wrote down.

    The key of the data directory goes to that instance alone. Raises ValueError for what is no URL.
    """
    data_dir = environment.get("ORCHESTRATOR_DATA_DIR") or "~/.orchestrator"
    endpoint = _read(data_dir, "endpoint").rstrip("/")
    chosen = _checked(url or _from_environment(environment) or endpoint or DEFAULT_URL)
    key = api_key or environment.get("ORCHESTRATOR_API_KEY") or environment.get("RENDER_API_KEY")
    if key is None and chosen in (endpoint, DEFAULT_URL):
        key = _read(data_dir, "api-key")
    own = Path(data_dir).expanduser() / "certificate" if chosen == endpoint else None
    if certificate is None and own is not None and own.is_file():
        certificate = str(own)
    return Address(chosen, key or "", certificate or "", environment.get("ORCHESTRATOR_CA_FILE") or "")


def _from_environment(environment: Mapping[str, str]) -> str | None:
    url = environment.get("ORCHESTRATOR_URL") or environment.get("RENDER_LOCAL_DEV_URL")
    if not url and environment.get("RENDER_USE_LOCAL_DEV") in _TRUE:
        return DEFAULT_URL
    return url


def _checked(url: str) -> str:
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise ValueError(f"'{url}' is no address of an orchestrator: it should look like {DEFAULT_URL}")
    return url.rstrip("/").removesuffix("/v1").rstrip("/")


def _read(data_dir: str, name: str) -> str:
    try:
        return (Path(data_dir).expanduser() / name).read_text().strip()
    except (OSError, RuntimeError):  # RuntimeError: this user has no home
        return ""
