"""What a converter is: from a JSON value to what an annotation names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

Schema = Mapping[str, Any]
"""A JSON Schema, draft 2020-12; empty for what may be anything."""

_SHOWN_CHARS: Final = 100


class Mismatch(ValueError):  # noqa: N818
    """A value does not fit: `expected` says what would, `path` is where in the argument it is, such as ``[2].born``."""

    def __init__(self, expected: str, given: Any, path: str = "") -> None:
        super().__init__(f"expected {expected}, and it is {show(given)}")
        self.expected = expected
        self.given = given
        self.path = path

    def inside(self, step: str) -> Mismatch:
        """The same, seen from what contains the value."""
        return Mismatch(self.expected, self.given, step + self.path)


class Converter:
    """Lets values through as they are; those that change some inherit from it.

    `kinds` are the JSON types it stands for, None for all.
    """

    converts = False
    """Whether `parse` ever changes or refuses a value."""

    def __init__(self, schema: Schema, expected: str = "", kinds: tuple[type, ...] | None = None) -> None:
        self.schema = schema
        self.expected = expected
        self._kinds = kinds

    def parse(self, value: Any) -> Any:
        """What the annotation names. Raises Mismatch for a value that does not fit."""
        return value

    def fits(self, value: Any) -> bool:
        """Whether a union may take the value for this member."""
        return self._kinds is None or type(value) in self._kinds


def show(value: Any) -> str:
    """A value as JSON, cut to what fits in a message; halves of characters are spelled out."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        text = repr(value)
    text = text[: _SHOWN_CHARS + 1].encode(errors="backslashreplace").decode()
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"
