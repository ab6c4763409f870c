"""Whether a task takes a run's input, as far as that can be told before its code sees it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from orchestrator.core.task_input.json_schema import weakened
from orchestrator.core.task_input.signature import bind
from orchestrator.core.tasks import Parameter, TaskSpec

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator

_TEXT_LIMIT_CHARS: Final = 256 * 1024
_WORK_LIMIT: Final = 100_000
"""Values of the input, times what a schema says of one: this many comparisons take some 5 ms, 200 where somebody means harm."""
_SHOWN_CHARS: Final = 300
_SCHEMAS_KEPT: Final = 256
_BY_POSITION: Final = ("positional_only", "positional_or_keyword")


def refusal(task: TaskSpec, given: Sequence[Any] | Mapping[str, Any], input_json: str) -> str | None:
    """What is wrong with the input, which is `input_json` as text; None when the task may take it: its own check has the last word.

    Values are held to the schemas of those parameters that ask for it, but not where that could take long.
    """
    return bind(task, given) or _misfit(task, given, input_json)


def refusal_of_text(task: TaskSpec, input_json: str) -> str | None:
    """The same of an input that nobody has understood yet."""
    return refusal(task, json.loads(input_json), input_json)


def _misfit(task: TaskSpec, given: Sequence[Any] | Mapping[str, Any], input_json: str) -> str | None:
    checked = [(one, value) for one, value in _pairs(task.parameters, given) if one.is_checked and one.schema_json]
    if not checked or len(input_json) > _TEXT_LIMIT_CHARS or max(input_json) > "\uffff":
        return None  # of characters beyond that JavaScript counts two where JSON Schema counts one
    for parameter, value in checked:
        if _count(parameter.schema_json or "") * _count(input_json) > _WORK_LIMIT:
            continue
        if problem := _problem(parameter, value):
            return f"task '{task.name}': argument {problem}; its signature is {task.signature}"
    return None


def _pairs(
    parameters: Sequence[Parameter], given: Sequence[Any] | Mapping[str, Any]
) -> Iterator[tuple[Parameter, Any]]:
    """Each parameter with the value it is given."""
    if isinstance(given, Mapping):
        yield from ((one, given[one.name]) for one in parameters if one.name in given)
    else:
        yield from zip([one for one in parameters if one.kind in _BY_POSITION], given, strict=False)


def _count(text: str) -> int:
    """How many values a JSON text has, at most."""
    return 1 + text.count(",") + text.count("[") + text.count("{")


def _problem(parameter: Parameter, value: Any) -> str | None:
    """A part of a sentence: where in the value what is wrong."""
    validator = _validator(parameter.schema_json or "")
    if validator is None:
        return None
    import jsonschema_rs

    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.instance_path)
        return f"'{parameter.name}{place[:_SHOWN_CHARS]}': {_shown(error.message)}"
    except ValueError:  # it has half a character, which the library cannot read
        return None
    return None


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"


@lru_cache(_SCHEMAS_KEPT)
def _validator(schema_json: str) -> Draft202012Validator | None:
    """Checks values against a schema, None where it makes no sense; it was registered by code that nobody trusts."""
    import jsonschema_rs

    def is_pattern(text: str) -> bool:
        return _compiled({"pattern": text}) is not None

    def _compiled(schema: dict[str, Any]) -> Draft202012Validator | None:
        try:  # patterns by an engine that takes no longer for the worst of them
            return jsonschema_rs.Draft202012Validator(schema, pattern_options=jsonschema_rs.RegexOptions())
        except ValueError:
            return None

    return _compiled(weakened(json.loads(schema_json), is_pattern))
