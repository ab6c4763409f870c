"""JSON Schemas of tasks, reduced to what is quick to check."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

_DEPTH_LIMIT: Final = 40
_PLAIN: Final = frozenset(
    {
        "const",
        "enum",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "required",
        "type",
    }
)
_OF_ONE: Final = ("additionalProperties", "items", "propertyNames")
_OF_MANY: Final = {"allOf": "allOf", "anyOf": "anyOf", "oneOf": "anyOf", "prefixItems": "prefixItems"}
"""Lists of schemas, and what becomes of them: which one fits, and that no other does, takes more than is said here."""


def weakened(schema: dict[str, Any], is_pattern: Callable[[str], bool]) -> dict[str, Any]:
    """A schema that takes whatever `schema` takes, and refuses much of what that refuses.

    It has no references, so it is no larger than it looks, and nothing that compares values with each other or turns a meaning
    around (``not``, ``if``). Patterns are left in if `is_pattern`.
    """
    found = _of(schema, is_pattern, _DEPTH_LIMIT)
    return found if isinstance(found, dict) else {}


def _of(schema: Any, is_pattern: Callable[[str], bool], levels: int) -> dict[str, Any] | bool:
    if isinstance(schema, bool):
        return schema
    if not isinstance(schema, dict) or levels == 0:
        return {}
    found: dict[str, Any] = {name: value for name, value in schema.items() if name in _PLAIN}
    if isinstance(schema.get("pattern"), str) and is_pattern(schema["pattern"]):
        found["pattern"] = schema["pattern"]
    if isinstance(schema.get("properties"), dict):
        found["properties"] = {name: _of(one, is_pattern, levels - 1) for name, one in schema["properties"].items()}
    for name in _OF_ONE:
        if name in schema and not (name == "additionalProperties" and "patternProperties" in schema):
            found[name] = _of(schema[name], is_pattern, levels - 1)
    return _with_lists(found, schema, is_pattern, levels)


def _with_lists(
    found: dict[str, Any], schema: dict[str, Any], is_pattern: Callable[[str], bool], levels: int
) -> dict[str, Any]:
    for name, weaker in _OF_MANY.items():
        listed = schema.get(name)
        if isinstance(listed, list) and listed and weaker not in found:
            found[weaker] = [_of(one, is_pattern, levels - 1) for one in listed]
    return found
