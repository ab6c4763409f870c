"""What all public shapes share: JSON objects with camelCase names, in which an optional field is absent, never null."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 9000
_NULL: Final = {"type": "null"}


def _without_nulls(schema: dict[str, Any]) -> None:
    for field in schema.get("properties", {}).values():
        if _NULL in field.get("anyOf", ()):
            others = [choice for choice in field.pop("anyOf") if choice != _NULL]
            field.update(others[0] if len(others) == 1 else {"anyOf": others})
            field.pop("default", None)


def _wire_name(name: str) -> str:
    return to_camel(name.removesuffix("_"))


class Shape(BaseModel):
    """A JSON object with camelCase names."""

    model_config = ConfigDict(
        alias_generator=_wire_name, populate_by_name=True, frozen=True, json_schema_extra=_without_nulls
    )


def _moment(at: datetime) -> datetime:
    """In the years that can be counted from in either direction, and in any time zone."""
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise ValueError(f"a time is from {_FIRST_YEAR} to {_LAST_YEAR}")
    return at if at.tzinfo else at.replace(tzinfo=UTC)


Moment = Annotated[datetime, AfterValidator(_moment)]
"""A time; in UTC where it does not say."""


class Problem(Shape):
    """Why a request was not done; `id` finds it in the log, `code` is for programs."""

    id: str
    message: str
    code: str
