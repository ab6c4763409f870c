from __future__ import annotations

import pytest

from orchestrator.api.requests.paging import after, id_cursor
from orchestrator.api.requests.refused import Refused
from orchestrator.store import ids


def test_a_page_begins_after_its_cursor_newest_first() -> None:
    assert after(["a", "c", "b"], str, None, 2) == ["c", "b"]
    assert after(["a", "c", "b"], str, "b", 2) == ["a"]


def test_a_cursor_that_is_gone_still_has_its_place() -> None:
    assert after(["a", "c"], str, "b", 2) == ["a"]


def test_a_cursor_is_an_id_of_the_lists_kind() -> None:
    cursor = ids.new_id(ids.RUN, 1)
    assert id_cursor(cursor, ids.RUN) == cursor
    assert id_cursor(None, ids.RUN) is None
    for wrong in (cursor.replace(ids.RUN, ids.VERSION), "trn-1", ""):
        with pytest.raises(Refused, match="is no cursor of this list"):
            id_cursor(wrong, ids.RUN)
