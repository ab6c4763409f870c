"""What of the host's own configuration a build may use: where pip finds packages, and whom TLS trusts."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Hashable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from orchestrator.core.image import CA_IN_BUILD
from orchestrator.engine.docker.build.apt_settings import NO_APT, AptSettings, read_apt_settings

_CA_VARIABLES: Final = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
_PASSED_ON: Final = (
    "index-url",
    "extra-index-url",
    "find-links",
    "trusted-host",
    "timeout",
    "default-timeout",
    "retries",
)
_ADDRESSES: Final = ("index-url", "extra-index-url", "find-links")
_NPM_REGISTRY: Final = re.compile(r"\s*(registry\s*=|@[\w.-]+:registry\s*=|//)")
_NPM_SECRET: Final = re.compile(r":_(?:authToken|auth|password)\s*=\s*\"?([^\s\"]{4,})")
_SECRET_CHARS: Final = 4
"""Shorter ones would be hidden in any word."""
_PIP_CONFIGS: Final[dict[Hashable, str]] = {}
"""The newest answer of pip."""
_LINE: Final = re.compile(r"(:env:|global|install|site|user)\.\.?([a-z-]+)='(.*)'")


@dataclass(frozen=True, slots=True)
class HostSettings:
    """The texts of the build secrets, and the words in them that no log may show."""

    pip_conf: str
    ca_bundle: bytes
    passwords: tuple[str, ...]
    npmrc: str = ""
    apt: AptSettings = NO_APT

    def hiding(self, secrets: Iterable[str]) -> HostSettings:
        """The same, with more that no log may show: each line of a secret that is long enough to be one."""
        lines = (line.strip() for secret in secrets for line in secret.splitlines())
        more = sorted({line for line in lines if len(line) >= _SECRET_CHARS}, key=len, reverse=True)
        return replace(self, passwords=(*more, *self.passwords))

    def redact(self, line: str) -> str:
        """The line without passwords of package indexes."""
        for password in self.passwords:
            line = line.replace(password, "****")
        return line


async def read_host_settings() -> HostSettings:
    """The settings of the orchestrator's own pip and environment."""
    listed = await _pip_config()
    bundle = await asyncio.to_thread(_ca_bundle, os.environ)
    npmrc = await asyncio.to_thread(_npmrc, os.environ)
    found = settings_from(parse_pip_config(listed), bundle)
    apt = await read_apt_settings()
    passwords = (*found.passwords, *npm_tokens(npmrc), *apt.passwords)
    return replace(found, npmrc=npmrc, apt=apt, passwords=passwords)


async def _pip_config() -> str:
    """What ``pip config list`` prints, asked anew when something changed where it looks: it takes half a second."""
    found = await asyncio.to_thread(_pip_sources, os.environ)
    if found not in _PIP_CONFIGS:
        _PIP_CONFIGS.clear()
        _PIP_CONFIGS[found] = await _asked_of_pip()
    return _PIP_CONFIGS[found]


def _pip_sources(environment: Mapping[str, str]) -> Hashable:
    """The variables and files that pip's settings are in, as its documentation lists them."""
    said = tuple(
        sorted((name, value) for name, value in environment.items() if name.startswith(("PIP_", "XDG_", "PATH")))
    )
    home, folders = Path.home(), environment.get("XDG_CONFIG_DIRS") or "/etc/xdg"
    files = (
        Path(environment.get("PIP_CONFIG_FILE") or "/etc/pip.conf"),
        *(Path(folder) / "pip/pip.conf" for folder in folders.split(":")),
        Path("/etc/pip.conf"),
        home / ".pip/pip.conf",
        Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "pip/pip.conf",
        *(Path(folder) / "pip.conf" for folder in (sys.prefix, sys.base_prefix, "/usr")),
    )
    return sys.executable, said, tuple(_stamp(file) for file in files)


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


async def _asked_of_pip() -> str:
    """An environment that uv made has no pip of its own, so the host's is asked next."""
    for python in (sys.executable, "python3"):
        with suppress(FileNotFoundError):
            process = await asyncio.create_subprocess_exec(
                python, "-m", "pip", "config", "list", stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL
            )
            listed, _ = await process.communicate()
            if process.returncode == 0:
                return listed.decode()
    return ""


def settings_from(pip: Mapping[str, str], ca_bundle: bytes) -> HostSettings:
    """The build's settings for the host's pip settings: addresses on the host's own disk stay behind."""
    kept = {name: _usable(name, value) for name, value in pip.items() if name in _PASSED_ON}
    lines = [f"{'timeout' if name == 'default-timeout' else name} = {value}" for name, value in kept.items() if value]
    if ca_bundle:
        lines.append(f"cert = {CA_IN_BUILD}")
    common = ["disable-pip-version-check = true", "root-user-action = ignore", "progress-bar = off"]
    addresses = (address for name in _ADDRESSES for address in kept.get(name, "").split())
    return HostSettings("\n".join(["[global]", *common, *lines]) + "\n", ca_bundle, tuple(_passwords(addresses)))


def parse_pip_config(listed: str) -> dict[str, str]:
    """The effective value of each setting in the output of ``pip config list``; the environment outranks files."""
    found = [match.groups() for line in listed.splitlines() if (match := _LINE.fullmatch(line.strip()))]
    found.sort(key=lambda each: (each[0] == ":env:", each[0] == "install"))
    return {name: value.replace("\\n", " ") for _, name, value in found}


def _usable(name: str, value: str) -> str:
    if name not in _ADDRESSES:
        return value
    return " ".join(address for address in value.split() if address.startswith(("http://", "https://")))


def _passwords(addresses: Iterable[str]) -> Iterable[str]:
    for address in addresses:
        netloc = urlsplit(address).netloc
        if "@" in netloc:
            # Without a password the user's name is the token.
            secret = netloc.rsplit("@", 1)[0].split(":", 1)[-1]
            yield from {secret, unquote(secret)}


def registries(npmrc: str) -> str:
    """The lines of an npmrc that say where packages are, and who may have them: what else it sets is left out."""
    return "".join(f"{line}\n" for line in npmrc.splitlines() if _NPM_REGISTRY.match(line))


def npm_tokens(npmrc: str) -> list[str]:
    """The secrets in an npmrc."""
    return [found[1] for line in npmrc.splitlines() if (found := _NPM_SECRET.search(line))]


def _npmrc(environment: Mapping[str, str]) -> str:
    path = Path(environment.get("NPM_CONFIG_USERCONFIG") or Path.home() / ".npmrc")
    lines = path.read_text("utf-8", "replace") if path.is_file() else ""
    named = environment.get("NPM_CONFIG_REGISTRY") or environment.get("npm_config_registry")
    return registries(lines + (f"\nregistry={named}" if named else ""))


def _ca_bundle(environment: Mapping[str, str]) -> bytes:
    for variable in _CA_VARIABLES:
        if (path := Path(environment.get(variable, ""))).is_file():
            return path.read_bytes()
    return b""
