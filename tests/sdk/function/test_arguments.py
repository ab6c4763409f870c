from __future__ import annotations

import functools
import math
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator_sdk import ArgumentsError
from orchestrator_sdk.function.arguments import LIMIT_BYTES, pack
from orchestrator_sdk.task_context import TaskContext


def target(a: Any, b: Any, c: Any = 3, *, d: Any = 4) -> tuple[Any, ...]:
    return (a, b, c, d)


def with_context(context: TaskContext, a: Any, b: Any) -> None: ...


def spread(a: Any, *rest: Any, **named: Any) -> None: ...


def spread_all(*rest: Any, **named: Any) -> None: ...


def positional(a: Any, /, b: Any) -> None: ...


@given(
    positional_count=st.integers(0, 3),
    values=st.tuples(*[st.integers() | st.text() | st.none()] * 4),
    leave_out=st.sets(st.sampled_from("cd")),
)
def test_the_child_is_called_as_the_parent_called_it(
    positional_count: int, values: tuple[Any, ...], leave_out: set[str]
) -> None:
    args = values[: min(positional_count, 2 if "c" in leave_out else 3)]
    names = "abcd"[len(args) :]
    kwargs = {name: values["abcd".index(name)] for name in names if name not in leave_out}
    packed = pack("target", target, args, kwargs)
    arrived = target(**packed) if isinstance(packed, dict) else target(*packed)
    assert arrived == target(*args, **kwargs)


def test_no_arguments_are_an_empty_list() -> None:
    assert pack("t", spread_all, (), {}) == []


def test_the_context_is_not_counted() -> None:
    assert pack("t", with_context, (1,), {"b": 2}) == {"a": 1, "b": 2}


def test_further_keywords_travel_by_their_names() -> None:
    assert pack("t", spread, (1,), {"x": 2}) == {"a": 1, "x": 2}


@pytest.mark.parametrize(
    ("func", "args", "kwargs", "problem"),
    [
        (target, (1,), {"a": 2}, "multiple values for argument 'a'"),
        (target, (1,), {"z": 2}, "missing a required argument|unexpected keyword argument 'z'"),
        (spread, (1, 2), {"x": 3}, "'rest' takes no keyword"),
        (positional, (1,), {"b": 2}, "'a' takes no keyword"),
    ],
)
def test_a_mix_that_cannot_be_named_is_a_value_error(func: Any, args: Any, kwargs: Any, problem: str) -> None:
    with pytest.raises(ValueError, match=f"task 't': .*({problem})"):
        pack("t", func, args, kwargs)


@pytest.mark.parametrize(
    ("args", "kwargs", "named"),
    [((1, [object()]), {}, "b"), ((), {"a": 1, "b": object()}, "b"), ((object(),), {"b": 1}, "a")],
)
def test_an_argument_that_is_not_json_is_named(args: Any, kwargs: Any, named: str) -> None:
    with pytest.raises(
        TypeError, match=f"task 't': argument '{named}' cannot be sent as JSON: .*not JSON serializable"
    ):
        pack("t", target, args, kwargs)


@pytest.mark.parametrize("value", [math.nan, math.inf, [-math.inf]])
def test_numbers_that_json_does_not_have_are_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="argument 'a' cannot be sent as JSON"):
        pack("t", target, (value, 1), {})


def test_an_argument_without_a_name_of_its_own_is_counted() -> None:
    with pytest.raises(TypeError, match="argument '2'"):
        pack("t", spread_all, (1, 2, object()), {})


def test_what_json_has_no_type_for_travels_in_its_usual_form() -> None:
    born = date(2026, 3, 4)
    assert pack("t", target, (born, {born}), {}) == ["2026-03-04", ["2026-03-04"]]
    assert pack("t", target, (born,), {"b": [born]}) == {"a": "2026-03-04", "b": ["2026-03-04"]}


@pytest.mark.parametrize(("args", "kwargs"), [((1,), {}), ((1, 2, 3, 4), {}), ((1, 2), {"z": 3}), ((), {"a": 1})])
def test_a_call_that_does_not_bind_is_refused_where_it_is_made(args: Any, kwargs: Any) -> None:
    with pytest.raises(ArgumentsError, match=r"task 't': .*; its signature is target\(a: Any, b: Any, c: Any = 3,"):
        pack("t", target, args, kwargs)


def test_what_a_decorator_wraps_is_called_as_the_decorator_takes_it() -> None:
    @functools.wraps(target)
    def with_a(b: Any) -> Any:
        return target(1, b)

    assert pack("t", with_a, (2,), {}) == [2]


def test_input_over_the_limit_is_refused_by_size() -> None:
    with pytest.raises(ValueError, match=f"task 't': the arguments are .* the limit is {LIMIT_BYTES}"):
        pack("t", target, ("x" * LIMIT_BYTES, 1), {})


def test_the_limit_counts_bytes_as_sent() -> None:
    assert pack("t", target, ("é" * (LIMIT_BYTES // 2 - 10), 1), {})
