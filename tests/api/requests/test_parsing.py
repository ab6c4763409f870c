from __future__ import annotations

import pytest

from orchestrator.api.requests.parsing import is_text, least_bytes, parse
from orchestrator.api.requests.refused import Refused


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "Expecting value"),
        (b"[1", "line 1 column 3"),
        (b"\xff", "byte 0 is not UTF-8"),
        (b"[NaN]", "NaN is not JSON"),
        (b"[" * 100_000, "nested more than 500 levels deep"),
    ],
)
def test_what_is_no_json_is_refused_with_the_place(body: bytes, says: str) -> None:
    with pytest.raises(Refused, match=says) as caught:
        parse(body)
    assert caught.value.code == "invalid_json"


def test_json_is_read_as_it_is() -> None:
    assert parse(b'{"a": [1, null, "\\u00e9"]}') == {"a": [1, None, "é"]}


def test_half_a_character_is_no_text() -> None:
    assert is_text("é")
    assert not is_text("\ud800")


def test_how_long_json_is_without_spaces_and_escapes_is_known_before_it_is_read() -> None:
    assert least_bytes(b'{"a": [1, 2]}\n') == len(b'{"a":[1,2]}')
    assert least_bytes(b'"' + b"\\u0041" * 10 + b'"') == len('"AAAAAAAAAA"')
    assert least_bytes(b'"http:\\/\\/"') == len('"http://"')
