"""What a request is, and how lists are asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import IO, Any, Final, Generic, TypeVar
from urllib.parse import quote

T = TypeVar("T")
Input = Sequence[Any] | Mapping[str, Any]
"""A run's input: a list of positional arguments, or an object of named ones."""
Filter = str | Sequence[str] | None
"""One value, several of which any may match, or None for all."""

PAGE_SIZE: Final = 100


@dataclass(frozen=True)
class Request(Generic[T]):
    """`path` is below ``/v1``; `params` may have lists; `read` takes the decoded answer.

    `read_on` adds to what was read of a list where it goes on. A `body` may be a file, sent from its beginning.
    """

    method: str
    path: str
    read: Callable[[Any], T]
    params: Mapping[str, Any] = field(default_factory=dict)
    body: str | bytes | IO[bytes] | None = None
    content_type: str = "application/json"
    read_on: Callable[[T, str], T] | None = None


@dataclass(frozen=True)
class Page(Generic[T]):
    """Items in order, and the request for what follows, None at the end."""

    items: list[T]
    following: Request[Page[T]] | None


def pages(
    path: str,
    key: str,
    parse: Callable[[Any], T],
    filters: Mapping[str, Any],
    *,
    limit: int | None = None,
    cursor: str | None = None,
) -> Request[Page[T]]:
    """A list whose elements are ``{key: …, "cursor": …}``: `limit` of them, after that of the cursor."""
    if limit is not None and limit < 1:
        raise ValueError(f"limit must be 1 or more, and is {limit}")
    size = PAGE_SIZE if limit is None else min(limit, PAGE_SIZE)

    def read(answer: Any) -> Page[T]:
        left = None if limit is None else limit - len(answer)
        is_last = len(answer) < size or left == 0
        last = answer[-1].get("cursor") if answer else None
        following = None if is_last or not last else pages(path, key, parse, filters, limit=left, cursor=last)
        return Page([parse(one[key]) for one in answer], following)

    def read_on(page: Page[T], cursor: str) -> Page[T]:
        """A page that is not full need not be the last: a search reads so much at a time."""
        left = None if limit is None else limit - len(page.items)
        return page if left == 0 else Page(page.items, pages(path, key, parse, filters, limit=left, cursor=cursor))

    return Request("GET", path, read, present({**filters, "limit": size, "cursor": cursor}), read_on=read_on)


def following(request: Request[Page[T]], cursor: str, *, is_full: bool) -> Request[Page[T]] | None:
    """The request for what comes after the cursor; None after a page that is not full."""
    return replace(request, params={**request.params, "cursor": cursor}) if is_full and cursor else None


def present(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that were given."""
    return {name: value for name, value in values.items() if value is not None}


def encode(content: Mapping[str, Any] | Sequence[Any]) -> str:
    """JSON in ASCII, so that text which is no valid Unicode arrives as it is. Raises TypeError or ValueError."""
    return json.dumps(content, allow_nan=False)


def segment(text: str) -> str:
    """A text as one part of a path, whatever it has in it."""
    return quote(text, safe="", errors="surrogatepass")
