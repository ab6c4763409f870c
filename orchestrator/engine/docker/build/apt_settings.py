"""Where the host's own apt finds packages, for images of the same distribution: as images/bootstrap-debian reads it."""

from __future__ import annotations

import asyncio
import re
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CODENAME: Final = "@codename@"
"""Stands for the release, which is the image's, not the host's."""
_ENTRY: Final = re.compile(r"^(deb |Types:)", re.MULTILINE)
_NETWORK: Final = re.compile(r"Acquire::(https?|Check-|Max-|Retries)")
_PASSWORD: Final = re.compile(r"://[^/\s:@]*:([^/\s@]+)@")


@dataclass(frozen=True, slots=True)
class AptSettings:
    """The texts of the build's secrets, in both forms that sources have; `conf` begins with the distribution they are of."""

    one_line: str = ""
    deb822: str = ""
    conf: str = ""

    @property
    def passwords(self) -> tuple[str, ...]:
        """What no log may show."""
        return tuple(_PASSWORD.findall(f"{self.one_line}\n{self.deb822}\n{self.conf}"))


NO_APT: Final = AptSettings()


async def read_apt_settings(etc: Path = Path("/etc")) -> AptSettings:
    """The host's; empty where it has no apt."""
    release = await asyncio.to_thread(_release, etc)
    return await asyncio.to_thread(settings_from, etc / "apt", release, await _network())


def settings_from(apt: Path, release: Mapping[str, str], network: str) -> AptSettings:
    """The settings in the folder `apt` of a host with this os-release; its own distribution's, if they have files of their own."""
    host, codename = release.get("ID", ""), release.get("VERSION_CODENAME", "")
    found = [path for path in _own(apt, host) if _has_entries(path)] or [
        path for path in _all(apt) if _has_entries(path)
    ]
    if not (codename and found):
        return NO_APT
    texts = {
        suffix: "".join(f"{path.read_text()}\n" for path in found if path.suffix == suffix)
        for suffix in (".list", ".sources")
    }
    one_line, deb822 = (re.sub(rf"\b{re.escape(codename)}\b", CODENAME, text) for text in texts.values())
    return AptSettings(one_line, deb822, f"// {host}\n{network}")


def _own(apt: Path, host: str) -> list[Path]:
    return [apt / "sources.list", apt / "sources.list.d" / f"{host}.sources"]


def _all(apt: Path) -> list[Path]:
    return sorted(path for pattern in ("*.list", "*.sources") for path in (apt / "sources.list.d").glob(pattern))


def _has_entries(path: Path) -> bool:
    return path.is_file() and bool(_ENTRY.search(path.read_text("utf-8", "replace")))


def _release(etc: Path) -> dict[str, str]:
    try:
        lines = (etc / "os-release").read_text().splitlines()
    except OSError:
        return {}
    return {name: value.strip("\"'") for name, _, value in (line.partition("=") for line in lines)}


async def _network() -> str:
    """How the host reaches its mirror: proxies, old snapshots."""
    with suppress(OSError):
        process = await asyncio.create_subprocess_exec("apt-config", "dump", stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL)
        listed, _ = await process.communicate()
        return "".join(f"{line}\n" for line in listed.decode("utf-8", "replace").splitlines() if _NETWORK.match(line))
    return ""
