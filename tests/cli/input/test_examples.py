from __future__ import annotations

import datetime
import decimal
import ipaddress
import shlex
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypedDict, cast

import pytest
from pydantic import BaseModel, Field

from orchestrator.api import render, schemas
from orchestrator.cli.input import arguments, examples
from orchestrator.core.task_input.signature import bind
from orchestrator.core.tasks import TaskSpec, check
from orchestrator.core.workflow import Version, VersionStatus
from orchestrator_sdk.client.models import RegisteredTask, TaskParameter
from orchestrator_sdk.function.invocation import invoke
from orchestrator_sdk.function.registration import define
from orchestrator_sdk.task_context import TaskContext


class Color(Enum):
    RED = "red"


@dataclass
class Point:
    x: int
    label: str = "p"


@dataclass
class Tree:
    name: str
    children: list[Tree]


class Row(NamedTuple):
    day: datetime.date
    size: int


class Order(TypedDict):
    item: str
    size: float


class Model(BaseModel):
    age: Annotated[int, Field(ge=18, le=30)]
    name: Annotated[str, Field(min_length=6)]
    when: datetime.datetime
    tags: Annotated[list[str], Field(min_length=2)]
    rate: Annotated[float, Field(gt=0, lt=1)]
    even: Annotated[int, Field(multiple_of=7)]


ANNOTATIONS: list[Any] = [
    int, float, str, bool, None, list, dict, list[int], dict[str, int], tuple[int, str], set[int], Any, int | None, str | None,
    None | int, Literal["a", "b"], Literal[7], Color, Point, Tree, list[Point], Row, Order, Model, Path, uuid.UUID, bytes,
    datetime.datetime, datetime.date, datetime.time, datetime.timedelta, decimal.Decimal, ipaddress.IPv4Address, dict[str, Point],
    tuple[int, ...], int | str,
]  # fmt: skip


def shown(func: Callable[..., Any]) -> tuple[TaskSpec, RegisteredTask]:
    """The task as it is registered, and as clients see it."""
    (draft,) = check([define("task", func, {})])
    spec = TaskSpec("tsk-1", draft.name, draft.plan, draft.timeout_s, draft.retry, draft.parameters, draft.signature)
    version = Version("wfv-1", "wfl-1", 1, VersionStatus.READY, "", "", {}, (spec,), created_at_ms=0)
    task: schemas.Task = render.task(spec, version, "shop")
    return spec, RegisteredTask.parse(task.model_dump(mode="json", by_alias=True, exclude_none=True))


def run_as_printed(func: Callable[..., Any]) -> Any:
    """What the function returns for the arguments of the command that is printed for it."""
    spec, task = shown(func)
    words = shlex.split(" ".join(examples.arguments(task.parameters)))
    given = arguments.read([], words[1]) if words[:1] == ["--input"] else arguments.read(words, None)
    assert bind(spec, given) is None
    return invoke(spec.name, func, given, cast(TaskContext, None))


@pytest.mark.parametrize("annotation", ANNOTATIONS, ids=str)
def test_the_printed_arguments_are_taken_by_the_task(annotation: Any) -> None:
    def task(given: Any) -> str:
        return "done"

    task.__annotations__["given"] = annotation
    assert run_as_printed(task) == "done"


def test_what_has_a_default_is_left_out_and_what_goes_by_name_is_named() -> None:
    def task(a: int, *rest: int, b: str, c: int = 1, **more: int) -> list[Any]:
        return [a, rest, b, c, more]

    assert run_as_printed(task) == [3, (), "text", 1, {}]


def test_a_task_of_another_sdk_gets_values_by_the_names_of_its_types() -> None:
    parameters = [
        TaskParameter.parse({"name": "a", "type": kind}) for kind in ("int", "dict[str, int]", "str", "Thing")
    ]
    assert examples.arguments(parameters) == ["3", "'{}'", "text", "text"]


def test_of_parameters_without_types_one_letter_is_a_number_unless_it_stands_for_text() -> None:
    parameters = [TaskParameter.parse({"name": name}) for name in ("a", "n", "s", "imageUrl")]
    assert examples.arguments(parameters) == ["3", "3", "text", "text"]


def test_words_are_quoted_for_a_shell() -> None:
    schema = {"enum": ["it's $HOME; 3"]}
    assert examples.arguments([TaskParameter.parse({"name": "a", "schema": schema})]) == ["'it'\"'\"'s $HOME; 3'"]
