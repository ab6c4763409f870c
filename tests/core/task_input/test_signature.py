from __future__ import annotations

import inspect
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.task_input.signature import bind
from orchestrator.core.tasks import TaskDraft, TaskSpec, check
from orchestrator.store.workflows.versions import task_spec
from orchestrator_sdk.function.registration import define

KINDS = list(inspect._ParameterKind)  # noqa: SLF001
NAMES = "abcdefg"


def registered(func: Any) -> TaskSpec:
    """The function as the store has it after the SDK registered it."""
    (draft,) = check(json.loads(json.dumps([define("t", func, {})])))
    return spec(draft)


def spec(draft: TaskDraft) -> TaskSpec:
    return task_spec(draft, "tsk-1")


def function(kinds: list[inspect._ParameterKind], defaults: list[bool]) -> Any:
    """A function with parameters of these kinds, as far as Python allows them; a to g are their names."""
    kinds = sorted(kinds)
    parts: list[str] = []
    has_default = False
    for name, kind, default in zip(NAMES, kinds, defaults, strict=False):
        if kind is inspect.Parameter.KEYWORD_ONLY and not any(part.startswith("*") for part in parts):
            parts.append("*")
        if kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD):
            parts.append(("*" if kind is inspect.Parameter.VAR_POSITIONAL else "**") + name)
            continue
        if kind is not inspect.Parameter.KEYWORD_ONLY:
            default = has_default = default or has_default
        parts.append(f"{name}=0" if default else name)
    for_position = kinds.count(inspect.Parameter.POSITIONAL_ONLY)
    if for_position:
        parts.insert(for_position, "/")
    namespace: dict[str, Any] = {}
    exec(f"def task({', '.join(parts)}): ...", namespace)
    return namespace["task"]


@st.composite
def kinds(draw: st.DrawFn) -> list[inspect._ParameterKind]:
    """At most one ``*args`` and one ``**kwargs``."""
    found = draw(st.lists(st.sampled_from(KINDS), max_size=len(NAMES)))
    many = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [kind for index, kind in enumerate(found) if kind not in many or kind not in found[:index]]


@given(
    kinds=kinds(),
    defaults=st.lists(st.booleans(), min_size=len(NAMES), max_size=len(NAMES)),
    args=st.lists(st.integers(), max_size=8),
    names=st.sets(st.sampled_from(NAMES + "xyz")),
)
def test_an_input_binds_where_pythons_call_would(kinds: Any, defaults: Any, args: list[int], names: set[str]) -> None:
    func = function(kinds, defaults)
    for given_args, given_kwargs in ((args, {}), ([], dict.fromkeys(names, 0))):
        try:
            func(*given_args, **given_kwargs)
            expected = True
        except TypeError:
            expected = False
        assert (bind(registered(func), given_kwargs or given_args) is None) == expected


def add(a: int, b: int = 2, *, c: str) -> None: ...
def nothing() -> None: ...
def by_place(a: int, /) -> None: ...
def any_number(*args: int) -> None: ...


@pytest.mark.parametrize(
    ("func", "given", "problem"),
    [
        (add, [], "'a' and 'c' are missing"),
        (add, {"a": 1}, "'c' is missing"),
        (add, [1, 2, 3], "'c' is missing; 3 arguments were given, and it takes at most 2 by position"),
        (add, {"a": 1, "c": "x", "d": 2, "e": 3}, "it has no parameter 'd' or 'e'"),
        (nothing, [1], "1 argument was given, and it takes none by position"),
        (by_place, {"a": 1}, "'a' is missing; 'a' can be given by position only"),
        (any_number, {"a": 1}, "its arguments are given by position, in a list, as [1, 2]"),
        (add, {f"x{n}": 1 for n in range(9)}, "it has no parameter 'x0', 'x1', 'x2', 'x3', 'x4' or 4 more"),
    ],
)
def test_the_problem_says_what_is_wrong_and_shows_the_signature(func: Any, given: Any, problem: str) -> None:
    told = bind(registered(func), given)
    assert told is not None
    assert problem in told
    assert told.startswith("task 't': ")
    assert "its signature is " + func.__name__ in told


@pytest.mark.parametrize("given", [[], [1, 2], {"x": 1}])
def test_what_was_registered_without_a_signature_takes_anything(given: Any) -> None:
    (draft,) = check([{"name": "t", "parameters": [{"name": "a", "has_default": False}]}])
    assert bind(spec(draft), given) is None


def test_a_signature_whose_parameters_have_no_kind_is_none() -> None:
    (draft,) = check([{"name": "t", "parameters": [{"name": "a", "has_default": False}], "signature": "t(a)"}])
    assert draft.signature is None


def javascript(*names: str) -> TaskSpec:
    """A function as our SDK of TypeScript registers it where no schema says which arguments it needs."""
    parameters = [{"name": name, "kind": "positional_or_keyword", "has_default": False} for name in names]
    (draft,) = check([{"name": "t", "parameters": parameters, "signature": f"t({', '.join(names)})", "is_open": True}])
    return spec(draft)


@pytest.mark.parametrize("given", [[], [1], [1, 2, 3], {}, {"a": 1}, {"b": 2, "a": 1}])
def test_a_call_of_javascript_may_have_fewer_arguments_and_more(given: Any) -> None:
    assert bind(javascript("a", "b"), given) is None


def test_a_name_that_a_call_of_javascript_cannot_have_is_refused() -> None:
    told = bind(javascript("a", "b"), {"a": 1, "c": 2})
    assert told == "task 't': it has no parameter 'c'; its signature is t(a, b)"
    assert bind(javascript(), {"c": 2}) == "task 't': it has no parameter 'c'; its signature is t()"


def test_an_object_that_is_perhaps_the_only_argument_is_told_how_it_would_be_given() -> None:
    told = bind(javascript("order"), {"size": 1, "color": "red"})
    assert told is not None
    assert "it has no parameter 'size' or 'color': one argument that is an object is given in a list, as [{…}]" in told
