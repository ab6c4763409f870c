"""For which generation of the official package a repo's tasks in TypeScript or JavaScript are written, read from its source.

The same two as in Python: tasks that are called, and tasks that take a context. Nothing here understands types; what cannot be
told is not said, and then the version is left as it is required.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from orchestrator.builder.official_sdk.generation import (
    CONTEXT_NAMES,
    Finding,
    Generation,
    Sign,
    Weight,
    weighed,
)
from orchestrator.builder.official_sdk.script import code_of, end_of, line_of, parts
from orchestrator.builder.source.tree import FileTree

OFFICIAL: Final = "@renderinc/sdk"
_ENDINGS: Final = (".ts", ".mts", ".cts", ".js", ".mjs", ".cjs")
_OUTSIDE: Final = re.compile(r"(?:^|/)(?:node_modules|dist|build|tests?|__tests__)/|\.(?:test|spec)\.\w+$|\.d\.\w*ts$")
_NAMED: Final = rf"""\{{([^}}]*)\}}\s*(?:from\s*|=\s*require\(\s*)["']{OFFICIAL}(?:/workflows)?["']"""
_WHOLE: Final = rf"""(?:\*\s*as\s+([\w$]+)\s+from\s*|([\w$]+)\s*=\s*require\(\s*)["']{OFFICIAL}(?:/workflows)?["']"""
_RELATIVE: Final = re.compile(r"""\{([^}]*)\}\s*(?:from\s*|=\s*require\(\s*)["']\.[^"']*["']""")
_ONLY_BEFORE: Final = frozenset({"getCurrentContext", "setCurrentContext", "TaskResult"})
_ONLY_SINCE: Final = frozenset({"TaskDefinition", "WorkflowTaskContext", "AnyTaskFunction"})
_NAME: Final = re.compile(r"""\bname\s*:\s*(["'`])(.*?)\1""")
_FUNCTION: Final = re.compile(r"\s*(?:async\b\s*)?(?:function\b\s*\*?\s*[\w$]*\s*)?(?:<[^(]*>\s*)?(?=\()")
_BARE: Final = re.compile(r"\s*(?:async\s+)?([\w$]+)\s*=>")
_REFERENCE: Final = re.compile(r"\s*([\w$]+)\s*$")
_PARAMETER: Final = re.compile(r"\s*([\w$]+)\s*\??\s*(?::\s*([^=]*))?")
_SAYS_NOTHING: Final = frozenset({"", "any", "unknown"})


@dataclass(frozen=True, slots=True)
class _Script:
    """A file: `code` is its text without strings and comments, in the same places; `imports` are official names by local ones."""

    path: str
    text: str
    code: str
    imports: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Task:
    """Where a task is made in `script`: the variable it is kept in, its function's parameters, and all of its function."""

    script: _Script
    place: int
    name: str
    variable: str
    parameters: list[str]
    body: str


def find(tree: FileTree) -> Finding:
    """What the source of a repo says."""
    texts = ((path, text) for path, text in sorted(tree.texts.items()) if path.endswith(_ENDINGS))
    scripts = [_read(path, text) for path, text in texts if OFFICIAL in text and not _OUTSIDE.search(path)]
    made = [(script, list(_tasks(script))) for script in scripts]
    everywhere = {task.variable for _, tasks in made for task in tasks}
    return weighed([sign for script, tasks in made for sign in _signs(script, tasks, everywhere)])


def _signs(script: _Script, tasks: list[_Task], everywhere: set[str]) -> Iterator[Sign]:
    """Of one file, whose tasks may be called by their own variables, or by those imported from other files."""
    imported = {name for found in _RELATIVE.finditer(script.text) for _, name in _names(found[1])}
    known = {task.variable for task in tasks} | (imported & everywhere)
    for task in tasks:
        yield from _of_task(task, known - {""})
    yield from _of_imports(script)


def _read(path: str, text: str) -> _Script:
    named = {local: name for found in re.finditer(_NAMED, text) for name, local in _names(found[1])}
    whole = {f"{found[1] or found[2]}.task": "task" for found in re.finditer(_WHOLE, text)}
    return _Script(path, text, code_of(text), named | whole)


def _names(listed: str) -> Iterator[tuple[str, str]]:
    """What is imported, and what it is called here: of ``type A, b as c``, or ``b: c`` of require()."""
    for one in listed.split(","):
        name, _, local = re.sub(r"\s+as\s+", ":", one.strip().removeprefix("type ")).partition(":")
        yield name.strip(), (local or name).strip()


def _tasks(script: _Script) -> Iterator[_Task]:
    makers = "|".join(re.escape(local) for local, name in script.imports.items() if name == "task")
    if not makers:
        return
    made = re.compile(
        rf"(?:\b(?:const|let|var)\s+([\w$]+)\s*(?::[^=;]+)?=\s*)?(?<![\w$.])(?:{makers})\s*(?:<[^()]*>)?\s*\("
    )
    for found in made.finditer(script.code):
        given = parts(script.code, found.end() - 1)
        if len(given) < 2:
            continue
        (first, last), (start, end) = given[:2]
        name = _NAME.search(script.text, first, last)
        parameters = _parameters(script.code, start, end)
        if parameters is not None:
            label = name[2] if name else "?"
            yield _Task(script, found.start(), label, found[1] or "", *parameters)


def _parameters(code: str, start: int, end: int) -> tuple[list[str], str] | None:
    """The parameters of the function between two places, and its text; None for what is no function that can be seen."""
    if bare := _BARE.match(code, start, end):
        return [bare[1]], code[start:end]
    if (head := _FUNCTION.match(code, start, end)) and head.end() < end:
        listed = [code[first:last] for first, last in parts(code, head.end())]
        return [one for one in listed if one.strip()], code[end_of(code, head.end()) : end]
    named = _REFERENCE.match(code, start, end)
    return _defined(code, named[1]) if named else None


def _defined(code: str, name: str) -> tuple[list[str], str] | None:
    """The same of a function that has a name of its own in this file."""
    declared = re.search(rf"\bfunction\s*\*?\s*{re.escape(name)}\s*(?:<[^(]*>\s*)?(?=\()", code)
    arrow = re.search(rf"\b(?:const|let)\s+{re.escape(name)}\s*=\s*(?:async\b\s*)?(?:function\b[^(]*)?(?=\()", code)
    if not (head := declared or arrow):
        return None
    closing = end_of(code, head.end())
    opening = code.find("{", closing)
    body = code[closing : end_of(code, opening) if opening >= 0 else len(code)]
    return [one for first, last in parts(code, head.end()) if (one := code[first:last]).strip()], body


def _of_imports(script: _Script) -> Iterator[Sign]:
    for generation, names in ((Generation.CALLED, _ONLY_BEFORE), (Generation.CONTEXT, _ONLY_SINCE)):
        if found := sorted(names & set(script.imports.values())):
            line = line_of(script.text, script.text.find(found[0]))
            yield Sign(generation, Weight.IMPORT, script.path, line, f"import {{ {', '.join(found)} }}")


def _of_task(task: _Task, known: set[str]) -> Iterator[Sign]:
    line = line_of(task.script.text, task.place)
    if called := _called(task, known):
        says = f"task '{task.name}' calls the task '{called}'"
        yield Sign(Generation.CALLED, Weight.TASK, task.script.path, line, says)
    if found := _of_first(task):
        generation, weight, says = found
        yield Sign(generation, weight, task.script.path, line, f"task '{task.name}' {says}")


def _called(task: _Task, known: set[str]) -> str | None:
    """The task that is called by name, not handed to ``ctx.run``."""
    names = "|".join(re.escape(name) for name in sorted(known))
    found = re.search(rf"(?<![\w$.])({names})\s*\(", task.body) if names else None
    return found[1] if found else None


def _of_first(task: _Task) -> tuple[Generation, Weight, str] | None:
    """What the first parameter says, and whether others are run through it."""
    if not task.parameters or task.parameters[0].strip().startswith("..."):
        return None
    found = _PARAMETER.match(task.parameters[0])
    name, annotation = (found[1], (found[2] or "").strip()) if found else ("", "")
    if not found and "TaskContext" not in task.parameters[0]:
        return Generation.CALLED, Weight.TASK, "takes an object first, and no TaskContext"
    if annotation.endswith("Context") or not found:
        return Generation.CONTEXT, Weight.TASK, f"takes a {annotation or 'TaskContext'}"
    if re.search(rf"(?<![\w$.]){re.escape(name)}\s*\.\s*run\s*\(", task.body):
        return Generation.CONTEXT, Weight.TASK, f"chains with {name}.run()"
    if not name.strip("_"):
        return None  # what is not used may be either
    if name in CONTEXT_NAMES and annotation in _SAYS_NOTHING:
        return Generation.CONTEXT, Weight.NAME, f"has a first parameter '{name}'"
    return Generation.CALLED, Weight.TASK, f"takes '{name}' first, and no TaskContext"
