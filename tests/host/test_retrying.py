from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from orchestrator.host.retrying import persist


def failing(*errors: Exception) -> Callable[[], Awaitable[str]]:
    """Raises each of the errors, then returns."""
    left = list(errors)

    async def action() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return action


class Sleeps:
    """Sleeps no time, and remembers for how long."""

    def __init__(self) -> None:
        self.waits_s: list[float] = []

    async def __call__(self, wait_s: float) -> None:
        self.waits_s.append(wait_s)


@pytest.fixture
def sleep() -> Sleeps:
    return Sleeps()


async def test_what_works_is_done_once_without_a_wait(sleep: Sleeps) -> None:
    assert await persist(failing(), despite=OSError, wait_s=1, sleep=sleep) == "done"
    assert sleep.waits_s == []


async def test_what_fails_is_done_again_until_it_works(sleep: Sleeps) -> None:
    action = failing(*[OSError()] * 5)
    assert await persist(action, despite=OSError, wait_s=0.5, sleep=sleep) == "done"
    assert sleep.waits_s == [0.5] * 5


async def test_waits_grow_up_to_the_longest(sleep: Sleeps) -> None:
    action = failing(*[OSError()] * 5)
    await persist(action, despite=OSError, wait_s=0.25, longest_wait_s=1.5, sleep=sleep)
    assert sleep.waits_s == [0.25, 0.5, 1.0, 1.5, 1.5]


async def test_each_failure_is_reported(sleep: Sleeps) -> None:
    errors, reported = [OSError("first"), KeyError("second")], list[Exception]()
    await persist(failing(*errors), despite=(OSError, KeyError), wait_s=1, report=reported.append, sleep=sleep)
    assert reported == errors


async def test_any_other_error_is_raised_as_it_is(sleep: Sleeps) -> None:
    with pytest.raises(ValueError, match="another"):
        await persist(failing(OSError(), ValueError("another")), despite=OSError, wait_s=1, sleep=sleep)
    assert sleep.waits_s == [1]


async def test_an_action_may_be_a_lambda() -> None:
    async def answer() -> int:
        return 42

    assert await persist(lambda: answer(), despite=OSError, wait_s=0) == 42  # the point of the test
