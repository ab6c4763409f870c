"""Lists page by page: every element has a cursor, and the next page begins after the last one's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from pydantic import Field

from orchestrator.api.requests.refused import bad_request
from orchestrator.api.schemas import Shape

T = TypeVar("T")


class Page(Shape):
    """What every list takes."""

    cursor: str | None = None
    limit: int = Field(20, ge=1, le=100)
    owner_id: list[str] = Field(default_factory=list, description="Accepted and ignored: an instance has one owner.")


def ids_of(prefix: str) -> Any:
    """The field `cursor` of a list whose cursors are ids."""
    return Field(None, json_schema_extra={"pattern": _pattern(prefix)})


def id_cursor(cursor: str | None, prefix: str) -> str | None:
    """A cursor that is an id. Raises Refused."""
    if cursor is not None and not re.fullmatch(_pattern(prefix), cursor):
        raise unknown_cursor(cursor)
    return cursor


def _pattern(prefix: str) -> str:
    return rf"^{prefix}-[0-9a-v]{{20}}$"


def unknown_cursor(cursor: str) -> Exception:
    """The refusal of a cursor that no list of ours gave out."""
    return bad_request(f"'{cursor}' is no cursor of this list: give one that it answered", "invalid_cursor")


def after(items: Iterable[T], key: Callable[[T], str], cursor: str | None, limit: int) -> list[T]:
    """At most `limit` items after the cursor, newest first where the key is an id."""
    ordered = sorted(items, key=key, reverse=True)
    return [item for item in ordered if cursor is None or key(item) < cursor][:limit]
