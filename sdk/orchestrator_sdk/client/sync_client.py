from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

import httpx

from orchestrator_sdk.client import connection, requests, responses
from orchestrator_sdk.client.models import LogLine, RegisteredTask, TaskRun, TaskRunDetails, Workflow, WorkflowVersion
from orchestrator_sdk.client.requests import Filter, Input, Page, Request
from orchestrator_sdk.client.subscription import LogTail, Subscription, Watch
from orchestrator_sdk.errors import ServerError

T = TypeVar("T")


class Client:
    """Starts, watches and cancels runs, from any program; safe to share between threads.

    `url` and `api_key` default to ORCHESTRATOR_URL and ORCHESTRATOR_API_KEY, then to the instance of this user on this
    machine. Every method raises APIError when the request fails.
    """

    def __init__(
        self, *, url: str | None = None, api_key: str | None = None, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._address = connection.find(url, api_key, os.environ)
        self._http = httpx.Client(**connection.settings(self._address), transport=transport)

    def start(
        self,
        task: str,
        input: Input = (),
        *,
        idempotency_key: str | None = None,
        queue_timeout_s: int | None = None,
        deadline_s: int | None = None,
    ) -> TaskRun:
        """Ask for a run of ``workflow/task``; returns at once.

        `input` is a list of positional arguments or a dict of named ones. A repeated `idempotency_key` gives the first run again.
        A run that waits longer than `queue_timeout_s` for capacity fails, as does one that is not over after `deadline_s`, waits
        and retries included.
        """
        return self._send(
            requests.start(
                task,
                input,
                idempotency_key=idempotency_key,
                queue_timeout_s=queue_timeout_s,
                deadline_s=deadline_s,
            )
        )

    def run(
        self, task: str, input: Input = (), *, timeout_s: float | None = None, idempotency_key: str | None = None
    ) -> TaskRunDetails:
        """Start a run and wait until it completed. Raises TaskRunError when it does not, WaitTimeoutError after `timeout_s`."""
        return self.wait(self.start(task, input, idempotency_key=idempotency_key).id, timeout_s=timeout_s)

    def wait(self, run_id: str, *, timeout_s: float | None = None) -> TaskRunDetails:
        """Wait until a run completed. Raises TaskRunError when it does not, WaitTimeoutError after `timeout_s`."""
        return responses.outcome(next(self.events([run_id], timeout_s=timeout_s)))

    def get(self, run_id: str) -> TaskRunDetails:
        """A run with its input, attempts and outcome."""
        return self._send(requests.get(run_id))

    def list(
        self,
        *,
        task: Filter = None,
        root_run_id: Filter = None,
        workflow_id: Filter = None,
        version_id: Filter = None,
    ) -> Iterator[TaskRun]:
        """Runs, newest first; further pages are asked for as you go on. `task` is a slug, ``workflow/task``."""
        return self._pages(
            requests.runs(task=task, root_run_id=root_run_id, workflow_id=workflow_id, version_id=version_id)
        )

    def page(self, *, limit: int | None = None, cursor: str | None = None) -> Sequence[tuple[TaskRun, str]]:
        """One page of `list`, for programs that page themselves: runs, each with the cursor that goes on after it."""
        return self._send(requests.run_page(limit=limit, cursor=cursor))

    def cancel(self, run_id: str) -> None:
        """End a run and all runs it started. Raises ConflictError when it is over already."""
        self._send(requests.cancel(run_id))

    def events(self, run_ids: Sequence[str], *, timeout_s: float | None = None) -> Iterator[TaskRunDetails]:
        """Each of the runs as it ends, however it ends; survives restarts of the server. Raises WaitTimeoutError."""
        return self._subscribe(Watch(run_ids, timeout_s))

    def logs(self, run_id: str, *, follow: bool = False, attempt: int | None = None) -> Iterator[LogLine]:
        """What a run printed, all attempts or one; with `follow` until it is over."""
        return self._subscribe(LogTail(run_id, attempt)) if follow else self._pages(requests.logs(run_id, attempt))

    def tasks(
        self, *, task: Filter = None, workflow_id: Filter = None, version_id: Filter = None
    ) -> Iterator[RegisteredTask]:
        """Registered tasks."""
        return self._pages(requests.tasks(task=task, workflow_id=workflow_id, version_id=version_id))

    def task(self, task_id: str) -> RegisteredTask:
        """One task by its id."""
        return self._send(requests.task(task_id))

    def workflows(self, *, name: Filter = None) -> Iterator[Workflow]:
        """Deployed workflows."""
        return self._pages(requests.workflows(name=name))

    def versions(self, *, workflow_id: Filter = None) -> Iterator[WorkflowVersion]:
        """Versions of workflows, newest first."""
        return self._pages(requests.versions(workflow_id=workflow_id))

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        # A client made for one call, as in Client().run(...), has nobody else to close it.
        with contextlib.suppress(Exception):
            self.close()

    def _send(self, request: Request[T]) -> T:
        with connection.translated(self._address):
            answer = self._http.request(**connection.arguments(request))
        return responses.read(request, answer.status_code, answer.content)

    def _pages(self, request: Request[Page[T]]) -> Iterator[T]:
        following: Request[Page[T]] | None = request
        while following:
            page = self._send(following)
            yield from page.items
            following = page.following

    def _subscribe(self, subscription: Subscription[T]) -> Iterator[T]:
        while not subscription.is_over:
            for source in (self._stream, self._poll):
                try:
                    yield from source(subscription)
                except ServerError as error:
                    subscription.lost(error)
            if not subscription.is_over:
                time.sleep(subscription.pause_s())

    def _stream(self, subscription: Subscription[T]) -> Iterator[T]:
        """News of one connection, until it ends."""
        request = connection.stream_arguments(subscription.request(), subscription.connect())
        with connection.translated(self._address), self._http.stream(**request) as answer:
            responses.check(answer.status_code, b"" if answer.is_success else answer.read())
            for line in answer.iter_lines():
                if (news := subscription.feed(line)) is not None:
                    yield news
                if subscription.is_over or subscription.is_due:
                    return

    def _poll(self, subscription: Subscription[T]) -> Iterator[T]:
        for request in subscription.polls():
            if (news := subscription.settle(self._send(request))) is not None:
                yield news
