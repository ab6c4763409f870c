from __future__ import annotations

import json

import pytest

from orchestrator.cli.views import output

HALF = "caf\udce9.txt"


def test_a_document_is_readable_as_far_as_it_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    output.document(["é"])
    assert capsys.readouterr().out == '[\n  "é"\n]\n'


def test_what_is_no_valid_text_is_spelled_out(capsys: pytest.CaptureFixture[str]) -> None:
    output.document([HALF, "é"])
    assert json.loads(capsys.readouterr().out) == [HALF, "é"]
    output.text(HALF)
    output.note(HALF)
    output.error(HALF, HALF)
    printed = capsys.readouterr()
    assert printed.out == "caf\\udce9.txt\n"
    assert printed.err.count("caf\\udce9.txt") == 3
