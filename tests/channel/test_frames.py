"""Whatever a container sends becomes a frame or a violation; nothing it can send is an error of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.channel import frames as fr
from orchestrator_runtime import wire

GOOD: list[tuple[dict[str, Any], type[fr.Frame]]] = [
    ({"type": "ready", "protocol": 1, "load_ms": 12.5}, fr.Ready),
    ({"type": "tasks", "tasks": [{"name": "x"}]}, fr.Tasks),
    ({"type": "child", "call": 0, "task": "x", "input": [1]}, fr.Child),
    ({"type": "child", "call": 0, "task": "x", "input": {"a": 1}}, fr.Child),
    ({"type": "progress", "waiting": True}, fr.Progress),
    ({"type": "result", "value": None}, fr.Result),
]


@pytest.mark.parametrize(("frame", "kind"), GOOD)
def test_a_frame_of_the_protocol_is_understood(frame: dict[str, Any], kind: type[fr.Frame]) -> None:
    assert isinstance(fr.parse(json.dumps(frame)), kind)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "{",
        "[]",
        "null",
        '{"type":"assign"}',
        '{"type":"result"}{"type":"result"}',
        '{"type":"result","value":NaN}',
        '{"type":"result","value":1e999}',
        '{"type":"child","call":-1,"task":"x","input":[]}',
        '{"type":"child","call":true,"task":"x","input":[]}',
        '{"type":"child","call":1,"task":"x","input":"no"}',
        '{"type":"progress","waiting":1}',
        "[" * 1_000_000,
        '{"type":"result","value":' + "9" * 5000 + "}",
        '{"type":"result","value":"' + "x" * wire.FRAME_LIMIT_BYTES + '"}',
        json.dumps({"type": "child", "call": wire.CHILDREN_LIMIT, "task": "x", "input": []}),
    ],
    ids=lambda text: str(text)[:40],
)
def test_anything_else_is_a_violation(text: str | None) -> None:
    assert isinstance(fr.parse(text), fr.Violation)


@given(st.text())
def test_no_text_crashes_the_reader(text: str) -> None:
    assert fr.parse(text).type
