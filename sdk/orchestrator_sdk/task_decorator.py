"""The type of ``@app.task(...)``; for type checkers alone, never imported by a running program."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, Protocol, overload

from orchestrator_sdk.generics import P, R
from orchestrator_sdk.task import Task
from orchestrator_sdk.task_context import TaskContext


class TaskDecorator(Protocol):
    """What ``@app.task(...)`` applies to the function below it."""

    @overload
    def __call__(self, func: Callable[Concatenate[TaskContext, P], Coroutine[Any, Any, R]], /) -> Task[P, R]: ...
    @overload
    def __call__(self, func: Callable[P, Coroutine[Any, Any, R]], /) -> Task[P, R]: ...
    @overload
    def __call__(self, func: Callable[Concatenate[TaskContext, P], R], /) -> Task[P, R]: ...
    @overload
    def __call__(self, func: Callable[P, R], /) -> Task[P, R]: ...
