"""The Python files of a repo as syntax trees, with what their names stand for; nothing of them is run."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from orchestrator.builder.source.tree import FileTree

Function = ast.FunctionDef | ast.AsyncFunctionDef

_OUTSIDE: Final = frozenset({"test", "tests", "venv", ".venv", "env", "site-packages", "node_modules", "build", "dist"})
_NEWER: Final = (
    (re.compile(r"^([ \t]*)type\s+(\w+)\s*(?:\[.*?\])?\s*=", re.MULTILINE), r"\1\2 ="),  # 3.12
    (re.compile(r"^([ \t]*(?:(?:async\s+)?def|class)\s+\w+)\[.*?\](?=\s*[(:])", re.MULTILINE), r"\1"),  # 3.12
    (re.compile(r"^([ \t]*except\*?)\s+([\w.]+(?:\s*,\s*[\w.]+)+)\s*:", re.MULTILINE), r"\1 (\2):"),  # 3.14
)
"""What of the language is younger than 3.11, and how it was written before: names, calls and lines are the same."""
_TEST_FILE: Final = re.compile(r"test_.*|.*_test|conftest")


@dataclass(frozen=True, slots=True)
class Module:
    """A file that parses. `imports` says for a local name what it is: ``{"W": "render_sdk.Workflows"}``."""

    path: str
    syntax: ast.Module
    imports: dict[str, str]

    def origin(self, node: ast.AST) -> str:
        """The dotted name an expression stands for, or an empty string."""
        if isinstance(node, ast.Name):
            return self.imports.get(node.id, node.id)
        if isinstance(node, ast.Attribute) and (base := self.origin(node.value)):
            return f"{base}.{node.attr}"
        return ""

    def functions(self) -> Iterator[Function]:
        """All functions, at whatever depth."""
        return (node for node in ast.walk(self.syntax) if isinstance(node, Function))

    def bound(self) -> Iterator[tuple[str, ast.Call]]:
        """The names that are assigned the result of a call."""
        for node in ast.walk(self.syntax):
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and isinstance(node.value, ast.Call):
                yield from ((target.id, node.value) for target in targets if isinstance(target, ast.Name))


def modules(tree: FileTree) -> tuple[list[Module], list[str]]:
    """The modules of a repo in the order of their paths, without its tests; and the paths that do not parse."""
    found: list[Module] = []
    broken: list[str] = []
    for path, text in sorted(tree.texts.items()):
        if path.endswith(".py") and not _is_outside(path):
            try:
                syntax = _parsed(text)
                found.append(Module(path, syntax, _imports(syntax)))
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                broken.append(path)
    return found, broken


def _parsed(text: str) -> ast.Module:
    """The syntax of a file, also where that is newer than the Python that reads it. Raises what ast.parse does."""
    try:
        return ast.parse(text)
    except SyntaxError:
        for newer, older in _NEWER:
            text = newer.sub(older, text)
        return ast.parse(text)


def _is_outside(path: str) -> bool:
    *folders, name = path.split("/")
    return not _OUTSIDE.isdisjoint(folders) or bool(_TEST_FILE.fullmatch(posixpath.splitext(name)[0]))


def _imports(syntax: ast.Module) -> dict[str, str]:
    names: dict[str, str] = {}
    for node in ast.walk(syntax):
        if isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            names |= {one.asname or one.name: f"{module}.{one.name}" for one in node.names}
        elif isinstance(node, ast.Import):
            for one in node.names:
                first = one.name.partition(".")[0]
                names[one.asname or first] = one.name if one.asname else first
    return names
