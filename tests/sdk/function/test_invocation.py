from __future__ import annotations

import functools
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Optional
from unittest.mock import Mock

import pytest

from orchestrator_sdk import ArgumentsError, TaskContext, TaskInstance
from orchestrator_sdk.function.invocation import invoke
from tests.sdk.conftest import CONTEXT, FakeHost

HERE = TaskContext.of(CONTEXT)


@dataclass
class Person:
    name: str
    born: date


def second(a: int, run: TaskContext, b: int = 2) -> list[Any]:
    return [a, run.run_id, b]


def keyword(a: int, b: int = 2, *, run: TaskContext) -> list[Any]:
    return [a, run.run_id, b]


def perhaps(a: int, b: int = 2, run: Optional[TaskContext] = None) -> list[Any]:  # noqa: UP045
    return [a, run.run_id if run else None, b]


def quoted(a: int, b: int = 2, *, run: "TaskContext | None" = None) -> list[Any]:  # noqa: UP037
    return [a, run.run_id if run else None, b]


def positional(a: int, run: TaskContext, /, b: int = 2) -> list[Any]:
    return [a, run.run_id, b]


def after_default(a: int = 1, b: int = 2, run: TaskContext = None, /) -> list[Any]:  # type: ignore[assignment]
    return [a, run.run_id, b]


@pytest.mark.parametrize("func", [second, keyword, perhaps, quoted, positional])
def test_the_context_is_given_wherever_it_was_asked_for(func: Callable[..., Any]) -> None:
    assert invoke("t", func, [1], HERE) == [1, "trn-2", 2]
    assert invoke("t", func, [1, 3], HERE) == [1, "trn-2", 3]


@pytest.mark.parametrize("func", [second, keyword, perhaps, quoted])
def test_the_context_is_given_beside_named_arguments(func: Callable[..., Any]) -> None:
    assert invoke("t", func, {"b": 3, "a": 1}, HERE) == [1, "trn-2", 3]


def test_a_context_without_a_name_takes_the_defaults_before_it() -> None:
    assert invoke("t", after_default, {}, HERE) == [1, "trn-2", 2]
    assert invoke("t", after_default, [5], HERE) == [5, "trn-2", 2]


@pytest.mark.parametrize("func", [second, keyword, perhaps])
def test_input_never_fills_the_context(func: Callable[..., Any]) -> None:
    with pytest.raises(ArgumentsError, match="unexpected keyword argument 'run'"):
        invoke("t", func, {"a": 1, "run": "mine"}, HERE)


def test_arguments_become_what_they_are_annotated_as() -> None:
    def age(person: Person, on: date, *more: date, step: timedelta = timedelta()) -> str:
        return f"{(on - person.born + step).days} {more}"

    anna = {"name": "Anna", "born": "2026-03-01"}
    assert invoke("t", age, [anna, "2026-03-04", "2026-03-05"], HERE) == "3 (datetime.date(2026, 3, 5),)"
    assert invoke("t", age, {"person": anna, "on": "2026-03-04", "step": "P1D"}, HERE) == "4 ()"


def test_a_value_that_does_not_fit_names_task_parameter_expected_and_given() -> None:
    def greet(people: list[Person]) -> None: ...

    with pytest.raises(ArgumentsError) as caught:
        invoke("t", greet, [[{"name": "A", "born": "2026-03-01"}, {"name": "B", "born": "soon"}]], HERE)
    assert str(caught.value) == (
        "task 't': argument 'people[1].born' should be a date such as 2026-03-04 (ISO 8601), and is \"soon\"; "
        "its signature is greet(people: list[Person])"
    )
    assert caught.value.__cause__ is None


def test_what_a_dataclass_itself_refuses_is_told_with_its_traceback() -> None:
    @dataclass
    class Age:
        years: int

        def __post_init__(self) -> None:
            if self.years < 0:
                raise ValueError("years must be 0 or more")

    def grow(age: Age) -> None: ...

    grow.__annotations__["age"] = Age  # a class of this test alone has no name that could be looked up
    with pytest.raises(ArgumentsError, match="years must be 0 or more") as caught:
        invoke("t", grow, [{"years": -1}], HERE)
    assert isinstance(caught.value.__cause__, ValueError)


@pytest.mark.parametrize("value", ["5", 5, None, [1], {"a": 1}, 5.5, True])
def test_what_json_can_say_is_passed_untouched(value: Any) -> None:
    def plain(a: int, b: list[str], c: dict[str, int], d: Any, e: str | None) -> list[Any]:
        return [a, b, c, d, e]

    arguments = [value] * 5
    assert all(one is value for one in invoke("t", plain, arguments, HERE))


def test_a_result_becomes_what_json_has() -> None:
    def person() -> Any:
        return {"people": [Person("Anna", date(2026, 3, 4))]}

    assert invoke("t", person, [], HERE) == {"people": [{"name": "Anna", "born": "2026-03-04"}]}


async def test_the_result_of_an_async_function_does_so_too() -> None:
    async def person() -> Person:
        return Person("Anna", date(2026, 3, 4))

    assert await invoke("t", person, [], HERE) == {"name": "Anna", "born": "2026-03-04"}


def test_a_plain_result_is_the_object_that_was_returned() -> None:
    value = {"a": [1, 2]}
    assert invoke("t", lambda: value, [], HERE) is value


def test_a_value_that_claims_every_attribute_is_not_awaited() -> None:
    class Claims(dict):  # type: ignore[type-arg]
        def __getattr__(self, name: str) -> Any:
            return Claims()

    assert invoke("t", lambda: Claims(a=1), [], HERE) == {"a": 1}
    value = Mock()
    assert invoke("t", lambda: value, [], HERE) is value


def test_a_chained_run_is_handed_on_as_it_is(running: FakeHost) -> None:
    chained: TaskInstance[int] = TaskInstance("child", Future(), running)
    assert invoke("t", lambda: chained, [], HERE) is chained


def test_an_error_of_the_function_itself_stays_what_it_is() -> None:
    def fails(a: int) -> None:
        fails()  # type: ignore[call-arg]

    with pytest.raises(TypeError, match="missing 1 required positional argument") as caught:
        invoke("t", fails, [1], HERE)
    assert type(caught.value) is TypeError


def logged(func: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return func(*args, **kwargs)

    return wrapper


def test_a_call_that_a_decorator_passes_on_in_vain_is_refused_too() -> None:
    with pytest.raises(ArgumentsError, match=r"task 't': missing a required argument: 'a'; its signature is second\("):
        invoke("t", logged(second), [], HERE)


def test_a_decorator_may_add_arguments() -> None:
    def query(db: str, on: date) -> str:
        return f"{db} {on}"

    @functools.wraps(query)
    def with_db(*args: Any, **kwargs: Any) -> Any:
        return query("db", *args, **kwargs)

    assert invoke("t", with_db, ["2026-03-04"], HERE) == "db 2026-03-04"
