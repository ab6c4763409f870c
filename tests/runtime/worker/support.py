"""A shim for the endpoints, and how they are asked."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from orchestrator_runtime import children, json_text, wire
from orchestrator_runtime.children import Chained
from orchestrator_runtime.latch import Latch
from orchestrator_runtime.outcome import Outcome
from orchestrator_runtime.worker.http import Answer, Held, Request
from orchestrator_runtime.worker.protocol import Worker

ASSIGNED: wire.Assign = {
    "type": "assign",
    "run_id": "trn-1",
    "root_run_id": "trn-0",
    "parent_run_id": "trn-0",
    "attempt": 0,
    "timeout_s": 60,
    "task": "square",
    "traceparent": None,
    "input": [3],
}


class Timer:
    """A call that comes when the test lets it."""

    def __init__(self, call: Callable[[], object]) -> None:
        self.call = call

    def cancel(self) -> None:
        self.call = lambda: None


class FakeHost:
    """A shim whose chained runs the test ends, and whose time it lets pass."""

    def __init__(self) -> None:
        self.assigned = Latch()
        self.assigned.set()
        self.given: wire.Assign | None = ASSIGNED
        self.acknowledged = Latch()
        self.timers: list[Timer] = []
        self.is_slow = False
        self.outcomes: list[Mapping[str, Any]] = []
        self.children: list[Chained] = []
        self.waits: list[int] = []
        self.said: list[dict[str, Any]] = []

    def assignment(self, timeout_s: float) -> wire.Assign | None:
        return self.given

    def post_outcome(self, outcome: Outcome) -> Latch:
        self.outcomes.append(json_text.loads(outcome.frame))
        return self.acknowledged

    def start_confirmed(self, task: str, arguments: Any) -> Chained:
        children.encoded(wire.Child(0, task, arguments))
        child = Chained()
        self.children.append(child)
        if not self.is_slow:
            self.record(len(self.children) - 1)
        return child

    def record(self, number: int) -> None:
        """The orchestrator gives the chained run its id."""
        self.children[number].confirm(f"trn-c{number}")

    def call_later(self, delay_s: float, call: Callable[[], object]) -> Timer:
        self.timers.append(Timer(call))
        return self.timers[-1]

    def waiting(self, delta: int) -> None:
        self.waits.append(delta)

    def annotate(self, **said: Any) -> None:
        if "wrong" in said["metadata"]:
            raise ValueError("metadata cannot be kept")
        self.said.append(said)


def encoded(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def decoded(text: str) -> Any:
    return json.loads(base64.b64decode(text))


def ask(endpoints: Worker, path: str, content: object, agent: str = "") -> Answer | Held:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return endpoints.handle(Request("POST", path, body, agent))


def post(endpoints: Worker, path: str, content: object, agent: str = "") -> Answer:
    """The answer there is now, or when a request was held for as long as it may be."""
    given = ask(endpoints, path, content, agent)
    if isinstance(given, Answer):
        return given
    if given.until.is_set:
        return given.answer()
    assert given.late is not None
    return given.late()


def input_answer(endpoints: Worker) -> Answer | Held:
    """What the first look at the assignment gives."""
    return endpoints.handle(Request("GET", "/input", b""))


def asked_for_input(endpoints: Worker) -> dict[str, Any]:
    answer = input_answer(endpoints)
    assert isinstance(answer, Answer)
    assert answer.content is not None
    return answer.content


def child(endpoints: Worker, **more: str) -> str:
    answer = post(endpoints, "/run-subtask", {"task_name": "square", "input": encoded([2]), **more})
    assert answer.content is not None
    return str(answer.content["task_run_id"])


def result_of(endpoints: Worker, run_id: str) -> dict[str, Any]:
    answer = post(endpoints, "/get-subtask-result", {"task_run_id": run_id})
    assert answer.status == 200
    assert answer.content is not None
    return answer.content
