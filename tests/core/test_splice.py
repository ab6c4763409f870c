"""JSON texts as members of a JSON object."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.splice import splice

JSON: Any = st.sampled_from(
    [None, True, 7, -1.5e300, "", 'a "quoted" word', "é\u2028\n", [], [1, [2]], {}, {"a": {"b": "}"}}]
)
NAMES = st.sampled_from(["input", "value", "results"])


@given(st.dictionaries(st.sampled_from(["type", "call"]), JSON), st.dictionaries(NAMES, JSON), st.booleans())
def test_what_is_spliced_in_is_read_as_if_it_had_been_encoded_there(
    known: dict[str, Any], further: dict[str, Any], ascii_only: bool
) -> None:
    texts = {name: json.dumps(value, ensure_ascii=ascii_only) for name, value in further.items()}
    assert json.loads(splice(json.dumps(known), **texts)) == {**known, **further}


def test_a_text_is_copied_and_not_written_anew() -> None:
    assert splice('{"a":1}', b='{"c" : 1.0,"d":"\\u00e9"}') == '{"a":1,"b":{"c" : 1.0,"d":"\\u00e9"}}'


def test_nothing_but_an_object_is_spliced_into() -> None:
    with pytest.raises(AssertionError):
        splice("[1]", value="2")
