"""The types of the standard library that travel as text, as a number or as one of several values."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, Final, NamedTuple

from orchestrator_sdk.conversion.converter import Converter, Mismatch, Schema, show
from orchestrator_sdk.conversion.iso8601 import parse_duration, parse_moment
from orchestrator_sdk.conversion.to_json import to_json

PLAIN: Final[dict[Any, Converter]] = {
    str: Converter({"type": "string"}, "text", (str,)),
    int: Converter({"type": "integer"}, "a whole number", (int,)),
    float: Converter({"type": "number"}, "a number", (float, int)),
    bool: Converter({"type": "boolean"}, "true or false", (bool,)),
    None: Converter({"type": "null"}, "null", (type(None),)),
    type(None): Converter({"type": "null"}, "null", (type(None),)),
    list: Converter({"type": "array"}, "a list", (list,)),
    dict: Converter({"type": "object"}, "an object", (dict,)),
    Any: Converter({}),
    object: Converter({}),
}


class _Form(NamedTuple):
    """How values of a class look in JSON; `read` raises ValueError or ArithmeticError for those that do not fit."""

    expected: str
    schema: Schema
    read: Callable[[Any, Any], Any]
    kinds: tuple[type, ...] = (str,)


class Scalar(Converter):
    """A value of a class that has one of the forms below."""

    converts = True

    def __init__(self, cls: type, form: _Form) -> None:
        super().__init__(form.schema, form.expected)
        self._cls = cls
        self._form = form

    def parse(self, value: Any) -> Any:
        if type(value) not in self._form.kinds:
            raise Mismatch(self.expected, value)
        try:
            return self._form.read(self._cls, value)
        except (ValueError, ArithmeticError):
            raise Mismatch(self.expected, value) from None


class Choice(Converter):
    """A member of an Enum, or one of a Literal's values, by its value."""

    converts = True

    def __init__(self, members: Sequence[Any], cls: type[Enum] | None = None) -> None:
        values = [to_json(member) for member in members]
        name = f" ({cls.__name__})" if cls else ""
        super().__init__({"enum": values}, f"one of {', '.join(map(show, values))}{name}")
        self._members = list(zip(values, members, strict=True))
        self._cls = cls

    def parse(self, value: Any) -> Any:
        for known, member in self._members:
            if type(known) is type(value) and known == value:
                return member
        try:
            if self._cls is None or isinstance(value, bool):
                raise Mismatch(self.expected, value)
            return self._cls(value)  # flags in combination, and what the class itself takes for a member
        except (ValueError, KeyError, TypeError):
            raise Mismatch(self.expected, value) from None


def scalar(cls: type) -> Converter | None:
    """The converter of a class of the standard library, or of one that inherits from it; classes go by name, to load none."""
    if issubclass(cls, Enum):
        return Choice(list(cls), cls)
    for base in cls.__mro__:
        form = _FORMS.get(f"{base.__module__.partition('.')[0]}.{base.__qualname__}")
        if form is not None:
            return Scalar(cls, form)
    return None


def _text(expected: str, format: str, read: Callable[[Any, Any], Any]) -> _Form:
    return _Form(expected, {"type": "string", "format": format}, read)


def _duration(cls: Any, value: Any) -> Any:
    parsed = parse_duration(value) if isinstance(value, str) else cls(seconds=value)
    return cls(parsed.days, parsed.seconds, parsed.microseconds)


def _bytes(cls: Any, value: str) -> Any:
    return cls(base64.b64decode(value, validate=True))


def _made(cls: Any, value: Any) -> Any:
    return cls(value)


_BASE64: Final = _Form("base64 text", {"type": "string", "contentEncoding": "base64"}, _bytes)
_FORMS: Final[dict[str, _Form]] = {
    "builtins.bytes": _BASE64,
    "builtins.bytearray": _BASE64,
    "datetime.datetime": _text("a time such as 2026-03-04T16:05:57Z (ISO 8601)", "date-time", parse_moment),
    "datetime.date": _text("a date such as 2026-03-04 (ISO 8601)", "date", lambda cls, text: cls.fromisoformat(text)),
    "datetime.time": _text("a time of day such as 16:05:57 (ISO 8601)", "time", parse_moment),
    "datetime.timedelta": _Form(
        "a duration such as PT1H30M (ISO 8601), or seconds",
        {"anyOf": [{"type": "string", "format": "duration"}, {"type": "number"}]},
        _duration,
        (str, int, float),
    ),
    "decimal.Decimal": _Form(
        "a decimal number, as text or as a number",
        {"anyOf": [{"type": "string"}, {"type": "number"}]},
        lambda cls, value: cls(str(value)),
        (str, int, float),
    ),
    "ipaddress.IPv4Address": _text("an IPv4 address", "ipv4", _made),
    "ipaddress.IPv6Address": _text("an IPv6 address", "ipv6", _made),
    "ipaddress.IPv4Network": _Form("an IPv4 network such as 10.0.0.0/8", {"type": "string"}, _made),
    "ipaddress.IPv6Network": _Form("an IPv6 network", {"type": "string"}, _made),
    "pathlib.PurePath": _Form("a path, as text", {"type": "string", "format": "path"}, _made),
    "uuid.UUID": _text("a UUID", "uuid", _made),
}
