from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, TypeVar

import httpx

from orchestrator_sdk.client import connection, requests, responses
from orchestrator_sdk.client.methods import asks_async as asks
from orchestrator_sdk.client.methods import lists_async as lists
from orchestrator_sdk.client.models import LogLine, TaskRunDetails
from orchestrator_sdk.client.requests import Input, Page, Request
from orchestrator_sdk.client.subscription import LogTail, Subscription, Watch
from orchestrator_sdk.errors import ServerError

T = TypeVar("T")


class AsyncClient:
    """`Client` for asyncio programs: the same methods, to be awaited, or iterated with ``async for``.

    Close it, or use it in ``async with``.
    """

    def __init__(
        self,
        *,
        url: str | None = None,
        api_key: str | None = None,
        certificate: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.address = connection.find(url, api_key, os.environ, certificate)
        self._http = httpx.AsyncClient(**connection.settings(self.address), transport=transport)

    start = asks(requests.start)
    rerun = asks(requests.rerun)
    get = asks(requests.get)
    list = lists(requests.runs)
    page = asks(requests.run_page)
    counts = asks(requests.counts)
    cancel = asks(requests.cancel)
    tasks = lists(requests.tasks)
    task = asks(requests.task)
    workflows = lists(requests.workflows)
    workflow = asks(requests.workflow)
    delete_workflow = asks(requests.delete_workflow)
    versions = lists(requests.versions)
    version = asks(requests.version)
    cancel_build = asks(requests.cancel_build)
    deploy = asks(requests.deploy)
    upload = asks(requests.upload)
    variables = lists(requests.variables)
    set_variables = asks(requests.set_variables)
    unset_variable = asks(requests.unset_variable)
    status = asks(requests.status)
    cancel_all = asks(requests.cancel_all)
    rerun_all = asks(requests.rerun_all)
    operation = asks(requests.operation)
    operations = lists(requests.operations)
    stop_operation = asks(requests.stop_operation)
    pause = asks(requests.pause)
    resume = asks(requests.resume)

    async def run(  # noqa: PLR0913  # those of start
        self,
        task: str,
        input: Input = (),
        *,
        timeout_s: float | None = None,
        idempotency_key: str | None = None,
        queue_timeout_s: int | None = None,
        deadline_s: int | None = None,
        tags: Sequence[str] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> TaskRunDetails:
        """Start a run as `start` does, and wait until it completed.

        Raises TaskRunError when it does not, and WaitTimeoutError after `timeout_s`; then the run goes on.
        """
        started = await self.start(
            task,
            input,
            idempotency_key=idempotency_key,
            queue_timeout_s=queue_timeout_s,
            deadline_s=deadline_s,
            tags=tags,
            metadata=metadata,
        )
        return await self.wait(started.id, timeout_s=timeout_s)

    async def wait(self, run_id: str, *, timeout_s: float | None = None) -> TaskRunDetails:
        """Wait until a run completed. Raises TaskRunError when it does not, WaitTimeoutError after `timeout_s`."""
        async with aclosing(self._subscribe(Watch([run_id], timeout_s))) as events:
            return responses.outcome(await anext(events))

    async def result(self, run_id: str, *, timeout_s: float | None = None) -> Any:
        """What a run's task returned, waited for as by `wait`."""
        return (await self.wait(run_id, timeout_s=timeout_s)).result

    def events(self, run_ids: Sequence[str], *, timeout_s: float | None = None) -> AsyncIterator[TaskRunDetails]:
        """Each of the runs as it ends, however it ends; survives restarts of the server. Raises WaitTimeoutError."""
        return self._subscribe(Watch(run_ids, timeout_s))

    def logs(
        self, run_id: str, *, follow: bool = False, attempt: int | None = None, live: bool = False
    ) -> AsyncIterator[LogLine]:
        """What a run printed, all attempts or one, counted from 0; with `follow` until it is over.

        With both `follow` and `live` also lines that are begun and not ended, `is_begun`, whenever they have changed.
        """
        return self._lines(requests.logs(run_id, attempt, live=live and follow), follow)

    def tree_logs(self, run_id: str, *, follow: bool = False) -> AsyncIterator[LogLine]:
        """What a run and all below it printed, by time, each line with its run; with `follow` until all are over."""
        return self._lines(requests.tree_logs(run_id), follow)

    def version_logs(self, version_id: str, *, follow: bool = False) -> AsyncIterator[LogLine]:
        """What building a version printed; with `follow` until it is ready or failed."""
        return self._lines(requests.version_logs(version_id), follow)

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def send(self, request: Request[T]) -> T:
        """The answer to a request, such as those of `orchestrator_sdk.client.requests`. Raises APIError."""
        with connection.translated(self.address):
            answer = await self._http.request(**connection.async_arguments(request))
        return responses.read(request, answer.status_code, answer.content, answer.headers.get("Next-Cursor"))

    async def pages(self, request: Request[Page[T]]) -> AsyncIterator[T]:
        """The items of a list, each page asked for when its turn comes. Raises APIError."""
        following: Request[Page[T]] | None = request
        while following:
            page = await self.send(following)
            for item in page.items:
                yield item
            following = page.following

    def _lines(self, request: Request[Page[LogLine]], follow: bool) -> AsyncIterator[LogLine]:
        return self._subscribe(LogTail(request)) if follow else self.pages(request)

    async def _subscribe(self, subscription: Subscription[T]) -> AsyncGenerator[T, None]:
        while not subscription.is_over:
            for source in (self._stream, self._poll):
                try:
                    async with aclosing(source(subscription)) as all_news:
                        async for news in all_news:
                            yield news
                except ServerError as error:
                    subscription.lost(error)
            if not subscription.is_over:
                await asyncio.sleep(subscription.pause_s())

    async def _stream(self, subscription: Subscription[T]) -> AsyncGenerator[T, None]:
        """News of one connection, until it ends."""
        request = subscription.request()
        settings = connection.stream_arguments(request, subscription.connect())
        with connection.translated(self.address):
            async with self._http.stream(**settings) as answer:
                responses.check(request, answer.status_code, b"" if answer.is_success else await answer.aread())
                async for line in answer.aiter_lines():
                    if (news := subscription.feed(line)) is not None:
                        yield news
                    if subscription.is_over or subscription.is_due:
                        return

    async def _poll(self, subscription: Subscription[T]) -> AsyncGenerator[T, None]:
        for request in subscription.polls():
            if (news := subscription.answered(await self.send(request))) is not None:
                yield news
