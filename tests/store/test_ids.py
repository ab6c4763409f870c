from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.store.ids import RUN, new_id


@given(st.integers(0, 2**48 - 2))
def test_ids_sort_by_time(now_ms: int) -> None:
    assert new_id(RUN, now_ms) < new_id(RUN, now_ms + 1)


def test_an_id_is_a_prefix_and_twenty_characters() -> None:
    prefix, _, suffix = new_id(RUN, 1_800_000_000_000).partition("-")
    assert (prefix, len(suffix)) == ("trn", 20)
