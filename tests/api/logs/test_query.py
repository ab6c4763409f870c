from __future__ import annotations

from typing import Any

import pytest

from orchestrator.api.logs.query import Found, LineQuery
from orchestrator.api.logs.sources import Place
from orchestrator.core.logs import LogLine
from tests.core.sample_runs import a_run

LINE = Found(Place(1), LogLine(1_000_000_000, "stderr", "two words"), a_run(id="trn-1"))


@pytest.mark.parametrize(
    ("asked", "is_one"),
    [
        ({}, True),
        ({"text": ["words", "none"]}, True),
        ({"text": ["none"]}, False),
        ({"level": ["error"]}, True),
        ({"level": ["info"]}, False),
        ({"instance": ["trn-1-0", "trn-1-1"]}, True),
        ({"instance": ["trn-1-0"]}, False),
        ({"type": ["app"], "level": ["error"], "text": ["two"]}, True),
        ({"type": ["app"], "level": ["error"], "text": ["three"]}, False),
        ({"host": ["example.com"]}, False),
    ],
)
def test_a_line_is_asked_for_by_one_value_of_each_field(asked: dict[str, Any], is_one: bool) -> None:
    assert LineQuery(**asked).accepting()(LINE) is is_one


def test_a_line_says_where_it_comes_from() -> None:
    shape = LINE.shape()
    assert (shape.message, shape.timestamp.isoformat()) == ("two words", "1970-01-01T00:00:01+00:00")
    labels = {label.name: label.value for label in shape.labels}
    assert (labels["taskRun"], labels["instance"], labels["level"]) == ("trn-1", "trn-1-1", "error")
