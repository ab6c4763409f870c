"""The public shapes of workflows' variables: values go in, and never out."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from pydantic import Field

from orchestrator.api.schemas.shape import Shape, declaring
from orchestrator.core import variables


class EnvVar(Shape):
    """A variable that a workflow's tasks see: its name, and when it got its value."""

    key: str
    updated_at: datetime


class EnvVarWithCursor(Shape):
    """An element of a list."""

    env_var: EnvVar
    cursor: str


_MADE_UP: Final = {"required": ["generateValue"], "properties": {"generateValue": {"const": True}}}


class EnvVarValue(Shape):
    """What a variable is to be: a value, or one made up here."""

    model_config = declaring(anyOf=[{"required": ["value"]}, _MADE_UP])

    value: str | None = Field(None, repr=False, json_schema_extra={"pattern": "^[^\\u0000]*$"})
    generate_value: bool = False


class EnvVarGiven(EnvVarValue):
    """A variable and what it is to be."""

    key: str = Field(json_schema_extra={"pattern": variables.NAME})
