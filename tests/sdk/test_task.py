from __future__ import annotations

import pytest

from orchestrator_sdk import OutsideRunError, Workflows
from tests.sdk.conftest import FakeHost

app = Workflows()


@app.task
def add(a: int, b: int = 2) -> int:
    """Adds."""
    return a + b


@app.task(name="renamed")
def original() -> None: ...


def test_calling_a_task_starts_a_run_at_once(running: FakeHost) -> None:
    add(1, 2)
    add(a=1)
    add(1, b=3)
    original()
    assert running.children == [("add", [1, 2]), ("add", {"a": 1}), ("add", {"a": 1, "b": 3}), ("renamed", [])]


def test_calling_a_task_outside_a_run_says_what_to_do_instead() -> None:
    with pytest.raises(LookupError) as error:
        original()
    assert isinstance(error.value, OutsideRunError)
    for advice in ("await it inside another task", 'Client().run("WORKFLOW/renamed", [...])', "original.func(...)"):
        assert advice in str(error.value)


def test_the_plain_function_can_be_called_anywhere() -> None:
    assert add.func(1) == 3


def test_a_task_looks_like_its_function() -> None:
    assert (add.__name__, add.__doc__, add.__module__, add.name) == ("add", "Adds.", __name__, "add")  # type: ignore[attr-defined]
    assert repr(add) == "<Task 'add'>"
