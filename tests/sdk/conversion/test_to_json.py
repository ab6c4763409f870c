from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any
from uuid import UUID

import pytest

from orchestrator_sdk.conversion.to_json import to_json

DAY = date(2026, 3, 4)


class Color(Enum):
    RED = "red"


@dataclass
class Pair:
    left: Any
    right: Any


@pytest.mark.parametrize("value", ["a", 1, 1.5, None, True, [], {"a": [1, None]}, (1, 2), float("nan")])
def test_what_json_knows_is_the_very_object(value: Any) -> None:
    assert to_json(value) is value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([{"on": DAY}], [{"on": "2026-03-04"}]),
        ({DAY: Color.RED, Color.RED: DAY, 5: {1}}, {"2026-03-04": "red", "red": "2026-03-04", 5: [1]}),
        ({3, 1, 2}, [1, 2, 3]),
        ({DAY, date(2025, 1, 1)}, ["2025-01-01", "2026-03-04"]),
        (
            Pair(Pair(DAY, b"\x00"), (UUID(int=1),)),
            {"left": {"left": "2026-03-04", "right": "AA=="}, "right": [str(UUID(int=1))]},
        ),
    ],
)
def test_everything_inside_is_converted(value: Any, expected: Any) -> None:
    assert to_json(value) == expected


def test_what_has_no_form_in_json_is_left_for_the_encoder_to_name() -> None:
    converted = to_json({"on": DAY, "what": object()})
    assert converted["on"] == "2026-03-04"
    with pytest.raises(TypeError, match="Object of type object is not JSON serializable"):
        json.dumps(converted)


def test_what_contains_itself_is_left_alone() -> None:
    loop = Pair(1, None)
    loop.right = loop
    assert to_json(loop) is loop
    endless: list[Any] = []
    endless.append(endless)
    assert to_json(endless) is endless
