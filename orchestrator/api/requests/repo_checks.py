"""Which repos may be built: their addresses come from clients, and are read by the orchestrator itself."""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

from orchestrator.api.deps import Services
from orchestrator.api.requests.parsing import is_text
from orchestrator.api.requests.refused import bad_request

_REMOTE: Final = frozenset({"https", "http", "ssh", "git"})
_SCP: Final = re.compile(r"[\w.-]+@[\w.-]+:[^\s]+", re.ASCII)
_BRANCH: Final = re.compile(r"(?![-/.])(?!.*(\.\.|@\{|//))[\w./@+-]{1,200}")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.ASCII)


def check_repo(url: str, services: Services) -> str:
    """The address, when it may be read for whoever asks. Raises Refused."""
    parts = _split(url)
    if parts.password is not None or (parts.scheme in ("http", "https") and parts.username):
        raise bad_request("repo has a user or password in it, which everybody could read: use an ssh address instead")
    if parts.scheme in _REMOTE or _SCP.fullmatch(url):
        return url
    if parts.scheme == "file" or url.startswith("/"):
        return _checked_path(url, services)
    raise bad_request(f"repo '{url}' is no Git URL: give one that begins with https:// or ssh://, or user@host:path")


def check_branch(branch: str | None) -> str | None:
    """The name of a branch. Raises Refused."""
    if branch is not None and not _BRANCH.fullmatch(branch):
        raise bad_request(f"branch {branch!r} is no name of a branch")
    return branch


def check_commit(commit: str | None) -> str | None:
    """The id of a commit. Raises Refused."""
    if commit is not None and not _COMMIT.fullmatch(commit):
        raise bad_request(
            f"commit {commit!r} is no id of a commit: give all its 40 digits, as git rev-parse prints them"
        )
    return commit


def _split(url: str) -> SplitResult:
    if not is_text(url) or not url.isprintable() or url.startswith("-"):
        raise bad_request("repo has characters that no URL has")
    try:
        return urlsplit(url)
    except ValueError as error:
        raise bad_request(f"repo '{url}' is no Git URL: {error}") from None


def _checked_path(url: str, services: Services) -> str:
    """A path of this host: only for clients that can read this user's files anyway, being on this host and having the key."""
    if services.api_key is None or not _is_loopback(services.host):
        message = "is on the orchestrator's own disk, which is only read for clients on its host that have its key"
        raise bad_request(f"repo '{url}' {message}: push it to a server, or use orchestrator deploy FOLDER")
    return url


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
