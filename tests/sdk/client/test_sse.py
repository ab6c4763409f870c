from __future__ import annotations

import pytest

from orchestrator_sdk.client.sse import Event, EventParser


def parse(text: str) -> list[Event]:
    parser = EventParser()
    return [event for line in text.splitlines() if (event := parser.feed(line))]


@pytest.mark.parametrize(
    ("text", "events"),
    [
        ("event: log\ndata: a\n\n", [Event("log", "a")]),
        ("event:log\ndata:a\n\n", [Event("log", "a")]),
        ("data: a\n\n", [Event("message", "a")]),
        ("data: a\ndata: b\n\n", [Event("message", "a\nb")]),
        ("retry: 2000\n\n: ping\n\nid: 3\nevent: log\ndata: a\n\n", [Event("log", "a")]),
        ("event: log\n\ndata: a\n\n", [Event("message", "a")]),
        ("data: a\n", []),
        ("data:  two\n\n", [Event("message", " two")]),
    ],
)
def test_lines_become_events(text: str, events: list[Event]) -> None:
    assert parse(text) == events
