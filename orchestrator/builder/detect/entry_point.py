"""Which file, app or command of a repo registers its tasks."""

from __future__ import annotations

import ast
import posixpath
import re
import shlex
from typing import Final

from orchestrator.builder.detect import sdk
from orchestrator.builder.detect.modules import Module, modules
from orchestrator.builder.errors import BadSource, NothingToStart
from orchestrator.builder.node import program
from orchestrator.builder.official_sdk.generation import starts_itself
from orchestrator.builder.source import parts
from orchestrator.builder.source.tree import FileTree
from orchestrator.builder.words import words_for
from orchestrator_runtime.user_code import start_command

USUAL: Final = ("main.py", "app.py", "workflow.py", "workflows.py", "tasks.py", "worker.py", "src/main.py")

_PACKAGES: Final = frozenset({"orchestrator_sdk", "render_sdk", "render"})
_STARTS: Final = re.compile(r"^[^#\n]*\.start\(", re.MULTILINE)
_PROCESS: Final = re.compile(r"^(workflows?|worker):\s*(.+)$", re.MULTILINE)


def find(tree: FileTree, command: str | None) -> str:
    """The entry point that a start command means, or that the code shows. Raises BadSource with the choices."""
    found = of_command(tree, command) if command else _shown(tree)
    module = next((module for module in modules(tree)[0] if module.path == found), None)
    if module is None:
        return found
    if apps := _unstarted(module, tree.texts[found]):
        return f"{_dotted(found)}:{apps[-1]}"
    return found if command or not _needs_its_package(module) else f"python -m {_path_dotted(found)}"


def starts_an_app(tree: FileTree, path: str) -> bool:
    """Whether the file calls ``app.start()``, also of an app that it has from a package of somebody's own."""
    return any(_calls_start(module) for module in modules(tree)[0] if module.path == path)


def _unstarted(module: Module, text: str) -> list[str]:
    """The apps of a module that starts none: early versions started some when the file had been run; here the shim does."""
    if _calls_start(module):
        return []
    made = [name for name, call in module.bound() if _makes_app(module, call)]
    return _self_starting(module) or ([] if _STARTS.search(text) else made)


def _needs_its_package(module: Module) -> bool:
    """Whether it imports from beside itself with a dot, for which it must be run as a module."""
    folder = posixpath.dirname(module.path)
    is_package = bool(folder) and all(part.isidentifier() for part in _path_dotted(module.path).split("."))
    return is_package and any(isinstance(node, ast.ImportFrom) and node.level for node in module.syntax.body)


def _path_dotted(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def _shown(tree: FileTree) -> str:
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


def _without_repos_of_their_own(tree: FileTree, starting: list[str]) -> list[str]:
    """Of the files that start tasks those that are not beside dependencies of their own. Raises BadSource if all are."""
    inside = [path for path in starting if not parts.has_own_dependencies(tree, posixpath.dirname(path))]
    if starting and not inside:
        choices = " or ".join(f"--root-dir {posixpath.dirname(path)}" for path in starting)
        raise BadSource(f"{' and '.join(starting)}: tasks beside dependencies of their own: deploy with {choices}")
    return inside


def _may_start(tree: FileTree) -> list[str]:
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


def _app(tree: FileTree) -> str:
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
    if program.is_there(tree):
        return program.start_command(tree)
    raise NothingToStart(f"no main.py or index.ts, and {_missing(tree)}{parts.hint(tree)}")


def _missing(tree: FileTree) -> str:
    if not sdk.is_named(tree):
        return words_for("main.py", names_sdk=False).how
    return f"no other file calls app.start(): name yours with --start-command, like {_example(tree)}"


def _example(tree: FileTree) -> str:
    return next((path for path in USUAL if path in tree), "app.py")


def _dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").removeprefix("src/").replace("/", ".")


def of_command(tree: FileTree, command: str) -> str:
    """The entry point a start command means: a file or app where that is all it says, else the command. Raises BadSource."""
    _check_quotes(command)
    start = start_command.parse(command)
    if start.folder and not tree.has_folder(posixpath.normpath(start.folder)):
        raise BadSource(f"start command {command!r} changes to {start.folder}, which is not in the repo")
    is_plain = not (start.folder or start.arguments)
    if start.kind == "file":
        path = posixpath.normpath(posixpath.join(start.folder, start.target))
        if path not in tree:
            hint = _did_you_mean(tree, path)
            raise BadSource(f"start command {command!r} names {path}, which is not in the repo{hint}")
        return path if is_plain else command
    if start.kind in ("app", "module"):
        _check_module(tree, command, start)
        return start.target if is_plain and ":" in start.target else command
    if f"{start.target}.py" in tree:
        raise BadSource(f"start command {command!r} names no file of the repo: did you mean {start.target}.py?")
    return command if start.folder else start.target


def _check_quotes(command: str) -> None:
    try:
        shlex.split(command)
    except ValueError as error:
        raise BadSource(f"start command {command!r} is not understood ({error}): give main.py or module:app") from error


def _check_module(tree: FileTree, command: str, start: start_command.Start) -> None:
    module = start.target.partition(":")[0]
    path = module.replace(".", "/")
    ends = (".py", "/__init__.py", "/__main__.py")
    folders = (start.folder, posixpath.join(start.folder, "src"))
    places = [posixpath.normpath(posixpath.join(folder, path + end)) for folder in folders for end in ends]
    # A module may also come with a dependency: only one that has a folder here must be here.
    if not any(place in tree for place in places) and (start.kind == "app" or _is_ours(tree, start, module)):
        raise BadSource(f"start command {command!r} names the module {module}, but there is no {places[0]} in the repo")


def _is_ours(tree: FileTree, start: start_command.Start, module: str) -> bool:
    top = posixpath.normpath(posixpath.join(start.folder, module.partition(".")[0]))
    return tree.has_folder(top)


def _did_you_mean(tree: FileTree, path: str) -> str:
    name = posixpath.basename(path)
    found = [other for other in tree.digests if posixpath.basename(other) == name]
    return f": did you mean {found[0]}?" if found else ""
