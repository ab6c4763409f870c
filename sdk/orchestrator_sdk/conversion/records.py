"""Dataclasses, named tuples and typed dicts: objects whose fields have types of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from orchestrator_sdk.conversion.converter import Converter, Mismatch


class Record(Converter):
    """An object made by calling its class with its fields.

    `fields` are the converters of those that may be given, `required` those that must be; `ignored` may come along, as what
    a dataclass computes itself does. With `is_row`, a list of the fields in order is taken as well.
    """

    converts = True

    def __init__(self, cls: Callable[..., Any], schema: Mapping[str, Any], *, is_row: bool = False) -> None:
        self._cls = cls
        self._is_row = is_row
        self.name = getattr(cls, "__name__", "record")
        self.fields: dict[str, Converter] = {}
        self.required: frozenset[str] = frozenset()
        self.ignored: frozenset[str] = frozenset()
        super().__init__(schema, f"{'a list or ' if is_row else ''}an object with the fields of {self.name}")

    def parse(self, value: Any) -> Any:
        given = self._named(value)
        made = {name: _parse_field(self.fields[name], one, name) for name, one in given.items()}
        try:
            return self._cls(**made)
        except (TypeError, ValueError) as error:  # its own checks
            raise Mismatch(f"{self.expected} ({error})", value) from error

    def _named(self, value: Any) -> dict[str, Any]:
        """The fields that are given. Raises Mismatch for too few, too many or none at all."""
        if self._is_row and type(value) is list and len(value) <= len(self.fields):
            value = dict(zip(self.fields, value, strict=False))
        if type(value) is not dict:
            raise Mismatch(self.expected, value)
        given = {name: one for name, one in value.items() if name not in self.ignored}
        if missing := [name for name in self.fields if name in self.required and name not in given]:
            raise Mismatch(f"{self.expected}, of which {_quoted(missing)} is missing", value)
        if unknown := [name for name in given if name not in self.fields]:
            raise Mismatch(f"{self.expected}, of which {_quoted(unknown)} is none", value)
        return given


class Keys(Converter):
    """A typed dict: stays one, with those fields converted that can be; what else it has is left alone.

    While its fields are still being read it counts as one that converts: it may contain itself.
    """

    converts = True

    def __init__(self, name: str, schema: Mapping[str, Any]) -> None:
        super().__init__(schema, f"an object with the fields of {name}", (dict,))
        self.fields: dict[str, Converter] = {}

    def parse(self, value: Any) -> Any:
        if not self.converts:
            return value
        if type(value) is not dict:
            raise Mismatch(self.expected, value)
        return {
            name: _parse_field(self.fields[name], one, name) if name in self.fields else one
            for name, one in value.items()
        }


def _parse_field(converter: Converter, value: Any, name: str) -> Any:
    try:
        return converter.parse(value)
    except Mismatch as problem:
        raise problem.inside(f".{name}") from problem.__cause__


def _quoted(names: list[str]) -> str:
    return " and ".join(f"'{name}'" for name in names)
