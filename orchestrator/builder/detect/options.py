"""How a repo is built and started, as far as somebody says so: whoever deploys, its own table, its render.yaml."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, fields
from typing import Final

from orchestrator.core.container.network import Reach


@dataclass(frozen=True, slots=True)
class Options:
    """What is empty was not said, and is found in the code.

    `apt` are packages of the system. `root_dir` is a folder of the repo, and `dockerfile` a path from there. `network` is where
    runs of tasks that do not say it may go; None was not said.
    """

    start_command: str = ""
    build_command: str = ""
    root_dir: str = ""
    apt: tuple[str, ...] = ()
    dockerfile: str = ""
    network: Reach | None = None

    def over(self, other: Options) -> Options:
        """These, and where they say nothing the other's."""
        said = {one.name: getattr(self, one.name) or getattr(other, one.name) for one in fields(self)}
        return Options(**{**said, "network": other.network if self.network is None else self.network})


NOTHING: Final = Options()
OWN_FILE: Final = "orchestrator.toml"
BLUEPRINTS: Final = ("render.yaml", "render.yml")


def part(path: str) -> str:
    """A path below the repo in its shortest form, empty for the repo itself. Raises ValueError for one that leads out of it."""
    normal = posixpath.normpath(path.strip().strip("/") or ".")
    if normal == ".." or normal.startswith("../") or "\0" in normal:
        raise ValueError(f"{path!r} leads out of the repo")
    return "" if normal == "." else normal
