from __future__ import annotations

import json

import pytest

from orchestrator.cli.views import logs
from orchestrator_sdk.client.models import LogLine

LINES = [
    {"stream": "stdout", "message": "é"},
    {"stream": "stderr", "message": "oh"},
    {"stream": "system", "message": "x"},
]


def test_lines_go_where_they_were_printed(capsys: pytest.CaptureFixture[str]) -> None:
    logs.show(LINES, as_json=False)
    assert capsys.readouterr() == ("é\n", "oh\nx\n")


def test_as_json_every_line_is_a_document_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    logs.show(LINES, as_json=True)
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == LINES


def test_a_begun_line_has_the_last_row_until_the_next_line(capsys: pytest.CaptureFixture[str]) -> None:
    begun = [{"stream": "stdout", "message": f"{n} %", "isBegun": True} for n in (1, 2)]
    logs.show([*begun, LINES[0]], as_json=False)
    erase = "\r\x1b[2K"
    assert capsys.readouterr() == ("é\n", f"{erase}1 %{erase}2 %{erase}")


def test_a_begun_line_cannot_harm_the_terminal_nor_leave_its_row(capsys: pytest.CaptureFixture[str]) -> None:
    logs.show([{"stream": "stdout", "message": "\x1b[2A漢\x07" * 1_000, "isBegun": True}], as_json=False)
    row = capsys.readouterr().err.split("\r\x1b[2K")[1].rstrip()
    assert set(row) <= {"漢", "…"}
    assert len(row) < 250


def test_of_the_last_lines_begun_ones_are_not_counted() -> None:
    lines = [LogLine(None, 0, "stdout", word, word, is_begun=word == "begun") for word in ("a", "b", "begun", "c")]
    read = lambda follow: iter(lines if follow else lines[:2])  # noqa: E731
    chosen = logs.chosen(read, logs.Choice(tail=1), follow=True)
    assert [line["message"] for line in chosen] == ["b", "begun", "c"]
