"""Methods made of requests: what is asked, and its words, are written once, for both kinds of client."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from orchestrator_sdk.client.requests import Page, Request

P = ParamSpec("P")
T = TypeVar("T")


class Sender(Protocol):
    """A client that blocks."""

    def send(self, request: Request[T], /) -> T:
        """The answer to a request. Raises APIError."""

    def pages(self, request: Request[Page[T]], /) -> Iterator[T]:
        """The items of all pages, each page asked for when its turn comes."""


class AsyncSender(Protocol):
    """A client to be awaited."""

    async def send(self, request: Request[T], /) -> T:
        """The answer to a request. Raises APIError."""

    def pages(self, request: Request[Page[T]], /) -> AsyncIterator[T]:
        """The items of all pages, each page asked for when its turn comes."""


def asks(make: Callable[P, Request[T]]) -> Callable[Concatenate[Sender, P], T]:
    """A method that sends the request and returns the answer."""

    @functools.wraps(make)
    def method(self: Sender, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.send(make(*args, **kwargs))

    return method


def lists(make: Callable[P, Request[Page[T]]]) -> Callable[Concatenate[Sender, P], Iterator[T]]:
    """A method that goes through a list, page by page."""

    @functools.wraps(make)
    def method(self: Sender, /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        return self.pages(make(*args, **kwargs))

    return method


def asks_async(make: Callable[P, Request[T]]) -> Callable[Concatenate[AsyncSender, P], Coroutine[Any, Any, T]]:
    """The same as `asks`, to be awaited."""

    @functools.wraps(make)
    async def method(self: AsyncSender, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.send(make(*args, **kwargs))

    return method


def lists_async(make: Callable[P, Request[Page[T]]]) -> Callable[Concatenate[AsyncSender, P], AsyncIterator[T]]:
    """The same as `lists`, for ``async for``."""

    @functools.wraps(make)
    def method(self: AsyncSender, /, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[T]:
        return self.pages(make(*args, **kwargs))

    return method
