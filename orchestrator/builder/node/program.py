"""What Node would start in a repo that does not say: what package.json names, else the file that brings the tasks together."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Final

from orchestrator.builder.errors import BadSource
from orchestrator.builder.node import manifest as manifests
from orchestrator.builder.node.manifest import Manifest
from orchestrator.builder.official_sdk import typescript
from orchestrator.builder.official_sdk.script import code_of
from orchestrator.builder.source import parts
from orchestrator.builder.source.tree import FileTree

OFFICIAL: Final = typescript.OFFICIAL
ANSWERED: Final = ("@orchestrator/sdk", OFFICIAL)
"""The names that packages of ours answer to, below /node_modules, where a repo's own installation has none of them."""
RUNS_TYPESCRIPT: Final = "node --disable-warning=ExperimentalWarning --import @orchestrator/sdk/typescript"
_IMPORTS_SDK: Final = re.compile(rf"""(?:from|import|require\()\s*["'](?:{"|".join(ANSWERED)})(?:/\w+)?["']""")
_IMPORTS_FILE: Final = re.compile(r"""(?:from|import|import\(|require\()\s*["'](\.\.?/[^"']*)["']""")
_DEFINES: Final = re.compile(r"(?<![\w$])task(?:\s+as\b|\s*[(<])")
_USUAL: Final = ("index", "src/index", "main", "src/main")
_TYPESCRIPT: Final = (".ts", ".mts", ".cts")
_ENDINGS: Final = (*_TYPESCRIPT, ".js", ".mjs", ".cjs")
_NOT_STARTED: Final = re.compile(r"(?:^|/)(?:node_modules|dist|build|tests?|__tests__)/|\.(?:test|spec|d)\.[mc]?[jt]s$")


def is_there(tree: FileTree) -> bool:
    """Whether there is something that Node would start."""
    return manifests.NAME in tree or any(importing(tree, name) for name in ANSWERED)


def importing(tree: FileTree, name: str) -> list[str]:
    """The files that import the package `name`, which ours answer to."""
    scripts = _scripts(tree)
    return [path for path in scripts if any(name in found[0] for found in _IMPORTS_SDK.finditer(scripts[path]))]


def start_command(tree: FileTree) -> str:
    """How the package.json says the program is started, else the file that looks like it. Raises BadSource with the choices."""
    manifest = manifests.read(tree)
    if "start" in manifest.scripts:
        return "npm start --silent"
    if manifest.main and (manifest.main in tree or "build" in manifest.scripts):
        return f"node {shlex.quote(manifest.main)}"
    programs = _programs(tree)
    if len(programs) > 1:
        raise BadSource(
            f"{' and '.join(programs)} all define tasks: add an index.ts that imports them, or name one with --start-command"
        )
    if programs:
        return _running(programs[0], manifest)
    raise BadSource(
        "package.json has neither a start script nor main: name what starts with --start-command, like node index.js"
        f"{parts.hint(tree)}"
    )


def _programs(tree: FileTree) -> list[str]:
    """The file that imports all that define tasks, else the one with a usual name, else all that define some."""
    tasks = _defining(tree)
    usual = next((path for name in _USUAL for ending in _ENDINGS if (path := name + ending) in tree), None)
    whole = _bringing_together(tasks, _scripts(tree))
    if usual and (usual in whole or len(whole) != 1):
        return [usual]
    return whole if len(whole) == 1 else tasks


def _defining(tree: FileTree) -> list[str]:
    """The files that define tasks, so far as that can be seen; else all that import an SDK, as clients do, too."""
    found = list(dict.fromkeys(path for name in ANSWERED for path in importing(tree, name)))
    return [path for path in found if _DEFINES.search(code_of(tree.texts[path]))] or found


def _bringing_together(tasks: Sequence[str], scripts: Mapping[str, str]) -> list[str]:
    """The files that import all the tasks, directly or not, and that no other such file imports."""
    imports = {path: _imports(path, text, scripts) for path, text in scripts.items()}
    importers: dict[str, set[str]] = {path: set() for path in scripts}
    for path, imported in imports.items():
        for one in imported:
            importers[one].add(path)
    above = _closure(tasks, importers)
    first = [path for path in sorted(above) if not importers[path] - {path}]
    return [path for path in first if _closure([path], imports) >= set(tasks)]


def _imports(path: str, text: str, scripts: Mapping[str, str]) -> set[str]:
    folder = posixpath.dirname(path)
    named = (posixpath.normpath(posixpath.join(folder, found[1])) for found in _IMPORTS_FILE.finditer(text))
    return {file for name in named if (file := _file(name, scripts))}


def _closure(start: Sequence[str], following: Mapping[str, set[str]]) -> set[str]:
    """What is reached from the start, itself included."""
    reached, waiting = set(start), list(start)
    while waiting:
        new = following[waiting.pop()] - reached
        reached |= new
        waiting.extend(new)
    return reached


def _file(wanted: str, scripts: Mapping[str, str]) -> str | None:
    """The file that an import means: itself, its source in TypeScript, with an ending added, or a folder's index."""
    stem, ending = posixpath.splitext(wanted)
    names = [wanted, stem + ending.replace("js", "ts"), *(wanted + end for end in _ENDINGS)]
    return next((name for name in [*names, *(f"{wanted}/index{end}" for end in _ENDINGS)] if name in scripts), None)


def _scripts(tree: FileTree) -> dict[str, str]:
    found = ((path, tree.texts[path]) for path in sorted(tree.texts) if path.endswith(_ENDINGS))
    return {path: text for path, text in found if not _NOT_STARTED.search(path)}


def _running(path: str, manifest: Manifest) -> str:
    quoted = shlex.quote(path)
    if not path.endswith(_TYPESCRIPT):
        return f"node {quoted}"
    return f"tsx {quoted}" if "tsx" in manifest.dependencies else f"{RUNS_TYPESCRIPT} {quoted}"
