"""Whatever a container sends becomes a frame or a violation; nothing it can send is an error of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.channel import frames as fr
from orchestrator_runtime import wire
from orchestrator_runtime.link import encode

ERROR = {"kind": "task", "type": "E", "message": "m", "traceback": "", "retryable": True}
GOOD: list[tuple[dict[str, Any], type[fr.Frame]]] = [
    ({"type": "ready", "protocol": 1, "load_ms": 12.5}, wire.Ready),
    ({"type": "tasks", "tasks": [{"name": "x"}]}, wire.Tasks),
    ({"type": "child", "call": 0, "task": "x", "input": [1]}, wire.Child),
    ({"type": "child", "call": 0, "task": "x", "input": {"a": 1}}, wire.Child),
    ({"type": "waiting", "waiting": True}, wire.Waiting),
    ({"type": "error", "error": ERROR}, wire.Error),
    ({"type": "result", "value": None}, wire.Result),
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
        '{"type":["ready"]}',
        '{"type":{}}',
        '{"type":"error","error":"boom"}',
        '{"type":"error","error":{"kind":"task"}}',
        '{"type":"result"}{"type":"result"}',
        '{"type":"result","value":NaN}',
        '{"type":"result","value":1e999}',
        '{"type":"child","call":-1,"task":"x","input":[]}',
        '{"type":"child","call":true,"task":"x","input":[]}',
        '{"type":"child","call":1,"task":"x","input":"no"}',
        '{"type":"waiting","waiting":1}',
        "[" * 1_000_000,
        '{"type":"result","value":' + "9" * 5000 + "}",
        '{"type":"result","value":"' + "x" * wire.FRAME_LIMIT_BYTES + '"}',
        json.dumps({"type": "child", "call": wire.CHILDREN_LIMIT, "task": "x", "input": []}),
    ],
    ids=lambda text: str(text)[:40],
)
def test_anything_else_is_a_violation(text: str | None) -> None:
    assert isinstance(fr.parse(text), fr.Violation)


@pytest.mark.parametrize(("frame", "kind"), GOOD)
def test_what_a_frame_has_beyond_the_protocol_is_passed_over(frame: dict[str, Any], kind: type[fr.Frame]) -> None:
    assert fr.parse(json.dumps(frame | {"more": 1})) == fr.parse(json.dumps(frame))


def test_what_a_shim_says_is_read_as_it_was_meant() -> None:
    frames: list[wire.OutFrame] = [
        wire.Ready(1, 12.5),
        wire.Tasks([{"name": "x"}]),
        wire.Child(0, "x", [1], confirm=True),
        wire.Waiting(True),
        wire.Result({"a": [None]}),
        wire.Error(wire.ErrorInfo("load", "E", "m", "t", retryable=False)),
    ]
    assert [fr.parse(encode(frame).decode()) for frame in frames] == frames


@pytest.mark.parametrize("value", ["[" * 500 + "]" * 500, "9" * 4300, '"caf\\udce9"', '{"\\ud800":1}'])
def test_whatever_a_shim_may_send_is_read(value: str) -> None:
    assert isinstance(fr.parse(f'{{"type":"result","value":{value}}}'), wire.Result)


def test_what_a_task_says_about_its_run_is_bounded() -> None:
    said = {"type": "annotate", "tags": ["a"], "metadata": {"b": [1]}, "fraction": 1, "message": "m"}
    assert fr.parse(json.dumps(said)) == wire.Annotation(["a"], {"b": [1]}, 1.0, "m")
    assert fr.parse('{"type":"annotate","tags":[],"metadata":{}}') == wire.Annotation([], {})
    found = fr.parse(json.dumps({**said, "metadata": {"b": "x" * wire.ANNOTATION_LIMIT_BYTES}}))
    assert isinstance(found, fr.Violation)
    assert "said about a run; the limit is 65536" in found.reason


def test_images_built_earlier_say_progress_for_waiting() -> None:
    assert fr.parse('{"type":"progress","waiting":true}') == wire.Waiting(True)


def test_the_texts_of_an_error_are_made_valid_and_cut() -> None:
    given = ERROR | {"message": "caf\udce9" + "x" * 10_000, "type": "\udce9"}
    frame = fr.parse(json.dumps({"type": "error", "error": given, "more": 1}))
    assert isinstance(frame, wire.Error)
    assert frame.error.message.startswith("caf\\udce9xxx")
    assert (len(frame.error.message), frame.error.type) == (wire.MESSAGE_LIMIT_CHARS, "\\udce9")


@given(st.text())
def test_no_text_crashes_the_reader(text: str) -> None:
    assert fr.parse(text).type
