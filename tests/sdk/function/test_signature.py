from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Optional, Union

import pytest

import orchestrator_sdk
from orchestrator_sdk import TaskContext
from orchestrator_sdk import TaskContext as Aliased
from orchestrator_sdk.function.signature import context_names, place, show, signature

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
def keyword(a: int, *, context: TaskContext) -> None: ...
def perhaps(a: int, context: TaskContext | None = None) -> None: ...
def perhaps_quoted(a: int, context: Optional["TaskContext"] = None) -> None: ...  # noqa: UP037, UP045
def perhaps_union(a: int, context: Union[Aliased, None] = None) -> None: ...  # noqa: UP007
def either(context: TaskContext | Mine) -> None: ...
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


FIRST: list[Any] = [direct, qualified, aliased, quoted, among_unknown, evaluated, logged(direct)]
ELSEWHERE: list[Any] = [second, keyword, perhaps, perhaps_quoted, perhaps_union, logged(second)]


@pytest.mark.parametrize("func", FIRST + ELSEWHERE)
def test_a_context_is_recognised_wherever_it_stands(func: Any) -> None:
    assert context_names(func) == ("context",)


@pytest.mark.parametrize("func", [unannotated, none, another, catch_all, functools.partial(second, 1), print, either])
def test_other_parameters_are_left_alone(func: Any) -> None:
    assert context_names(func) == ()


def test_annotations_that_are_objects_are_recognised_too() -> None:
    namespace: dict[str, Any] = {"TaskContext": TaskContext, "Optional": Optional}
    source = "def task(a: int, first: TaskContext, *, last: Optional['TaskContext'] = None): ..."
    exec(compile(source, "main.py", "exec", dont_inherit=True), namespace)
    assert context_names(namespace["task"]) == ("first", "last")


@pytest.mark.parametrize(
    "text", ["sdk.TaskContext", "TaskContext", "Optional[sdk.TaskContext]", "None | sdk.TaskContext"]
)
def test_a_context_imported_for_type_checkers_alone_is_recognised_by_name(text: str) -> None:
    namespace: dict[str, Any] = {}
    exec(f"def task(a: 'int', context: '{text}'): ...", namespace)
    assert context_names(namespace["task"]) == ("context",)


def test_callers_do_not_see_the_context() -> None:
    assert list(signature(logged(direct)).parameters) == ["a"]
    assert list(signature(keyword).parameters) == ["a"]


def test_a_signature_is_shown_as_it_was_written() -> None:
    assert show(logged(perhaps)) == "perhaps(a: int)"
    assert show(among_unknown) == "among_unknown(other: Unknown)"
    assert show(catch_all) == "catch_all(*args: Any, **kwargs: Any)"


def test_a_place_is_where_the_function_was_written() -> None:
    assert place(logged(direct)) == f"direct ({__file__}:{direct.__code__.co_firstlineno})"
    assert place(print) == "print"
