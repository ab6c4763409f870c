from __future__ import annotations

from orchestrator.builder.official_sdk.script import code_of, end_of, line_of, parts


def test_what_is_no_code_is_spaces_of_the_same_length() -> None:
    text = """a("(", 'it\\'s', `${b}`) // )\n/* ( */ c = /[/)"]/ + d / e"""
    code = code_of(text)
    assert len(code) == len(text)
    assert code.count("\n") == 1
    assert "".join(code.split()) == "a(,,)c=+d/e"


def test_a_bracket_ends_where_its_own_closes() -> None:
    code = "f(a, {b: [1, 2]}, (c) => c) + g"
    assert [code[first:last].strip() for first, last in parts(code, 1)] == ["a", "{b: [1, 2]}", "(c) => c"]
    assert code[end_of(code, 1) :] == ") + g"


def test_what_does_not_end_has_no_parts() -> None:
    assert parts("f(a, b", 1) == []
    assert end_of("f(a", 1) == 3


def test_lines_count_from_one() -> None:
    assert [line_of("a\nb", place) for place in (0, 2)] == [1, 2]
