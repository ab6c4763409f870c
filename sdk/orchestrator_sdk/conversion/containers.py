"""Lists, sets, tuples, objects and unions of what converts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from orchestrator_sdk.conversion.converter import Converter, Mismatch, show


class Items(Converter):
    """A list of any length, made into what `make` makes of its items."""

    converts = True

    def __init__(self, item: Converter, make: Callable[[list[Any]], Any], *, is_unique: bool = False) -> None:
        super().__init__(
            {"type": "array", "items": item.schema, **({"uniqueItems": True} if is_unique else {})}, "a list"
        )
        self._item = item
        self._make = make

    def parse(self, value: Any) -> Any:
        _check(value, list, self.expected)
        parsed = [_parse(self._item, one, f"[{index}]") for index, one in enumerate(value)]
        try:
            return self._make(parsed)
        except TypeError:  # a set of what cannot be hashed
            raise Mismatch(f"{self.expected} of what a set can hold", value) from None


class Row(Converter):
    """A list of so many items, each of its own type: a tuple."""

    converts = True

    def __init__(self, items: Sequence[Converter]) -> None:
        schemas = [item.schema for item in items]
        size = {"minItems": len(items), "maxItems": len(items)}
        super().__init__({"type": "array", "prefixItems": schemas, **size}, f"a list of {len(items)}")
        self._items = items

    def parse(self, value: Any) -> Any:
        _check(value, list, self.expected)
        if len(value) != len(self._items):
            raise Mismatch(self.expected, value)
        pairs = zip(self._items, value, strict=True)
        return tuple(_parse(item, one, f"[{index}]") for index, (item, one) in enumerate(pairs))


class Entries(Converter):
    """An object with any keys; `key` is None where they stay text."""

    converts = True

    def __init__(self, key: Converter | None, value: Converter, make: Callable[[dict[Any, Any]], Any] = dict) -> None:
        super().__init__({"type": "object", "additionalProperties": value.schema}, "an object")
        self._key = key
        self._value = value
        self._make = make

    def parse(self, value: Any) -> Any:
        _check(value, dict, self.expected)
        return self._make(
            {self._parse_key(key): _parse(self._value, one, f"[{show(key)}]") for key, one in value.items()}
        )

    def _parse_key(self, key: str) -> Any:
        return key if self._key is None else _parse(self._key, key, f"[{show(key)}]")


class IntKey(Converter):
    """A whole number as the key of an object, which JSON writes as text."""

    converts = True

    def __init__(self) -> None:
        super().__init__({"type": "string"}, "a whole number")

    def parse(self, value: Any) -> Any:
        try:
            return int(value)
        except ValueError:
            raise Mismatch(self.expected, value) from None


class OneOf(Converter):
    """A union: the first member that the value fits, in the order they are written."""

    converts = True

    def __init__(self, members: Sequence[Converter]) -> None:
        super().__init__(union_schema(members), " or ".join(dict.fromkeys(one.expected for one in members)))
        self._members = members

    def parse(self, value: Any) -> Any:
        problems = []
        for member in self._members:
            if not member.converts and not member.fits(value):
                continue
            try:
                return member.parse(value)
            except Mismatch as problem:
                problems.append(problem)
        deepest = max(problems, key=lambda one: len(one.path), default=None)
        raise deepest if deepest and deepest.path else Mismatch(self.expected, value)


def union_schema(members: Iterable[Converter]) -> dict[str, Any]:
    """The schema of what fits any of the members."""
    return {"anyOf": [one.schema for one in members]}


def _check(value: Any, kind: type, expected: str) -> None:
    if type(value) is not kind:
        raise Mismatch(expected, value)


def _parse(converter: Converter, value: Any, step: str) -> Any:
    try:
        return converter.parse(value)
    except Mismatch as problem:
        raise problem.inside(step) from problem.__cause__
