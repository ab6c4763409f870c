"""For which generation of the official package a repo's tasks are written, read from its source.

called    before 1.0: a task takes its arguments alone, and calling one inside another chains a run
context   since 1.0: a task's first parameter is a TaskContext, and ``ctx.run(task, …)`` chains a run

What a task looks like counts more than what is imported, and that more than how a parameter is named.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from packaging.version import Version

from orchestrator.builder.detect.modules import Function, Module, modules
from orchestrator.builder.source.tree import FileTree

CONTEXT_SINCE: Final = Version("1")
AUTO_START_UNTIL: Final = Version("0.4")
_TIMEOUT_UNTIL: Final = Version("0.5")
CONTEXT_NAMES: Final = frozenset({"ctx", "context", "_ctx", "_context", "task_ctx", "task_context"})
_NEW_EXPORTS: Final = frozenset({"TaskContext", "TaskRunMetadata", "TaskDefinition", "WorkflowTaskContext"})
_UNREAD: Final = (
    f"is not understood by Python {sys.version_info.major}.{sys.version_info.minor}, on which the orchestrator runs: "
    "which release of the official package its tasks are written for was not looked at"
)
_SAYS_NOTHING: Final = frozenset({"Any", "object"})


class Generation(StrEnum):
    """How tasks are written; the words are those of messages."""

    CALLED = "before 1.0"
    CONTEXT = "1.0 and later"


class Weight(IntEnum):
    """How much a sign counts: only those with the greatest weight do."""

    NAME = 0
    IMPORT = 1
    TASK = 2


@dataclass(frozen=True, slots=True)
class Sign:
    """A place in the source that tells the generation; before 1.0 `until` is the version that no longer has the form."""

    generation: Generation
    weight: Weight
    path: str
    line: int
    says: str
    until: Version = CONTEXT_SINCE

    def __str__(self) -> str:
        return f"{self.says} ({self.path}:{self.line})"


@dataclass(frozen=True, slots=True)
class Finding:
    """The generation of a repo, None when its signs contradict each other or there are none; `notes` are for people."""

    signs: tuple[Sign, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def generation(self) -> Generation | None:
        """The generation that all signs agree on."""
        generations = {sign.generation for sign in self.signs}
        return generations.pop() if len(generations) == 1 else None

    @property
    def sign(self) -> Sign:
        """The sign to show: the first of those that admit the fewest versions."""
        return min(self.signs, key=lambda sign: sign.until)

    @property
    def is_certain(self) -> bool:
        """Whether more than a parameter's name says so."""
        return any(sign.weight > Weight.NAME for sign in self.signs)


def find(tree: FileTree) -> Finding:
    """What the source of a repo says."""
    found, broken = modules(tree)
    unread = tuple(f"{path} {_UNREAD}" for path in broken if "render" in tree.texts[path])
    return weighed(list(_Reader(tree, found).signs()), unread)


def weighed(signs: Sequence[Sign], notes: tuple[str, ...] = ()) -> Finding:
    """What the heaviest of the signs say."""
    heaviest = max((sign.weight for sign in signs), default=Weight.NAME)
    heard = tuple(sign for sign in signs if sign.weight is heaviest)
    return Finding(heard, notes + (_contradiction(heard) if heard else ()))


def _contradiction(signs: tuple[Sign, ...]) -> tuple[str, ...]:
    first = {sign.generation: sign for sign in reversed(signs)}
    if len(first) == 1:
        return ()
    old, new = first[Generation.CALLED], first[Generation.CONTEXT]
    return (
        f"tasks are written for two generations of the official package: {old}, and {new}; its version is left as required",
    )


class _Reader:
    """Knows the repo's apps and tasks, which the modules import from each other."""

    def __init__(self, tree: FileTree, found: list[Module]) -> None:
        self._modules = found
        has_own = "render.py" in tree or "src/render.py" in tree or tree.has_folder("render")
        self._packages = {"render_sdk"} if has_own else {"render_sdk", "render"}
        self._apps = {name for module in found for name, call in module.bound() if self._makes_app(module, call)}
        self._tasks = {
            (module.path, one.name) for module in found for one in module.functions() if self._decorator(module, one)
        }

    def signs(self) -> Iterator[Sign]:
        for module in self._modules:
            yield from self._of_apps(module)
            yield from self._of_imports(module)
            for function in module.functions():
                if decorator := self._decorator(module, function):
                    yield from self._of_task(module, function, decorator)

    def _of_apps(self, module: Module) -> Iterator[Sign]:
        for _, call in module.bound():
            if self._makes_app(module, call) and starts_itself(call):
                says = "Workflows(auto_start=True) starts by itself"
                yield Sign(Generation.CALLED, Weight.TASK, module.path, call.lineno, says, AUTO_START_UNTIL)

    def _of_imports(self, module: Module) -> Iterator[Sign]:
        for node in ast.walk(module.syntax):
            if isinstance(node, ast.ImportFrom) and not node.level and self._is_official(node.module or ""):
                names = {one.name for one in node.names}
                if (node.module or "").partition(".")[0] == "render" or names & _NEW_EXPORTS:
                    says = f"from {node.module} import {', '.join(sorted(names & _NEW_EXPORTS or names))}"
                    yield Sign(Generation.CONTEXT, Weight.IMPORT, module.path, node.lineno, says)

    def _of_task(self, module: Module, task: Function, decorator: ast.expr) -> Iterator[Sign]:
        if isinstance(decorator, ast.Call) and _keyword(decorator, "timeout"):
            says = f"task '{task.name}' has timeout=, now timeout_seconds="
            yield Sign(Generation.CALLED, Weight.TASK, module.path, task.lineno, says, _TIMEOUT_UNTIL)
        if called := self._chained_call(module, task):
            says = f"task '{task.name}' calls the task '{called}'"
            yield Sign(Generation.CALLED, Weight.TASK, module.path, task.lineno, says)
        if found := _of_parameters(module, task):
            generation, weight, says = found
            yield Sign(generation, weight, module.path, task.lineno, f"task '{task.name}' {says}")

    def _chained_call(self, module: Module, task: Function) -> str | None:
        """The task that is called by name, not handed to ``ctx.run``."""
        own = {one.arg for one in _positional(task)}
        functions = (node.func for node in ast.walk(task) if isinstance(node, ast.Call))
        names = (one for one in functions if isinstance(one, ast.Name) and one.id not in own)
        return next((called for name in names if (called := self._task_called(module, name))), None)

    def _task_called(self, module: Module, name: ast.Name) -> str | None:
        """The task a name stands for: one of this module, or imported from another."""
        source, _, original = module.origin(name).rpartition(".")
        wanted = module.path if not source else source.rpartition(".")[2] + ".py"
        return original if any(original == task and path.endswith(wanted) for path, task in self._tasks) else None

    def _decorator(self, module: Module, function: Function) -> ast.expr | None:
        return next((one for one in function.decorator_list if self._makes_task(module, one)), None)

    def _makes_task(self, module: Module, decorator: ast.expr) -> bool:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        app, _, name = module.origin(target).rpartition(".")
        if name != "task":
            return False
        others = {bound for bound, call in module.bound() if not self._makes_app(module, call)}
        return self._is_official(app) or (app.rpartition(".")[2] in self._apps and app not in others)

    def _makes_app(self, module: Module, call: ast.Call) -> bool:
        origin = module.origin(call.func)
        return self._is_official(origin) and "Workflows" in origin.split(".")

    def _is_official(self, dotted: str) -> bool:
        return dotted.partition(".")[0] in self._packages


def _of_parameters(module: Module, task: Function) -> tuple[Generation, Weight, str] | None:
    """What a task's first parameter says, and whether the task runs others through it."""
    parameters = _positional(task)
    if not parameters:
        return None if task.args.vararg else (Generation.CALLED, Weight.TASK, "takes no TaskContext")
    first = parameters[0]
    annotation = _annotation(module, first)
    if annotation.endswith("Context"):
        return Generation.CONTEXT, Weight.TASK, f"takes a {annotation}"
    if _runs_through(task, first.arg):
        return Generation.CONTEXT, Weight.TASK, f"chains with {first.arg}.run()"
    if first.arg in CONTEXT_NAMES and (not annotation or annotation in _SAYS_NOTHING):
        return Generation.CONTEXT, Weight.NAME, f"has a first parameter '{first.arg}'"
    return Generation.CALLED, Weight.TASK, f"takes '{first.arg}' first, and no TaskContext"


def _positional(task: Function) -> list[ast.arg]:
    return [*task.args.posonlyargs, *task.args.args]


def _annotation(module: Module, parameter: ast.arg) -> str:
    """The last name of an annotation, quoted or not."""
    node = parameter.annotation
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value.strip().rpartition(".")[2]
    if isinstance(node, ast.BinOp | ast.Subscript):
        return "(something else)"
    return module.origin(node).rpartition(".")[2] if node else ""


def _runs_through(task: Function, name: str) -> bool:
    calls = (node.func for node in ast.walk(task) if isinstance(node, ast.Call) and node.args)
    runs = (func.value for func in calls if isinstance(func, ast.Attribute) and func.attr == "run")
    return any(isinstance(value, ast.Name) and value.id == name for value in runs)


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((one.value for one in call.keywords if one.arg == name), None)


def starts_itself(call: ast.Call) -> bool:
    """Whether an app is made with ``auto_start=True``."""
    value = _keyword(call, "auto_start")
    return isinstance(value, ast.Constant) and value.value is True
