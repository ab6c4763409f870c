from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from orchestrator_sdk import Retry


def test_what_is_not_said_has_a_default() -> None:
    assert Retry(max_retries=0) == Retry(0, 1000, 1.5)
    assert Retry(wait_duration_ms=5) == Retry(3, 5, 1.5)


def test_the_wait_grows_by_half_unless_told_otherwise() -> None:
    assert Retry(3, 1000).to_wire() == {"max_retries": 3, "wait_duration_ms": 1000, "backoff_scaling": 1.5}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [((-1, 0), "max_retries"), ((0, -1), "wait_duration_ms"), ((0, 0, -0.5), "backoff_scaling")],
)
def test_negative_numbers_are_refused_by_name(arguments: tuple[Any, ...], named: str) -> None:
    with pytest.raises(ValueError, match=f"{named} must be 0 or more"):
        Retry(*arguments)


@pytest.mark.parametrize("arguments", [(1.5, 0), ("3", 0), (True, 0), (1, None), (1, 1, "2")])
def test_what_is_no_number_is_refused(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError, match="must be a number"):
        Retry(*arguments)


@pytest.mark.parametrize("scaling", [float("nan"), float("inf")])
def test_waits_are_finite(scaling: float) -> None:
    with pytest.raises(ValueError, match="backoff_scaling"):
        Retry(1, 1, scaling)


def test_equal_retries_are_one_value() -> None:
    retry = Retry(max_retries=3, wait_duration_ms=1000, backoff_scaling=2)
    assert {retry, Retry(3, 1000, 2), copy.copy(retry), pickle.loads(pickle.dumps(retry))} == {retry}
    assert retry != Retry(3, 1000)
    assert repr(retry) == "Retry(max_retries=3, wait_duration_ms=1000, backoff_scaling=2)"


def test_a_retry_does_not_change() -> None:
    with pytest.raises(AttributeError, match="make a new one"):
        Retry(3, 1000).max_retries = 4
