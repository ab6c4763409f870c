"""Which file, app or command of a repo registers its tasks."""

from __future__ import annotations

import ast
import posixpath
import re
import shlex
from typing import Final

from orchestrator.builder import node as node_program
from orchestrator.builder.era import starts_itself
from orchestrator.builder.errors import BadSource
from orchestrator.builder.source_modules import Module, modules
from orchestrator.builder.tree import Tree

USUAL: Final = ("main.py", "app.py", "workflow.py", "workflows.py", "tasks.py", "worker.py", "src/main.py")

_PACKAGES: Final = frozenset({"orchestrator_sdk", "render_sdk", "render"})
_PYTHON: Final = re.compile(r"(.*/)?python(3(\.\d+)?)?")
_MODULE: Final = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*):([A-Za-z_]\w*)")
_STARTS: Final = re.compile(r"^[^#\n]*\.start\(", re.MULTILINE)
_PROCESS: Final = re.compile(r"^(workflows?|worker):\s*(.+)$", re.MULTILINE)
_RUNNERS: Final = (["uv", "run"], ["poetry", "run"], ["pipenv", "run"], ["pdm", "run"], ["hatch", "run"])


def find(tree: Tree, command: str | None) -> str:
    """The entry point that a start command means, or that the code shows. Raises BadSource with the choices."""
    found = of_command(tree, command) if command else _shown(tree)
    module = next((module for module in modules(tree)[0] if module.path == found), None)
    apps = _self_starting(module) if module and not _calls_start(module) else []
    # Early versions started such an app when the file had been run; here the shim does.
    return f"{_dotted(found)}:{apps[-1]}" if apps else found


def _shown(tree: Tree) -> str:
    starting = [module.path for module in modules(tree)[0] if _calls_start(module) or _self_starting(module)]
    if "main.py" in tree and ("main.py" in starting or not starting):
        return "main.py"
    if command := _PROCESS.search(tree.texts.get("Procfile", "")):
        return of_command(tree, command[2].strip())
    starting = _without_repos_of_their_own(tree, starting) or _may_start(tree)
    if len(starting) > 1:
        raise BadSource(
            f"{' and '.join(starting)} all start tasks: choose one with --start-command, like {starting[0]}"
        )
    return starting[0] if starting else _app(tree)


def _without_repos_of_their_own(tree: Tree, starting: list[str]) -> list[str]:
    """Of the files that start tasks those that are not beside dependencies of their own. Raises BadSource if all are."""
    inside = [path for path in starting if not _has_own_dependencies(tree, posixpath.dirname(path))]
    if starting and not inside:
        choices = " or ".join(f"--root-dir {posixpath.dirname(path)}" for path in starting)
        raise BadSource(f"{' and '.join(starting)}: tasks beside dependencies of their own: deploy with {choices}")
    return inside


def _has_own_dependencies(tree: Tree, folder: str) -> bool:
    return bool(folder) and any(f"{folder}/{name}" in tree for name in ("requirements.txt", "pyproject.toml"))


def _may_start(tree: Tree) -> list[str]:
    """The files of the repo that call some ``start()``: the first with a usual name, else all at the top."""
    usual = [path for path in USUAL if _STARTS.search(tree.texts.get(path, ""))]
    return usual[:1] or [path for path in tree.texts if _is_at_the_top(path) and _STARTS.search(tree.texts[path])]


def _is_at_the_top(path: str) -> bool:
    return path.endswith(".py") and "/" not in path


def _calls_start(module: Module) -> bool:
    """Whether the module starts an app that it makes or imports, or the official package's global one."""
    apps = {name for name, call in module.bound() if _makes_app(module, call)}
    for node in ast.walk(module.syntax):
        if isinstance(node, ast.Call):
            base, _, name = module.origin(node.func).rpartition(".")
            if name == "start" and (base in apps or base.split(".")[0] in _PACKAGES or _may_be_app(module, node.func)):
                return True
    return False


def _self_starting(module: Module) -> list[str]:
    """The apps of the module with ``auto_start=True``."""
    return [name for name, call in module.bound() if _makes_app(module, call) and starts_itself(call)]


def _may_be_app(module: Module, function: ast.expr) -> bool:
    """``app.start()`` of an app from another module, in a module that imports our SDK or is named for it."""
    if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Name):
        return False
    return function.value.id in module.imports and function.value.id in ("app", "workflows", "workflow", "flows")


def _makes_app(module: Module, call: ast.Call) -> bool:
    parts = module.origin(call.func).split(".")
    return parts[0] in _PACKAGES and "Workflows" in parts


def _app(tree: Tree) -> str:
    """The one app of a repo that starts none, as ``module:app``; the one that combines others, if one does."""
    calls = [
        (f"{_dotted(module.path)}:{name}", call)
        for module in modules(tree)[0]
        for name, call in module.bound()
        if _makes_app(module, call)
    ]
    combined = [
        app for app, call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "from_workflows"
    ]
    apps = combined if len(combined) == 1 else [app for app, _ in calls]
    if len(apps) == 1:
        return apps[0]
    if apps:
        raise BadSource(
            f"the apps {' and '.join(apps)} are started by no file: choose one with --start-command, like {apps[0]}"
        )
    if "package.json" in tree:
        return node_program.start_command(tree)
    raise BadSource("no main.py, and no other file calls app.start(): name yours with --start-command, like app.py")


def _dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").removeprefix("src/").replace("/", ".")


def of_command(tree: Tree, command: str) -> str:
    """The entry point a start command means: a file or app where that is all it says, else the command. Raises BadSource."""
    words = _without_runner(_words(command))
    target = _target(words)
    if target is None:
        return shlex.join(words) if words != _words(command) else command
    if found := _MODULE.fullmatch(target):
        return _existing_module(tree, found[1], target)
    path = posixpath.normpath(target)
    if path.endswith(".py") and path not in tree:
        raise BadSource(f"start command {command!r} names {path}, which is not in the repo{_did_you_mean(tree, path)}")
    if not path.endswith(".py") and f"{path}.py" in tree:
        raise BadSource(f"start command {command!r} names no file of the repo: did you mean {path}.py?")
    return path if path.endswith(".py") else command


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError as error:
        raise BadSource(f"start command {command!r} is not understood ({error}): give main.py or module:app") from error


def _without_runner(words: list[str]) -> list[str]:
    """The image's environment is the one that a tool like uv would choose."""
    return words[2:] if words[:2] in _RUNNERS else words


def _target(words: list[str]) -> str | None:
    """The file or app, when a command says nothing else."""
    if words and _PYTHON.fullmatch(words[0]):
        words = [word for word in words[1:] if word != "-u"]
    elif words[:1] == ["render-workflows"]:
        words = words[1:]
    return words[0] if len(words) == 1 and not words[0].startswith("-") else None


def _existing_module(tree: Tree, module: str, target: str) -> str:
    path = module.replace(".", "/")
    places = (f"{path}.py", f"{path}/__init__.py", f"src/{path}.py", f"src/{path}/__init__.py")
    if not any(place in tree for place in places):
        raise BadSource(f"start command {target!r} names the module {module}, but there is no {places[0]} in the repo")
    return target


def _did_you_mean(tree: Tree, path: str) -> str:
    name = posixpath.basename(path)
    found = [other for other in tree.digests if posixpath.basename(other) == name]
    return f": did you mean {found[0]}?" if found else ""
