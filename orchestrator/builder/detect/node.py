"""A repo whose start command runs Node: which Node its image needs, and how its packages are installed and built."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from orchestrator.builder.errors import BadSource
from orchestrator.builder.source.tree import FileTree

MAJORS: Final = (18, 20, 22, 24)
"""The releases that are to be had from the Python index, for every host that can install Python packages."""
DEFAULT_MAJOR: Final = 22
_RUNS_NODE: Final = re.compile(r"(?:^|[\s;&|(])(?:node|npm|npx|tsx|ts-node|yarn|pnpm)(?=\s|$)")
_LOCKS: Final = ("package-lock.json", "npm-shrinkwrap.json")


@dataclass(frozen=True, slots=True)
class NodeProject:
    """`manifests` are the files that `install` reads; without a package.json there are none. `build` is run on the code."""

    major: int
    manifests: tuple[str, ...] = ()
    install: str | None = None
    build: str | None = None


def find(tree: FileTree, command: str) -> NodeProject | None:
    """What the start command needs of Node; None when it does not run it. Raises BadSource."""
    if not _RUNS_NODE.search(command):
        return None
    if "package.json" not in tree:
        return NodeProject(_major(tree, {}))
    package = _package(tree)
    locks = [name for name in _LOCKS if name in tree]
    return NodeProject(
        major=_major(tree, package),
        manifests=("package.json", *locks, *(name for name in (".npmrc",) if name in tree)),
        install="npm ci" if locks else "npm install",
        build="npm run build" if "build" in _scripts(package) else None,
    )


def start_command(tree: FileTree) -> str:
    """How the package.json says the program is started. Raises BadSource when it does not."""
    package = _package(tree)
    if "start" in _scripts(package):
        return "npm start --silent"
    if isinstance(main := package.get("main"), str):
        return f"node {main}"
    raise BadSource(
        "package.json has neither a start script nor main: name what starts with --start-command, like node index.js"
    )


def _package(tree: FileTree) -> dict[str, Any]:
    try:
        package = json.loads(tree.texts.get("package.json", "{}"))
    except ValueError as error:
        raise BadSource(f"package.json is not valid JSON: {error}") from error
    if not isinstance(package, dict):
        raise BadSource("package.json is not an object")
    return package


def _scripts(package: dict[str, Any]) -> dict[str, Any]:
    scripts = package.get("scripts")
    return scripts if isinstance(scripts, dict) else {}


def _major(tree: FileTree, package: dict[str, Any]) -> int:
    """The release asked for, or the nearest above it that there is; ours where only a lowest one is asked for."""
    engines = package.get("engines")
    said = tree.texts.get(".nvmrc") or tree.texts.get(".node-version")
    said = said or str(engines.get("node", "") if isinstance(engines, dict) else "")
    found = re.search(r"\d+", said)
    if not found:
        return DEFAULT_MAJOR
    wanted = int(found[0])
    lowest = max(wanted, DEFAULT_MAJOR) if said.strip().startswith(">") else wanted
    return min((major for major in MAJORS if major >= lowest), default=MAJORS[-1])
