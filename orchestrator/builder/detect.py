"""What a repo is: where its dependencies are listed, and which file registers its tasks."""

from __future__ import annotations

import posixpath
import re
import shlex
from dataclasses import dataclass
from typing import Final

from orchestrator.builder import dependencies, era
from orchestrator.builder.dependencies import Dependencies
from orchestrator.builder.errors import BadSource
from orchestrator.builder.tree import Tree

USUAL_ENTRY_POINTS: Final = ("main.py", "app.py", "workflow.py", "workflows.py", "tasks.py", "worker.py", "src/main.py")

_PYTHON: Final = re.compile(r"(.*/)?python(3(\.\d+)?)?")
_MODULE: Final = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):([A-Za-z_]\w*)")
_STARTS: Final = re.compile(r"^[^#\n]*\.start\(", re.MULTILINE)


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
    found, notes = dependencies.fitted(dependencies.read(tree), era.find(tree))
    return Project(
        entry_point=_entry_point(tree, start_command),
        dependencies=found,
        import_folders=("src",) if "pyproject.toml" in tree and tree.has_folder("src") else (),
        notes=notes,
    )


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
