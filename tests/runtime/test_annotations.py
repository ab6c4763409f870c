"""What a task says about its run: seldom, the newest, and only what can be kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from orchestrator_runtime.annotations import INTERVAL_S, Annotations
from tests.runtime.conftest import Launch
from tests.runtime.programs import code


class FakeLink:
    def __init__(self) -> None:
        self.posted: list[dict[str, Any]] = []

    def post(self, key: str, frame: bytes) -> None:
        assert key == "annotate"
        self.posted.append(json.loads(frame))


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class Later:
    """What is to be done later, which the test does."""

    def __init__(self) -> None:
        self.actions: list[tuple[float, Callable[[], None]]] = []

    def __call__(self, seconds: float, action: Callable[[], None]) -> None:
        self.actions.append((seconds, action))


def test_the_first_word_is_sent_at_once_and_the_newest_of_a_second_after_it() -> None:
    link, clock, later = FakeLink(), Clock(), Later()
    said = Annotations(link, clock=clock, later=later)
    for step in range(1000):
        said.add([], {}, (step / 1000, f"{step} of 1000"))
    said.add(["late"], {"rows": 3}, None)
    assert [one["fraction"] for one in link.posted] == [0.0]
    ((seconds, action),) = later.actions
    assert seconds == INTERVAL_S
    clock.now_s += INTERVAL_S
    action()
    assert link.posted[1:] == [
        {"type": "annotate", "tags": ["late"], "metadata": {"rows": 3}, "fraction": 0.999, "message": "999 of 1000"}
    ]


def test_what_is_said_again_is_not_sent_again() -> None:
    link, later = FakeLink(), Later()
    said = Annotations(link, later=later)
    for _ in range(3):
        said.add(["a"], {"b": 1}, (0.5, "half"))
    said.flush()
    assert (len(link.posted), later.actions) == (1, [])


def test_what_was_not_sent_is_sent_before_the_end_once() -> None:
    link = FakeLink()
    said = Annotations(link, clock=Clock(), later=Later())
    said.add(["a"], {}, None)
    said.add(["b", "a"], {}, None)
    said.flush()
    said.flush()
    assert [one["tags"] for one in link.posted] == [["a"], ["a", "b"]]


async def test_the_last_word_is_sent_though_no_other_follows(launch: Launch) -> None:
    shim = await launch(
        code("""
import threading
from orchestrator_sdk import TaskContext
@app.task
def work(ctx: TaskContext):
    ctx.progress(0.1)
    ctx.progress(0.2)
    threading.Event().wait()
""")
    )
    await shim.assign("work")
    assert [(await shim.frame("annotate")).fraction for _ in range(2)] == [0.1, 0.2]


def test_a_line_that_is_written_over_says_nothing_beside_a_task_that_does() -> None:
    link = FakeLink()
    said = Annotations(link, clock=Clock(), later=Later())
    said.line("10%")
    said.add([], {}, (0.5, "half"))
    said.line("60%")
    said.flush()
    assert [one["message"] for one in link.posted] == ["10%", "half"]


@pytest.mark.parametrize(("given", "sent"), [(1.5, 1.0), (-1, 0.0), (float("nan"), 0.0), (None, None)])
def test_a_fraction_is_from_nothing_to_all(given: float | None, sent: float | None) -> None:
    link = FakeLink()
    Annotations(link).add([], {}, (given, "x" * 300))
    assert (link.posted[0]["fraction"], link.posted[0]["message"]) == (sent, "x" * 200)


@pytest.mark.parametrize(
    ("tags", "metadata", "error"),
    [
        ([str(number) for number in range(11)], {}, ValueError),
        (["x" * 65], {}, ValueError),
        ([3], {}, TypeError),
        ([], {"a": object()}, TypeError),
        ([], {"a": float("nan")}, ValueError),
        ([], {"a": "x" * 5000}, ValueError),
        ([], {3: 1}, TypeError),
        ([], {"": 1}, ValueError),
        ([], {str(number): 1 for number in range(33)}, ValueError),
    ],
)
def test_what_cannot_be_kept_is_an_error_where_it_is_said_and_spoils_nothing(
    tags: Any, metadata: Any, error: type[Exception]
) -> None:
    link = FakeLink()
    said = Annotations(link, clock=Clock(), later=Later())
    with pytest.raises(error):
        said.add(tags, metadata, None)
    said.add(["fine"], {"gone": None}, None)
    assert (link.posted[0]["tags"], link.posted[0]["metadata"]) == (["fine"], {"gone": None})


async def test_a_task_says_all_it_has_to_say_before_its_outcome(launch: Launch) -> None:
    shim = await launch(
        code("""
from orchestrator_sdk import TaskContext
@app.task
def work(ctx: TaskContext):
    for step in range(100):
        ctx.progress(step / 100, f"{step} of 100")
    ctx.metadata["rows"] = 3
    ctx.tags.add("big")
    return dict(ctx.metadata)
""")
    )
    await shim.assign("work")
    first, last = await shim.frame("annotate"), await shim.frame("annotate")
    assert (first.fraction, first.message) == (0.0, "0 of 100")
    assert (last.fraction, last.tags, last.metadata) == (0.99, ["big"], {"rows": 3})
    assert (await shim.outcome("result")).value == {"rows": 3}
