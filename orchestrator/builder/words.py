"""How people are told what makes tasks, in the language of their program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from orchestrator.builder.node.program import ANSWERED
from orchestrator.builder.node.start import runs_node


@dataclass(frozen=True, slots=True)
class Words:
    """What registering is called in the user's language: why nothing came, and how tasks are made."""

    silent: str
    how: str


_PYTHON: Final = Words(
    "app.start() was not called, or importing the code takes longer",
    "decorate a function with @app.task and call app.start() at the end",
)
_NODE: Final = Words(
    "task() was not called, or importing the code takes longer",
    "define one with task({ name: … }, function) in a file that is imported",
)
_NEITHER_IN_PYTHON: Final = "no file of the repo names orchestrator_sdk or render_sdk"
_NEITHER_IN_NODE: Final = f"no file of the repo names {' or '.join(ANSWERED)}"


def words_for(entry_point: str, *, names_sdk: bool = True) -> Words:
    """The words for the program that a start command runs; those of a repo that names no SDK begin with its import."""
    if runs_node(entry_point):
        return _NODE if names_sdk else _importing(_NEITHER_IN_NODE, 'import { task } from "@orchestrator/sdk"', _NODE)
    return _PYTHON if names_sdk else _importing(_NEITHER_IN_PYTHON, "from orchestrator_sdk import Workflows", _PYTHON)


def _importing(neither: str, line: str, words: Words) -> Words:
    how = f"{neither}: add `{line}`, {words.how}"
    return Words(how, how)
