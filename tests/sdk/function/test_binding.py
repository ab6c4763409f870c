from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from orchestrator_sdk import TaskContext
from orchestrator_sdk.errors import ArgumentsError
from orchestrator_sdk.function import binding

CONTEXT = object()


def report(day: date, /, *others: date, **named: date) -> timedelta:
    return timedelta(len(others) + len(named))


def with_context(context: TaskContext, number: int) -> list[int]:
    return [number]


def test_a_list_binds_in_order_and_an_object_by_name_with_the_context_in_its_place() -> None:
    assert binding.bind("t", with_context, [2], {"context": CONTEXT}) == ([CONTEXT, 2], {})
    assert binding.bind("t", with_context, {"number": 2}, {"context": CONTEXT}) == ([CONTEXT, 2], {})


def test_what_is_annotated_is_converted_each_by_itself() -> None:
    args, _ = binding.bind("report", report, ["2026-01-02", "2026-01-03"], {})
    assert args == [date(2026, 1, 2), date(2026, 1, 3)]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "missing a required argument: 'day'"),
        (["soon"], "argument 'day' should be "),
        (["2026-01-02", "2026-01-03", "soon"], "argument 'others[1]' should be "),
    ],
)
def test_what_does_not_bind_or_fit_is_named_with_the_signature(arguments: list[Any], words: str) -> None:
    with pytest.raises(ArgumentsError, match=r"^task 'report': ") as refused:
        binding.bind("report", report, arguments, {})
    assert words in str(refused.value)
    assert "its signature is report(day: date, /" in str(refused.value)


def raised_by(call: Any) -> TypeError:
    with pytest.raises(TypeError) as caught:
        call()
    return caught.value


def test_a_call_that_python_refused_is_a_wrong_input() -> None:
    error = raised_by(lambda: with_context(CONTEXT))  # type: ignore[arg-type, call-arg]
    refused = binding.refusal("t", with_context, [], error)
    assert isinstance(refused, ArgumentsError)


def test_a_type_error_of_the_function_itself_is_its_own() -> None:
    def adds(number: int) -> int:
        return number + None  # type: ignore[operator]

    assert binding.refusal("adds", adds, [1], raised_by(lambda: adds(1))) is None


def test_a_result_is_what_the_function_promises_or_stays_as_it_came() -> None:
    assert binding.read_result(report, "P1D") == timedelta(1)
    assert binding.read_result(with_context, "no list") == "no list"
