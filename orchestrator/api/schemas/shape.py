"""What all public shapes share: JSON objects with camelCase names, in which an optional field is absent, never null."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

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


Moment = Annotated[datetime, AfterValidator(lambda at: at if at.tzinfo else at.replace(tzinfo=UTC))]
"""A time; in UTC where it does not say."""


class Problem(Shape):
    """Why a request was not done; `id` finds it in the log, `code` is for programs."""

    id: str
    message: str
    code: str
