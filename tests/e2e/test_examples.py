"""The examples do what their pages say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.live_instance import EXAMPLES, LiveInstance
from tests.wait import LIMIT_S

pytestmark = pytest.mark.docker


def run(live: LiveInstance, example: str, task: str, *arguments: object) -> Sequence[Any]:
    assert live.deploy(EXAMPLES / example, example)["status"] == "ready"
    return live.client().run(f"{example.replace('_', '-')}/{task}", list(arguments), timeout_s=LIMIT_S).results


def test_quickstart_squares_and_sums(live: LiveInstance) -> None:
    assert run(live, "quickstart", "sum_squares", 3, 4) == [25]


def test_fan_out_counts_the_words_of_its_own_corpus(live: LiveInstance) -> None:
    (words,) = run(live, "fan_out", "common_words", 3)
    assert len(words) == 3
    assert all(count > 0 for count in words.values())


def test_flaky_succeeds_after_its_retries(live: LiveInstance) -> None:
    (forecast,) = run(live, "flaky", "fetch_forecast", "Oslo", 2)
    assert forecast["attempts"] == 3


def test_with_requirements_uses_its_dependency(live: LiveInstance) -> None:
    assert run(live, "with-requirements", "describe", 2048, 60) == ["2.0 KiB in 1 minute"]


def test_quickstart_ts_squares_and_sums(live: LiveInstance) -> None:
    assert run(live, "quickstart-ts", "sumSquares", 3, 4) == [25]


def test_fan_out_ts_counts_as_its_sibling_does(live: LiveInstance) -> None:
    (words,) = run(live, "fan-out-ts", "commonWords", 3)
    assert len(words) == 3
    assert all(count > 0 for count in words.values())


def test_each_of_them_is_tried_here() -> None:
    tried = {"quickstart", "fan_out", "flaky", "with-requirements", "quickstart-ts", "fan-out-ts"}
    assert {folder.name for folder in EXAMPLES.iterdir() if folder.is_dir()} == tried
