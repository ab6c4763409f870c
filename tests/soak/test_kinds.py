"""Keys of one kind are counted together."""

from __future__ import annotations

from orchestrator.store.connection import Client
from tests.soak.kinds import bytes_by_kind, kind_of, table


def test_what_differs_from_key_to_key_is_left_out() -> None:
    assert kind_of("orc:run:trn-06h1f15u6vtngoe28j3i:logs:3") == "orc:run:*:logs:*"
    assert kind_of("orc:metrics:tsk-06h1f15u6vtngoe28j3i:2026-01-31") == "orc:metrics:*:*"
    assert kind_of("orc:queue:workflows") == "orc:queue:workflows"


async def test_all_keys_of_a_kind_count_together(store: Client) -> None:
    for number in range(3):
        await store.set(f"orc:run:trn-0000000000000000000{number}", "x" * 10_000)
    found = await bytes_by_kind(store)
    assert found["orc:run:*"] > 30_000
    assert "orc:run:*" in table({}, found)
