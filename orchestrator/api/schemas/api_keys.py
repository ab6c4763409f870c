"""The public shapes of keys."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from orchestrator.api.schemas.shape import Shape
from orchestrator.core import access
from orchestrator.core.access import Scope


class ApiKeyCreate(Shape):
    """A new key: `name` is of lower-case letters, digits and dashes, and every scope includes reading."""

    name: str = Field(json_schema_extra={"pattern": access.NAME})
    scopes: list[Scope] = Field(min_length=1)


class ApiKey(Shape):
    """A key, without its secret."""

    name: str
    scopes: list[Scope]
    created_at: datetime


class ApiKeyCreated(ApiKey):
    """A new key; `key` is told this once."""

    key: str = Field(repr=False)
