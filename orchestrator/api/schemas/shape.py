"""What all public shapes share: JSON objects with camelCase names, in which an optional field is absent, never null."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, WithJsonSchema
from pydantic.alias_generators import to_camel

_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9000, 12, 31, tzinfo=UTC)
_NULL: Final = {"type": "null"}


def _without_nulls(schema: dict[str, Any]) -> None:
    for field in schema.get("properties", {}).values():
        if _NULL in field.get("anyOf", ()):
            others = [choice for choice in field.pop("anyOf") if choice != _NULL]
            field.update(others[0] if len(others) == 1 else {"anyOf": others})
            field.pop("default", None)


def declaring(**rules: Any) -> ConfigDict:
    """The configuration of a shape whose values keep rules that types cannot say: its schema has them too."""

    def extra(schema: dict[str, Any]) -> None:
        _without_nulls(schema)
        schema.update(rules)

    return ConfigDict(json_schema_extra=extra)


def _wire_name(name: str) -> str:
    return to_camel(name.removesuffix("_"))


class Shape(BaseModel):
    """A JSON object with camelCase names."""

    model_config = ConfigDict(
        alias_generator=_wire_name, populate_by_name=True, frozen=True, json_schema_extra=_without_nulls
    )


def _moment(at: datetime) -> datetime:
    """Times at which nothing of ours was are as good as the first and last that can be counted from, in any time zone."""
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return _FIRST if at.year < _FIRST.year else _LAST if at.year > _LAST.year else aware


Moment = Annotated[
    datetime,
    AfterValidator(_moment),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "number"}]}),
]
"""A time, from 1970 to 9000; in UTC where it does not say, and seconds since 1970 where it is a number."""


class Problem(Shape):
    """Why a request was not done; `id` finds it in the log, `code` is for programs."""

    id: str
    message: str
    code: str
