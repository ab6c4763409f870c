"""What a repo is: where its dependencies are listed, and which file registers its tasks."""

from __future__ import annotations

import posixpath
import re
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from orchestrator.builder import requirements
from orchestrator.builder.errors import BadSource
from orchestrator.builder.tree import Tree

USUAL_ENTRY_POINTS: Final = ("main.py", "app.py", "workflow.py", "workflows.py", "tasks.py", "worker.py", "src/main.py")
GENERATED: Final = "requirements.txt"
"""The name under which pyproject.toml's dependencies reach pip."""

_PYTHON: Final = re.compile(r"(.*/)?python(3(\.\d+)?)?")
_MODULE: Final = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):([A-Za-z_]\w*)")
_STARTS: Final = re.compile(r"^[^#\n]*\.start\(", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What pip is given: `files` by path, `first` among them; `source` is the file a person would edit.

    `needs_app` is true when the repo's own code takes part, so that each change of code installs anew.
    """

    source: str
    first: str
    files: Mapping[str, str]
    needs_app: bool = False


@dataclass(frozen=True, slots=True)
class Project:
    """A repo understood. `notes` are for the person who deploys; `import_folders` join the app's root on the path."""

    entry_point: str
    dependencies: Dependencies | None
    import_folders: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def detect(tree: Tree, start_command: str | None = None) -> Project:
    """The project in a tree. Raises BadSource, saying what to add or change."""
    if "Dockerfile" in tree:
        raise BadSource(
            "the repo has a Dockerfile, and images are made from requirements.txt or pyproject.toml here: "
            "name it in .dockerignore, and list the dependencies there"
        )
    return Project(
        entry_point=_entry_point(tree, start_command),
        dependencies=_dependencies(tree),
        import_folders=("src",) if "pyproject.toml" in tree and tree.has_folder("src") else (),
        notes=_notes(tree),
    )


def _notes(tree: Tree) -> tuple[str, ...]:
    return tuple(
        f"{lock} is not read: versions are those of pyproject.toml; to pin them, {command} > requirements.txt"
        for lock, command in _EXPORTS.items()
        if lock in tree and "requirements.txt" not in tree
    )


_EXPORTS: Final = {
    "uv.lock": "uv export --no-emit-project",
    "poetry.lock": "poetry export",
    "Pipfile.lock": "pipenv requirements",
}


# --- dependencies ---


def _dependencies(tree: Tree) -> Dependencies | None:
    if "requirements.txt" in tree:
        read = requirements.read("requirements.txt", tree)
        return _unless_empty(Dependencies("requirements.txt", "requirements.txt", read.files, read.needs_app))
    if "pyproject.toml" in tree:
        lines = [line for line in _pyproject(tree) if requirements.requirement_name(line) not in requirements.PROVIDED]
        files = {GENERATED: "".join(f"{line}\n" for line in lines)}
        return _unless_empty(Dependencies("pyproject.toml", GENERATED, files))
    if "Pipfile" in tree:
        raise BadSource(
            "a Pipfile is not read: list the dependencies in requirements.txt (pipenv requirements > requirements.txt)"
        )
    return None


def _unless_empty(found: Dependencies) -> Dependencies | None:
    return found if any(text.strip() for text in found.files.values()) else None


def _pyproject(tree: Tree) -> list[str]:
    """The lines of ``[project].dependencies``: the project itself is not installed, so code changes install nothing."""
    try:
        content = tomllib.loads(tree.texts.get("pyproject.toml", ""))
    except tomllib.TOMLDecodeError as error:
        raise BadSource(f"pyproject.toml is not valid TOML: {error}") from error
    project = content.get("project")
    if not isinstance(project, dict):
        return _without_project(content)
    if "dependencies" in (project.get("dynamic") or []):
        raise BadSource(
            "pyproject.toml computes its dependencies (dynamic): list them in [project] or in requirements.txt"
        )
    listed = project.get("dependencies", [])
    if not isinstance(listed, list) or not all(isinstance(line, str) for line in listed):
        raise BadSource('pyproject.toml: [project] dependencies must be a list of strings, like ["requests>=2"]')
    return listed


def _without_project(content: dict[str, Any]) -> list[str]:
    poetry = content.get("tool", {}).get("poetry", {}).get("dependencies", {})
    if set(poetry) - {"python"}:
        raise BadSource(
            "pyproject.toml lists its dependencies under [tool.poetry], which is not read: "
            "move them to [project], or poetry export > requirements.txt"
        )
    return []


# --- entry point ---


def _entry_point(tree: Tree, start_command: str | None) -> str:
    if start_command and start_command.strip():
        return _from_command(tree, start_command.strip())
    if "main.py" in tree:
        return "main.py"
    starting = [path for path in USUAL_ENTRY_POINTS if path in tree] or [
        path for path in tree.texts if _is_root_module(path)
    ]
    starting = [path for path in starting if _STARTS.search(tree.texts.get(path, ""))]
    if not starting:
        raise BadSource("no main.py, and no other file calls app.start(): name yours with --start-command, like app.py")
    if starting[0] not in USUAL_ENTRY_POINTS and len(starting) > 1:
        raise BadSource(
            f"{' and '.join(starting)} all call start(): choose one with --start-command, like {starting[0]}"
        )
    return starting[0]


def _is_root_module(path: str) -> bool:
    return path.endswith(".py") and "/" not in path


def _from_command(tree: Tree, command: str) -> str:
    target = _target(command)
    if found := _MODULE.fullmatch(target):
        return _existing_module(tree, found[1], target)
    path = posixpath.normpath(target)
    if not path.endswith(".py"):
        raise _not_understood(command)
    if path not in tree:
        raise BadSource(f"start command {command!r} names {path}, which is not in the repo{_did_you_mean(tree, path)}")
    return path


def _target(command: str) -> str:
    """The file or module a command like ``uv run python -u main.py`` starts."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise _not_understood(command) from error
    if words[:2] in (["uv", "run"], ["poetry", "run"]):
        words = words[2:]
    if words and _PYTHON.fullmatch(words[0]):
        words = [word for word in words[1:] if word != "-u"]
    if len(words) != 1:
        raise _not_understood(command)
    return words[0]


def _existing_module(tree: Tree, module: str, target: str) -> str:
    path = module.replace(".", "/")
    places = (f"{path}.py", f"{path}/__init__.py", f"src/{path}.py", f"src/{path}/__init__.py")
    if not any(place in tree for place in places):
        raise BadSource(f"start command {target!r} names the module {module}, but there is no {places[0]} in the repo")
    return target


def _not_understood(command: str) -> BadSource:
    return BadSource(f"start command {command!r} is not understood: give main.py, python main.py or module:app")


def _did_you_mean(tree: Tree, path: str) -> str:
    name = posixpath.basename(path)
    found = [other for other in tree.digests if posixpath.basename(other) == name]
    return f": did you mean {found[0]}?" if found else ""
