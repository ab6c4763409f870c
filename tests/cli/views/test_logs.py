from __future__ import annotations

import json

import pytest

from orchestrator.cli.views import logs

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
