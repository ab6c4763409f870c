from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

import orchestrator_sdk
from orchestrator_sdk import TaskContext
from orchestrator_sdk import TaskContext as Aliased
from orchestrator_sdk.signature import parameters, place, takes_context

if TYPE_CHECKING:
    from somewhere import Unknown  # type: ignore[import-not-found]


class Mine:
    class TaskContext: ...


def direct(context: TaskContext, a: int) -> None: ...
def qualified(context: orchestrator_sdk.TaskContext) -> None: ...
def aliased(context: Aliased) -> None: ...
def quoted(context: "TaskContext") -> None: ...  # noqa: UP037
def among_unknown(context: TaskContext, other: Unknown) -> None: ...
def second(a: int, context: TaskContext) -> None: ...
def unannotated(context, a): ...  # type: ignore[no-untyped-def]
def none() -> None: ...
def another(context: Mine.TaskContext) -> None: ...
def catch_all(*args: Any, **kwargs: Any) -> None: ...


def logged(func: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return func(*args, **kwargs)

    return wrapper


def evaluated(context: Any) -> None: ...


evaluated.__annotations__["context"] = TaskContext


@pytest.mark.parametrize("func", [direct, qualified, aliased, quoted, among_unknown, evaluated, logged(direct)])
def test_a_context_is_recognised(func: Any) -> None:
    assert takes_context(func)


@pytest.mark.parametrize("func", [second, unannotated, none, another, catch_all, functools.partial(second, 1), print])
def test_other_first_parameters_are_left_alone(func: Any) -> None:
    assert not takes_context(func)


def test_a_context_imported_for_type_checkers_alone_is_recognised_by_name() -> None:
    namespace: dict[str, Any] = {}
    exec("def task(context: 'sdk.TaskContext', a: 'int'): ...", namespace)
    assert takes_context(namespace["task"])


def test_the_context_is_no_parameter() -> None:
    assert [one["name"] for one in parameters(logged(direct))] == ["a"]


def test_parameters_are_described_as_far_as_they_are_known() -> None:
    namespace: dict[str, Any] = {}
    source = "def task(a, b: list[int], c: dict[str, int] | None = None, d: float = 1.5, e=print, *args, **kwargs): ..."
    exec(compile(source, "main.py", "exec", dont_inherit=True), namespace)
    assert parameters(namespace["task"]) == [
        {"name": "a", "has_default": False},
        {"name": "b", "has_default": False, "type": "list"},
        {"name": "c", "has_default": True, "type": "dict[str, int] | None"},
        {"name": "d", "has_default": True, "type": "float", "default_value": "1.5"},
        {"name": "e", "has_default": True},
        {"name": "args", "has_default": False},
        {"name": "kwargs", "has_default": False},
    ]


def test_unevaluated_annotations_are_shown_as_written() -> None:
    assert parameters(among_unknown) == [{"name": "other", "has_default": False, "type": "Unknown"}]


def test_a_place_is_where_the_function_was_written() -> None:
    assert place(logged(direct)) == f"direct ({__file__}:{direct.__code__.co_firstlineno})"
    assert place(print) == "print"
