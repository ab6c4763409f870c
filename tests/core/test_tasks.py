"""What a container announces is checked as if an enemy had written it."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.container.network import EVERYWHERE
from orchestrator.core.runs.retry import DEFAULT_RETRY, RetryPolicy
from orchestrator.core.tasks import InvalidTasks, Warm, check


def a_task(name: str = "square", **options: Any) -> dict[str, Any]:
    return {"name": name, "options": options}


def problems_of(*tasks: object) -> str:
    with pytest.raises(InvalidTasks) as caught:
        check(list(tasks))
    return str(caught.value)


def test_a_task_that_says_nothing_gets_the_documented_defaults() -> None:
    (draft,) = check([a_task()])
    assert (draft.plan, draft.timeout_s, draft.retry) == ("standard", 7200, DEFAULT_RETRY)
    assert draft.warm == Warm("imported", 0)
    assert draft.network == EVERYWHERE


@pytest.mark.parametrize("name", ["backoff_scaling", "factor"])
def test_the_growth_of_waits_has_the_official_sdks_name_too(name: str) -> None:
    (task,) = check([{"name": "x", "options": {"retry": {"max_retries": 1, "wait_duration_ms": 5, name: 3}}}])
    assert task.retry.backoff_scaling == 3


def test_a_retry_without_factor_grows_by_half() -> None:
    (draft,) = check([a_task(retry={"max_retries": 2, "wait_duration_ms": 500})])
    assert draft.retry == RetryPolicy(2, 500, 1.5)


@pytest.mark.parametrize("timeout_s", [29, 86_401, -1, "60", True, float("nan")])
def test_a_timeout_out_of_range_is_refused_with_the_tasks_name(timeout_s: object) -> None:
    assert "task 'slow': timeout_seconds is" in problems_of(a_task("slow", timeout_seconds=timeout_s))


@pytest.mark.parametrize("timeout_s", [30, 86_400])
def test_the_bounds_of_the_timeout_are_allowed(timeout_s: int) -> None:
    assert check([a_task(timeout_seconds=timeout_s)])[0].timeout_s == timeout_s


def test_an_unknown_plan_is_refused_with_the_known_ones() -> None:
    assert "unknown plan 'huge'; the plans are starter, standard" in problems_of(a_task(plan="huge"))


def test_a_refusal_shows_only_the_beginning_of_what_is_long() -> None:
    with pytest.raises(InvalidTasks) as refused:
        check([a_task("x" * 4_500_000), a_task(plan="y" * 4_500_000), a_task("z", retry="r" * 4_500_000)])
    assert len(str(refused.value)) < 2_000


def test_a_name_registered_twice_is_refused() -> None:
    assert "task 'square' is registered more than once" in problems_of(a_task(), a_task())


def test_more_than_500_tasks_are_refused() -> None:
    assert "501 tasks" in problems_of(*(a_task(f"t{index}") for index in range(501)))


def test_no_tasks_at_all_is_a_problem() -> None:
    assert problems_of() == "no tasks were registered"


def test_every_problem_is_named_at_once() -> None:
    found = problems_of(a_task("a", plan="x"), a_task("b", timeout_seconds=1))
    assert "task 'a'" in found
    assert "task 'b'" in found


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(
    _json
    | st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "name": _json,
                "parameters": _json,
                "options": st.dictionaries(st.sampled_from(["plan", "timeout_seconds", "retry"]), _json),
            },
        )
    )
)
def test_whatever_is_announced_is_accepted_or_refused_but_never_crashes(definitions: object) -> None:
    with contextlib.suppress(InvalidTasks):
        assert all(draft.name and 30 <= draft.timeout_s <= 86_400 for draft in check(definitions))


def parameter_of(**fields: Any) -> Any:
    (draft,) = check([{**a_task(), "parameters": [{"name": "a", "has_default": False, **fields}]}])
    return draft.parameters[0]


def test_a_parameter_keeps_its_schema_and_kind() -> None:
    parameter = parameter_of(schema={"type": "string", "format": "date"}, kind="keyword_only")
    assert (parameter.schema_json, parameter.kind) == ('{"type":"string","format":"date"}', "keyword_only")


@pytest.mark.parametrize("schema", ["text", [], {"x": "y" * 70_000}])
def test_a_schema_that_is_none_or_too_long_is_left_out(schema: object) -> None:
    assert parameter_of(schema=schema).schema_json is None


@pytest.mark.parametrize("kind", ["other", ["keyword_only"], None])
def test_an_unknown_kind_is_left_out(kind: object) -> None:
    assert parameter_of(kind=kind).kind is None


def test_texts_of_a_parameter_can_be_stored_whatever_they_are() -> None:
    parameter = parameter_of(type="caf\udce9" + "x" * 10_000, default_value='"\udce9"', name="\udce9")
    assert (parameter.name, parameter.default_json) == ("\\udce9", '"\\udce9"')
    assert len(parameter.type.encode()) < 5_000


@pytest.mark.parametrize(
    ("options", "warm"),
    [
        ({}, Warm("off")),
        ({"warm": "imported"}, Warm("imported")),
        ({"warm_min": 2}, Warm("imported", 2)),
        ({"warm": "off", "warm_min": 2}, Warm("off")),
    ],
)
def test_what_a_task_says_of_starting_ahead_outranks_what_its_workflow_says(
    options: dict[str, Any], warm: Warm
) -> None:
    (draft,) = check([a_task(**options)], Warm("off"))
    assert draft.warm == warm


@pytest.mark.parametrize(
    "options", [{"warm": "hot"}, {"warm_min": -1}, {"warm_min": 101}, {"warm_min": True}, {"warm_min": "2"}]
)
def test_another_word_or_number_for_starting_ahead_is_a_problem(options: dict[str, Any]) -> None:
    assert "task 'square': warm" in problems_of(a_task(**options))


@pytest.mark.parametrize(
    ("options", "network"),
    [
        ({}, ("db.lan",)),
        ({"network": "internet"}, EVERYWHERE),
        ({"network": ["a.b", "10.0.0.1"]}, ("10.0.0.1/32", "a.b")),
    ],
)
def test_a_task_may_say_where_its_runs_go_and_the_workflow_for_all_that_do_not(
    options: dict[str, Any], network: tuple[str, ...]
) -> None:
    assert check([a_task(**options)], network=("db.lan",))[0].network == network


def test_a_place_that_is_none_is_named() -> None:
    assert "task 'square': network is ['10.0.0.0/99']; '10.0.0.0/99' is neither" in problems_of(
        a_task(network=["10.0.0.0/99"])
    )
