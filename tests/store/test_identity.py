from __future__ import annotations

import asyncio

from orchestrator.store.connection import Client
from orchestrator.store.identity import identify, renew


async def test_the_first_to_ask_names_the_instance_and_all_others_share_it(store: Client) -> None:
    first = await identify(store, "one")
    assert (first.id, len(first.secret)) == ("one", 64)
    assert await identify(store, "two") == first


async def test_those_who_ask_at_once_agree(store: Client) -> None:
    assert len({await found for found in asyncio.as_completed([identify(store, str(n)) for n in range(10)])}) == 1


async def test_a_copy_becomes_another_instance_with_a_secret_of_its_own(store: Client) -> None:
    first = await identify(store, "one")
    await renew(store, "two")
    other = await identify(store, "three")
    assert other.id == "two"
    assert other.secret != first.secret
