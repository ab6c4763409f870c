"""The variables that a workflow's tasks see: which can be, and what becomes of them when some are changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from orchestrator.core.workflow import Workflow

VALUE_LIMIT_BYTES: Final = 96 * 1024
"""Of one variable: Linux gives a program no longer ones than 128 KiB."""
TOTAL_LIMIT_BYTES: Final = 1024 * 1024
"""Of all names and values: Linux starts no program whose arguments and variables have more than 2 MiB."""
_SHOWN_CHARS: Final = 60
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_BUILDKITS: Final = "BUILDKIT_"
_RESERVED: Final = ("ORCHESTRATOR_", "RENDER_SDK_")
NAME: Final = rf"^(?!{'|'.join(_RESERVED)}){_NAME.pattern}$"
"""A pattern of all names that can be."""


class InvalidVariables(ValueError):  # noqa: N818
    """A workflow cannot have these; the message says which and why, without a value."""


def problem_of_name(name: str) -> str:
    """What is wrong with a variable's name, empty when nothing is; what follows a '=' is not repeated, for it may be a value."""
    if not _NAME.fullmatch(name):
        shown = name.partition("=")[0][:_SHOWN_CHARS]
        return f"{shown!r} is no name of a variable: use letters, digits and '_', no digit first"
    if name.startswith(_RESERVED):
        return f"{name} is reserved for the orchestrator: choose another name"
    return ""


def problem_of_build(names: Iterable[str]) -> str:
    """What is wrong with the first of these as an argument of a build, empty when nothing is."""
    if taken := next((name for name in names if name.startswith(_BUILDKITS)), ""):
        return f"{taken} tells the builder itself what to do, such as which program reads a Dockerfile: choose another name"
    return ""


def problem_of_value(name: str, value: str) -> str:
    """What is wrong with a variable's value, empty when nothing is; the value is not repeated."""
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        return f"the value of {name} has characters that no variable can have"
    size_bytes = len(value.encode())
    if size_bytes > VALUE_LIMIT_BYTES:
        return f"the value of {name} has {size_bytes:,} bytes, more than the limit of {VALUE_LIMIT_BYTES:,}"
    return ""


def problem(env: Mapping[str, str]) -> str:
    """What is wrong with the first of these that cannot be, or with all together; empty when nothing is."""
    for name, value in env.items():
        if found := problem_of_name(name) or problem_of_value(name, value):
            return found
    total_bytes = sum(len(name) + len(value.encode()) + 2 for name, value in env.items())
    if total_bytes > TOTAL_LIMIT_BYTES:
        return f"all variables together have {total_bytes:,} bytes, more than the limit of {TOTAL_LIMIT_BYTES:,}"
    return ""


def with_env(workflow: Workflow, env: Mapping[str, str], *, now_ms: int) -> Workflow:
    """The workflow with these variables and no others; its revision grows by one if that changes anything.

    Raises InvalidVariables.
    """
    if env == workflow.env:
        return workflow
    if found := problem(env):
        raise InvalidVariables(found)
    known = {name: workflow.env_set_at_ms.get(name, workflow.created_at_ms) for name in workflow.env}
    return replace(
        workflow,
        env=dict(env),
        env_set_at_ms={name: known[name] if workflow.env.get(name) == env[name] else now_ms for name in env},
        env_revision=workflow.env_revision + 1,
        updated_at_ms=now_ms,
    )
