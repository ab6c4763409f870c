"""From Python's values to JSON's, by what a value is: annotations are not asked."""

from __future__ import annotations

import sys

from orchestrator_sdk.generics import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_SCALARS = (str, int, float, bool, type(None))


def to_json(value: Any) -> Any:
    """The value as JSON's types; the value itself when it is made of nothing else.

    What has no JSON form stays in its place, so that the encoder refuses it by name.
    """
    if type(value) in _SCALARS:
        return value
    import json

    try:
        json.dumps(value)
        return value
    except TypeError:
        pass
    except (ValueError, RecursionError):
        return value
    try:
        return _convert(value)
    except RecursionError:
        return value


def _convert(value: Any) -> Any:
    if isinstance(value, dict):
        return {_key(key): _convert(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_convert(one) for one in value]
    how = _of_enum(value) or _of_library(type(value)) or _of_name(type(value))
    return value if how is None else how(value)


def _key(key: Any) -> Any:
    """An object's key: what becomes text may be one; a number or None is left to JSON, which has its own way with them."""
    return key if isinstance(key, _SCALARS) and not _of_enum(key) else _convert(key)


def _of_enum(value: Any) -> Callable[[Any], Any] | None:
    enum = sys.modules.get("enum")
    return (lambda member: _convert(member.value)) if enum and isinstance(value, enum.Enum) else None


def _of_library(cls: type) -> Callable[[Any], Any] | None:
    """How pydantic, or a class made by `dataclasses`, says it."""
    if hasattr(cls, "__get_pydantic_core_schema__") or hasattr(cls, "__pydantic_serializer__"):
        return _with_pydantic
    if hasattr(cls, "parse_obj") and hasattr(cls, "__fields__"):  # pydantic 1
        return _with_pydantic_1
    if hasattr(cls, "__dataclass_fields__"):
        return _fields
    return None


def _with_pydantic(value: Any) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(type(value)).dump_python(value, mode="json", by_alias=True)


def _with_pydantic_1(value: Any) -> Any:
    import json

    return json.loads(value.json(by_alias=True))


def _fields(value: Any) -> dict[str, Any]:
    import dataclasses

    return {field.name: _convert(getattr(value, field.name)) for field in dataclasses.fields(value)}


def _of_name(cls: type) -> Callable[[Any], Any] | None:
    """How a class of the standard library says it, or one that inherits from it; classes go by name, to load none."""
    for base in cls.__mro__:
        how = _BY_NAME.get(f"{base.__module__.partition('.')[0]}.{base.__qualname__}")
        if how is not None:
            return how
    return None


def _base64(value: Any) -> str:
    import base64

    return base64.b64encode(value).decode()


def _duration(value: Any) -> str:
    from orchestrator_sdk.conversion.iso8601 import format_duration

    return format_duration(value)


def _sorted(value: Any) -> list[Any]:
    """A set in an order that is the same each time, as far as its elements have one."""
    items = [_convert(one) for one in value]
    try:
        return sorted(items)
    except TypeError:
        return items


_BY_NAME: dict[str, Callable[[Any], Any]] = {
    "builtins.bytes": _base64,
    "builtins.bytearray": _base64,
    "builtins.set": _sorted,
    "builtins.frozenset": _sorted,
    "collections.deque": lambda value: [_convert(one) for one in value],
    "datetime.datetime": lambda value: value.isoformat(),
    "datetime.date": lambda value: value.isoformat(),
    "datetime.time": lambda value: value.isoformat(),
    "datetime.timedelta": _duration,
    "decimal.Decimal": str,
    "ipaddress.IPv4Address": str,
    "ipaddress.IPv6Address": str,
    "ipaddress.IPv4Network": str,
    "ipaddress.IPv6Network": str,
    "pathlib.PurePath": str,
    "uuid.UUID": str,
}
