"""A task as it is registered: its parameters, what they take, and what a deploy should say about them."""

from __future__ import annotations

import contextlib
import inspect
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from orchestrator_sdk import hints
from orchestrator_sdk.conversion.reader import AnnotationReader
from orchestrator_sdk.conversion.to_json import to_json
from orchestrator_sdk.function.signature import is_binding, show, signature

if TYPE_CHECKING:
    from orchestrator_runtime.wire import Parameter, ParameterKind, TaskDefinition, TaskOptions

SCHEMA_LIMIT_CHARS: Final = 64 * 1024
_KINDS: Final[dict[Any, ParameterKind]] = {
    inspect.Parameter.POSITIONAL_ONLY: "positional_only",
    inspect.Parameter.POSITIONAL_OR_KEYWORD: "positional_or_keyword",
    inspect.Parameter.VAR_POSITIONAL: "var_positional",
    inspect.Parameter.KEYWORD_ONLY: "keyword_only",
    inspect.Parameter.VAR_KEYWORD: "var_keyword",
}


def define(task: str, func: Callable[..., Any], options: TaskOptions) -> TaskDefinition:
    """The task as it is registered; what JSON values cannot be turned into is said on stderr, which the deploy shows."""
    definition: TaskDefinition = {"name": task, "options": options, "parameters": parameters(func)}
    if is_binding(func):
        definition["signature"] = show(func)
    for warning in warnings(task, func):
        sys.stderr.write(f"warning: {warning}\n")
    return definition


def parameters(func: Callable[..., Any]) -> list[Parameter]:
    """The parameters as callers see them."""
    return [_parameter(one, func) for one in signature(func).parameters.values()]


def warnings(task: str, func: Callable[..., Any]) -> list[str]:
    """A sentence for each annotation that values cannot be converted to."""
    found = []
    for one in signature(func).parameters.values():
        for unknown in _unknown(one.annotation, func):
            found.append(
                f"task '{task}': parameter '{one.name}' is annotated as {unknown}, "
                "which cannot be made from JSON: its values arrive as they were sent"
            )
    for unknown in _unknown(signature(func).return_annotation, func):
        found.append(
            f"task '{task}': its result is annotated as {unknown}, which has no form in JSON: "
            "unless it returns something else, its runs will fail"
        )
    return found


def _unknown(annotation: Any, func: Callable[..., Any]) -> list[str]:
    if annotation is inspect.Parameter.empty:
        return []
    reader = _reader(func)
    reader.read(annotation)
    return list(dict.fromkeys(reader.unknown))


def _reader(func: Callable[..., Any]) -> AnnotationReader:
    return AnnotationReader(hints.names_of(hints.unwrapped(func)))


def _parameter(one: inspect.Parameter, func: Callable[..., Any]) -> Parameter:
    has_default = one.default is not one.empty
    parameter: Parameter = {"name": one.name, "has_default": has_default}
    if is_binding(func):
        parameter["kind"] = _KINDS[one.kind]
    if one.annotation is not one.empty:
        parameter["type"] = getattr(one.annotation, "__name__", None) or str(one.annotation)
        parameter.update(_schema(one.annotation, func))
    if has_default and one.default is not None:
        with contextlib.suppress(TypeError, ValueError, RecursionError):  # else only Python can know it
            parameter["default_value"] = json.dumps(to_json(one.default), allow_nan=False)
    return parameter


def _schema(annotation: Any, func: Callable[..., Any]) -> Parameter:
    """The JSON Schema of a parameter's values, where there is one to tell."""
    reader = _reader(func)
    schema = reader.schema(reader.read(annotation))
    is_told = schema and not reader.unknown and len(json.dumps(schema)) <= SCHEMA_LIMIT_CHARS
    return {"schema": schema} if is_told else {}
