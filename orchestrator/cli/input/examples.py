"""Values that a task's parameters take, made up for the command that shows how it is run."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from orchestrator_sdk.client.models import TaskParameter

_PLAIN: Final[dict[str, Any]] = {"integer": 3, "number": 1.5, "boolean": True, "string": "text", "null": None}
_BY_FORMAT: Final = {
    "date-time": "2026-01-31T12:00:00Z",
    "date": "2026-01-31",
    "time": "12:00:00",
    "duration": "PT1M",
    "uuid": "123e4567-e89b-12d3-a456-426614174000",
    "email": "me@example.com",
    "uri": "https://example.com",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
    "path": "/tmp/file",
}
_BY_NAME: Final[dict[str, Any]] = {
    "int": 3,
    "float": 1.5,
    "bool": True,
    "str": "text",
    "None": None,
    "list": [],
    "tuple": [],
    "set": [],
    "dict": {},
}
"""Where a task has no schema, as with the official SDKs, the annotation's own name."""
_TEXTS: Final = "cst"
"""Letters for parameters that are texts; where there are no types, as in JavaScript, others stand for numbers."""
_DEPTH: Final = 8
"""A schema may refer to itself."""


def arguments(parameters: Iterable[TaskParameter]) -> list[str]:
    """The words after ``orchestrator run TASK`` that fill what must be given, quoted for a shell."""
    needed = [one for one in parameters if not one.has_default and one.kind not in ("var_positional", "var_keyword")]
    if any(one.kind == "keyword_only" for one in needed):
        values = {one.name: example(one) for one in needed}
        return ["--input", shlex.quote(json.dumps(values, ensure_ascii=False))]
    return [shlex.quote(_word(example(one))) for one in needed]


def example(parameter: TaskParameter) -> Any:
    """A value that the parameter takes, as far as is known."""
    if parameter.schema:
        return _of_schema(parameter.schema, parameter.schema.get("$defs") or {}, _DEPTH)
    if not parameter.type:
        return 3 if len(parameter.name) == 1 and parameter.name not in _TEXTS else "text"
    name = parameter.type.partition("[")[0].partition("|")[0].strip()
    return _BY_NAME.get(name, "text")


def _word(value: Any) -> str:
    """The value as an argument; text that would be read as JSON, or as an option, is written as JSON."""
    if isinstance(value, str) and not value.startswith("-"):
        try:
            json.loads(value)
        except ValueError:
            return value
    return json.dumps(value, ensure_ascii=False)


def _of_schema(schema: Any, definitions: Mapping[str, Any], depth: int) -> Any:
    if not isinstance(schema, Mapping) or not schema or not depth:
        return "text"
    for told in ("default", "const"):
        if told in schema:
            return schema[told]
    for several in ("examples", "enum"):
        if schema.get(several):
            return schema[several][0]
    if "$ref" in schema:
        return _of_schema(definitions.get(str(schema["$ref"]).rpartition("/")[2]), definitions, depth - 1)
    for choices in ("anyOf", "oneOf", "allOf"):
        if schema.get(choices):
            return _of_schema(min(schema[choices], key=_vagueness), definitions, depth - 1)
    return _of_type(schema, definitions, depth)


def _vagueness(choice: Any) -> int:
    """Of several that are allowed, null shows little, and text without a format may have to be of a certain form."""
    kind = choice.get("type") if isinstance(choice, Mapping) else None
    return 2 if kind == "null" else int(kind == "string" and "format" not in choice)


def _of_type(schema: Mapping[str, Any], definitions: Mapping[str, Any], depth: int) -> Any:
    match schema.get("type"):
        case "array":
            return _array(schema, definitions, depth)
        case "object":
            properties = schema.get("properties") or {}
            needed = [name for name in schema.get("required") or () if name in properties]
            return {name: _of_schema(properties[name], definitions, depth - 1) for name in needed}
        case "string":
            return _text(schema)
        case "integer" | "number" as kind:
            return _number(schema, _PLAIN[kind])
        case kind:
            return _PLAIN.get(str(kind), "text")


def _array(schema: Mapping[str, Any], definitions: Mapping[str, Any], depth: int) -> list[Any]:
    if places := schema.get("prefixItems"):
        return [_of_schema(one, definitions, depth - 1) for one in places]
    if depth < _DEPTH - 2 and not schema.get("minItems"):
        return []
    return [_of_schema(schema.get("items"), definitions, depth - 1)] * max(1, schema.get("minItems") or 0)


def _text(schema: Mapping[str, Any]) -> str:
    if schema.get("contentEncoding") == "base64" or schema.get("format") == "binary":
        return "dGV4dA=="
    found = _BY_FORMAT.get(str(schema.get("format")), "text")
    return found.ljust(schema.get("minLength") or 0, "x")[: schema.get("maxLength")]


def _number(schema: Mapping[str, Any], usual: float) -> float:
    """The usual one, or else one that is within the bounds and on the step."""
    low = schema.get("minimum", schema.get("exclusiveMinimum", usual))
    high = schema.get("maximum", schema.get("exclusiveMaximum", usual))
    step = schema.get("multipleOf") or 1
    above = (low // step + 1) * step
    tried = (usual, low, high, low + 1, high - 1, (low + high) / 2, above, above + step)
    return next((value for value in tried if _fits(value, schema)), usual)


def _fits(value: float, schema: Mapping[str, Any]) -> bool:
    return (
        schema.get("minimum", value) <= value <= schema.get("maximum", value)
        and ("exclusiveMinimum" not in schema or schema["exclusiveMinimum"] < value)
        and ("exclusiveMaximum" not in schema or value < schema["exclusiveMaximum"])
        and (not schema.get("multipleOf") or value % schema["multipleOf"] == 0)
        and (schema.get("type") != "integer" or value == int(value))
    )
