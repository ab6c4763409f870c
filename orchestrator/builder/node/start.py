"""What a start command comes to in the end: a script of package.json that is plain is run without its runner."""

from __future__ import annotations

import re
import shlex
from typing import Final

from orchestrator.builder.errors import BadSource
from orchestrator.builder.node.manifest import Manifest

_PROGRAM: Final = r"(?:^|[\s;&|(])(?:\S*/)?(?:{})(?=\s|$)"
_RUNS_NODE: Final = re.compile(_PROGRAM.format("node|npm|npx|tsx|ts-node|yarn|pnpm|pnpx|bun|bunx|deno"))
_QUIET: Final = r"(?:\s+(?:--silent|-s))*"
_SCRIPT: Final = re.compile(
    rf"(?:(?:npm|pnpm|yarn|bun){_QUIET}\s+(?:run|run-script)|(?:pnpm|yarn){_QUIET}|npm{_QUIET}(?=\s+start\b))"
    rf"{_QUIET}\s+([\w:.-]+){_QUIET}"
)
_PACKAGE_RUNNERS: Final = re.compile(
    r"(?:npx(?: --no-install| -y| --yes)*|bunx|pnpx|(?:pnpm|yarn)(?: exec)?)\s+(?=[\w@])"
)
_FOR_THE_SHELL: Final = re.compile(r"[|&;<>()$`*?\[\]#~{}\\\n!]|\bnpm_")
_NESTED: Final = 5
"""How often a script may name another."""
_TOOLS: Final = ("pnpm", "yarn", "bun", "deno")


def runs_node(command: str) -> bool:
    """Whether a start command runs Node, or what stands in for it."""
    return bool(_RUNS_NODE.search(command))


def resolved(command: str, manifest: Manifest) -> str:
    """The command itself where it only runs a script whose text is one plain command, or one of a package's programs."""
    for _ in range(_NESTED):
        text = _script(command, manifest) or _program(command, manifest)
        if text is None:
            break
        command = text
    return command


def tools(command: str, manifest: Manifest, adds: str = "npm install") -> tuple[str, ...]:
    """The programs that must be there when it runs, and that the repo's own packages do not bring. Raises BadSource.

    `adds` is the repo's own way to add a package.
    """
    texts = _texts(command, manifest)
    found = [name for name in (*_TOOLS, "tsx") if any(re.search(_PROGRAM.format(name), text) for text in texts)]
    if re.search(_PROGRAM.format("ts-node"), command) and "ts-node" not in manifest.dependencies:
        raise BadSource(f"ts-node is not among the dependencies of package.json: {adds} ts-node typescript")
    return tuple(name for name in found if name not in manifest.dependencies)


def calls_npm(command: str, manifest: Manifest) -> bool:
    """Whether npm or npx must be there when it runs."""
    return any(re.search(_PROGRAM.format("npm|npx"), text) for text in _texts(command, manifest))


def _texts(command: str, manifest: Manifest) -> list[str]:
    """What the shell is given: the command, and the scripts that it may run."""
    return [command, *(manifest.scripts.values() if _SCRIPT.fullmatch(command) else ())]


def _script(command: str, manifest: Manifest) -> str | None:
    """The text of the script that is run, None where something would be lost without its runner."""
    found = _SCRIPT.fullmatch(command)
    if not found:
        return None
    name = found[1]
    text = manifest.scripts.get(name, "").strip()
    is_surrounded = any(f"{when}{name}" in manifest.scripts for when in ("pre", "post"))
    return text if text and not is_surrounded and _is_plain(text) else None


def _program(command: str, manifest: Manifest) -> str | None:
    """The command without the runner that only looks for a package's program, as the path does."""
    found = _PACKAGE_RUNNERS.match(command)
    if not found or not _is_plain(command):
        return None
    rest = command[found.end() :]
    name = rest.split()[0]
    return rest if name in manifest.dependencies or name in ("node", "tsx") else None


def _is_plain(text: str) -> bool:
    if _FOR_THE_SHELL.search(text):
        return False
    try:
        return bool(shlex.split(text))
    except ValueError:
        return False
