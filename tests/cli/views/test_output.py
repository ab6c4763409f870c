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


@pytest.mark.parametrize("columns", [20, 40, 60, 200])
def test_on_a_terminal_of_any_width_the_name_of_a_row_is_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("FORCE_COLOR", "1")
    name = "trn-06h19mbkp8vnn9m33m2f"
    output.table(("RUN", "TASK", "STATE"), [(name, "a-workflow-of-some-length/and_its_task", "completed")], empty="")
    assert name in capsys.readouterr().out


HOSTILE = "a\x1b[2J\x1b]0;owned\x07\u202eb\x9b1mc"


def test_what_users_wrote_moves_no_cursor_and_hides_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    output.text(HOSTILE)
    output.note(HOSTILE)
    output.error(HOSTILE, HOSTILE)
    output.table(("NAME",), [(output.plain(HOSTILE),)], empty="")
    output.document({"name": HOSTILE})
    out, err = capsys.readouterr()
    assert not set(out + err) & set("\x1b\x07\x9b\u202e")
    assert json.loads(out[out.index("{") :]) == {"name": HOSTILE}
