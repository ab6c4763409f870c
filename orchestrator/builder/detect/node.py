"""A repo whose start command runs Node: which Node its image needs, and how its packages are installed and built."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from orchestrator.builder.errors import BadSource
from orchestrator.builder.official_sdk import npm, typescript
from orchestrator.builder.source.tree import FileTree

MAJORS: Final = (18, 20, 22, 24)
"""The releases that are to be had from the Python index, for every host that can install Python packages."""
DEFAULT_MAJOR: Final = 22
_RUNS_NODE: Final = re.compile(r"(?:^|[\s;&|(])(?:node|npm|npx|tsx|ts-node|yarn|pnpm)(?=\s|$)")
_LOCKS: Final = ("package-lock.json", "npm-shrinkwrap.json")
_OFFICIAL: Final = typescript.OFFICIAL
_ANSWERED: Final = ("@orchestrator/sdk", _OFFICIAL)
"""The names that packages of ours answer to, below /node_modules, where a repo's own installation has none of them."""
_IMPORTS_SDK: Final = re.compile(rf"""(?:from|import|require\()\s*["'](?:{"|".join(_ANSWERED)})(?:/\w+)?["']""")
_USUAL: Final = ("index", "src/index", "main", "src/main")
_ENDINGS: Final = (".ts", ".mts", ".cts", ".js", ".mjs", ".cjs")
_TYPESCRIPT: Final = (".ts", ".mts", ".cts")
_RUNS_TYPESCRIPT: Final = (
    "node --experimental-transform-types --disable-warning=ExperimentalWarning --import @orchestrator/sdk/typescript"
)
_FIRST_WITH_TYPESCRIPT: Final = 22


@dataclass(frozen=True, slots=True)
class NodeProject:
    """`manifests` are the files that `install` reads; without a package.json there are none. `build` is run on the code.

    `asks_for_sdk`: they list a package that ours answers to, and that the registry may not have. `sdk_version` of the official one
    is installed in place of what they ask for, and `notes` say why. `runs_typescript`: Node itself starts a file of it.
    """

    major: int
    manifests: tuple[str, ...] = ()
    install: str | None = None
    build: str | None = None
    asks_for_sdk: bool = False
    sdk_version: str | None = None
    notes: tuple[str, ...] = ()
    runs_typescript: bool = False


def find(tree: FileTree, command: str) -> NodeProject | None:
    """What the start command needs of Node; None when it does not run it. Raises BadSource."""
    if not runs_node(command):
        return None
    package = _package(tree)
    major = _major(tree, package)
    runs_typescript = command.startswith(_RUNS_TYPESCRIPT)
    if runs_typescript and major < _FIRST_WITH_TYPESCRIPT:
        raise BadSource(
            f"Node {major} does not run {command.split()[-1]} by itself: ask for Node {_FIRST_WITH_TYPESCRIPT}, or add tsx"
        )
    if "package.json" not in tree:
        return NodeProject(major, runs_typescript=runs_typescript)
    locks = [name for name in _LOCKS if name in tree]
    sdk = npm.choose(
        typescript.find(tree), _dependencies(package).get(_OFFICIAL), _locked(tree, locks), next(iter(locks), "")
    )
    return NodeProject(
        major=major,
        manifests=("package.json", *locks, *(name for name in (".npmrc",) if name in tree)),
        # What its lock does not have, `npm ci` does not install.
        install="npm ci" if locks and not sdk.version else "npm install",
        build="npm run build" if "build" in _scripts(package) else None,
        asks_for_sdk=any(name in _dependencies(package) for name in _ANSWERED),
        sdk_version=sdk.version,
        notes=sdk.notes,
        runs_typescript=runs_typescript,
    )


def runs_node(command: str) -> bool:
    """Whether a start command runs Node."""
    return bool(_RUNS_NODE.search(command))


def notes(tree: FileTree, project: NodeProject | None) -> tuple[str, ...]:
    """Which package answers to the official name, where that is known before anything is installed, and in which version."""
    if project is None:
        return ()
    if _OFFICIAL in _dependencies(_package(tree)) or not _importing(tree, _OFFICIAL):
        return project.notes
    return (f"{_OFFICIAL} is answered by the orchestrator's own package: package.json does not ask for it",)


def has_program(tree: FileTree) -> bool:
    """Whether there is something that Node would start."""
    return "package.json" in tree or any(_importing(tree, name) for name in _ANSWERED)


def start_command(tree: FileTree) -> str:
    """How the package.json says the program is started, else the file that looks like it. Raises BadSource with the choices."""
    package = _package(tree)
    if "start" in _scripts(package):
        return "npm start --silent"
    main = package.get("main")
    if isinstance(main, str) and (main.removeprefix("./") in tree or "build" in _scripts(package)):
        return f"node {main}"
    programs = _programs(tree)
    if len(programs) > 1:
        raise BadSource(
            f"{' and '.join(programs)} all define tasks: add an index.ts that imports them, or name one with --start-command"
        )
    if programs:
        return _running(programs[0], package)
    raise BadSource(
        "package.json has neither a start script nor main: name what starts with --start-command, like node index.js"
    )


def _programs(tree: FileTree) -> list[str]:
    """The file with a usual name, else all that import an SDK."""
    usual = (name + ending for name in _USUAL for ending in _ENDINGS)
    found = next((path for path in usual if path in tree), None)
    return [found] if found else [path for name in _ANSWERED for path in _importing(tree, name)]


def _importing(tree: FileTree, name: str) -> list[str]:
    scripts = ((path, text) for path, text in sorted(tree.texts.items()) if path.endswith(_ENDINGS))
    return [path for path, text in scripts if any(name in found[0] for found in _IMPORTS_SDK.finditer(text))]


def _running(path: str, package: dict[str, Any]) -> str:
    quoted = shlex.quote(path)
    if not path.endswith(_TYPESCRIPT):
        return f"node {quoted}"
    return f"tsx {quoted}" if "tsx" in _dependencies(package) else f"{_RUNS_TYPESCRIPT} {quoted}"


def _package(tree: FileTree) -> dict[str, Any]:
    try:
        package = json.loads(tree.texts.get("package.json", "{}"))
    except ValueError as error:
        raise BadSource(f"package.json is not valid JSON: {error}") from error
    if not isinstance(package, dict):
        raise BadSource("package.json is not an object")
    return package


def _dependencies(package: dict[str, Any]) -> dict[str, Any]:
    kinds = (package.get(kind) for kind in ("dependencies", "devDependencies", "optionalDependencies"))
    return {name: wanted for kind in kinds if isinstance(kind, dict) for name, wanted in kind.items()}


def _locked(tree: FileTree, locks: Sequence[str]) -> str | None:
    """The official package's version in the lock, None where there is none, or it is for npm to say what is wrong with it."""
    try:
        content = json.loads(tree.texts.get(locks[0], "")) if locks else {}
        return str(content["packages"][f"node_modules/{_OFFICIAL}"]["version"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


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
