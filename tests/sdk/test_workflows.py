from __future__ import annotations

import asyncio
from typing import Any

import pytest

from orchestrator_sdk import (
    ArgumentsError,
    NotDeployedError,
    OutsideRunError,
    Retry,
    TaskContext,
    Workflows,
    active_run,
)
from tests.sdk.conftest import FakeHost, Served


def add(a: int, b: int = 2) -> int:
    return a + b


def options_of(app: Workflows) -> list[Any]:
    return [definition["options"] for definition in app.definitions()]


def test_a_task_is_registered_with_its_parameters() -> None:
    app = Workflows()
    app.task(add)
    assert app.definitions() == [
        {
            "name": "add",
            "options": {},
            "parameters": [
                {
                    "name": "a",
                    "kind": "positional_or_keyword",
                    "has_default": False,
                    "type": "int",
                    "schema": {"type": "integer"},
                },
                {
                    "name": "b",
                    "kind": "positional_or_keyword",
                    "has_default": True,
                    "type": "int",
                    "schema": {"type": "integer"},
                    "default_value": "2",
                },
            ],
            "signature": "add(a: int, b: int = 2)",
        }
    ]


def test_options_are_registered_as_they_were_given() -> None:
    app = Workflows()
    app.task(name="sum", retry=Retry(3, 1000, 2), timeout_seconds=60, plan="pro")(add)
    assert app.definitions()[0]["name"] == "sum"
    assert options_of(app) == [
        {
            "retry": {"max_retries": 3, "wait_duration_ms": 1000, "backoff_scaling": 2},
            "timeout_seconds": 60,
            "plan": "pro",
        }
    ]


def test_what_is_started_ahead_is_registered_as_it_was_given_or_as_the_app_says() -> None:
    app = Workflows(default_warm="off")
    app.task(name="cold")(add)
    app.task(name="warm", warm="imported", warm_min=2)(add)
    assert options_of(app) == [{"warm": "off"}, {"warm": "imported", "warm_min": 2}]


def test_where_runs_may_go_is_registered_as_it_was_given_or_as_the_app_says() -> None:
    app = Workflows(default_network="none")
    app.task(name="alone")(add)
    app.task(name="asks", network=("api.example.com", "10.0.0.0/8"))(add)
    assert options_of(app) == [{"network": "none"}, {"network": ["api.example.com", "10.0.0.0/8"]}]


def test_an_apps_defaults_hold_for_what_a_task_does_not_say() -> None:
    app = Workflows(default_retry=Retry(1, 10), default_timeout=90, default_plan="starter")
    app.task(add)
    app.task(name="other", retry=Retry(0, 0), timeout_seconds=30, plan="pro")(add)
    assert options_of(app) == [
        {
            "retry": {"max_retries": 1, "wait_duration_ms": 10, "backoff_scaling": 1.5},
            "timeout_seconds": 90,
            "plan": "starter",
        },
        {
            "retry": {"max_retries": 0, "wait_duration_ms": 0, "backoff_scaling": 1.5},
            "timeout_seconds": 30,
            "plan": "pro",
        },
    ]


def test_a_combined_app_has_all_tasks_with_their_own_options() -> None:
    first, second = Workflows(default_plan="pro"), Workflows()
    first.task(add)
    second.task(name="sum")(add)
    app = Workflows.from_workflows(first, second, default_plan="starter")
    app.task(name="later")(add)
    assert [definition["name"] for definition in app.definitions()] == ["add", "sum", "later"]
    assert options_of(app) == [{"plan": "pro"}, {}, {"plan": "starter"}]


def test_a_name_taken_twice_names_both_places() -> None:
    app = Workflows()
    app.task(add)
    with pytest.raises(ValueError, match=r"Task 'add' already registered: add \(.*py:\d+\) and .*lambda.*py:\d+\)"):
        app.task(name="add")(lambda: 3)


def test_two_apps_may_not_define_the_same_task() -> None:
    first, second = Workflows(), Workflows()
    first.task(add)
    second.task(name="add")(lambda: 3)
    with pytest.raises(ValueError, match=r"Task 'add' is defined in multiple apps: add \(.*lambda"):
        Workflows.from_workflows(first, second)


def test_an_app_may_be_combined_by_two_ways() -> None:
    shared = Workflows()
    shared.task(add)
    left, right = Workflows.from_workflows(shared), Workflows.from_workflows(shared)
    assert len(Workflows.from_workflows(left, right).definitions()) == 1


def test_a_task_may_belong_to_two_apps() -> None:
    first, second = Workflows(), Workflows()
    assert second.task(first.task(add)).func is add


def test_the_decorator_takes_options_by_keyword_alone() -> None:
    wrong: Any = "add"
    with pytest.raises(TypeError, match="options go by keyword"):
        Workflows().task(wrong)


def test_a_retry_of_older_programs_is_a_dict() -> None:
    app = Workflows(default_retry={"max_retries": 1, "wait_duration_ms": 5})  # type: ignore[arg-type]
    app.task(add)
    assert options_of(app) == [{"retry": {"max_retries": 1, "wait_duration_ms": 5, "backoff_scaling": 1.5}}]


def test_a_retry_must_be_one() -> None:
    with pytest.raises(TypeError, match="must be a Retry"):
        Workflows(default_retry=3)  # type: ignore[arg-type]


def test_auto_start_is_accepted_and_warned_of() -> None:
    with pytest.warns(DeprecationWarning, match="no effect"):
        Workflows(auto_start=True)


def test_start_hands_the_app_over(loaded: FakeHost) -> None:
    app = Workflows()
    with pytest.raises(Served) as served:
        app.start()
    assert served.value.app is app


def test_start_outside_a_container_says_what_to_do() -> None:
    with pytest.raises(NotDeployedError, match="orchestrator deploy PATH") as error:
        Workflows().start()
    assert isinstance(error.value, RuntimeError)


@pytest.mark.parametrize("arguments", [[1, 3], {"a": 1, "b": 3}, {"b": 3, "a": 1}])
def test_a_call_fills_parameters_by_position_or_name(arguments: Any, context: dict[str, Any]) -> None:
    app = Workflows()
    app.task(add)
    assert app.call("add", arguments, context) == 4


def test_a_call_leaves_defaults_to_the_function(context: dict[str, Any]) -> None:
    app = Workflows()
    app.task(add)
    assert app.call("add", [1], context) == 3


@pytest.mark.parametrize("arguments", [[], [1, 2, 3], {"c": 1}])
def test_wrong_arguments_are_an_error_that_shows_the_signature(arguments: Any, context: dict[str, Any]) -> None:
    app = Workflows()
    app.task(add)
    with pytest.raises(ArgumentsError, match=r"^task 'add': .*; its signature is add\(a: int, b: int = 2\)$"):
        app.call("add", arguments, context)


async def test_a_call_of_an_async_task_is_awaitable(context: dict[str, Any]) -> None:
    app = Workflows()

    @app.task
    async def double(a: int) -> int:
        await asyncio.sleep(0)
        return a * 2

    assert await app.call("double", [4], context) == 8


def test_an_unknown_task_is_named_beside_those_there_are(context: dict[str, Any]) -> None:
    app = Workflows()
    app.task(add)
    with pytest.raises(KeyError) as error:
        app.call("ad", [], context)
    assert str(error.value) == "there is no task 'ad'; the app has add"


def test_a_task_that_asks_for_its_context_gets_it(context: dict[str, Any]) -> None:
    app = Workflows()

    @app.task
    def who(run: TaskContext, suffix: str) -> str:
        return f"{run.run_id} {run.attempt} {suffix}"

    assert app.call("who", ["!"], context) == "trn-2 1 !"
    assert app.call("who", {"suffix": "?"}, context) == "trn-2 1 ?"
    assert [one["name"] for one in app.definitions()[0]["parameters"]] == ["suffix"]


def test_input_never_fills_the_context(context: dict[str, Any]) -> None:
    app = Workflows()

    @app.task
    def who(run: TaskContext) -> str:
        return run.run_id

    with pytest.raises(TypeError, match="unexpected keyword argument 'run'"):
        app.call("who", {"run": "mine"}, context)


def test_tasks_can_be_chained_once_a_call_began(loaded: FakeHost, context: dict[str, Any]) -> None:
    app = Workflows()
    task = app.task(add)

    @app.task
    def parent() -> None:
        task(1, 2)

    with pytest.raises(OutsideRunError):
        task(1, 2)
    app.call("parent", [], context)
    assert loaded.children == [("add", [1, 2])]
    assert active_run.host is loaded
