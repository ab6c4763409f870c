"""A store is brought up to date step by step; one of a later release is not touched."""

from __future__ import annotations

import pytest

from orchestrator import __version__
from orchestrator.store import keys
from orchestrator.store.connection import Client
from orchestrator.store.format import MIGRATIONS, Newer, bring_up_to_date


async def first(client: Client) -> None:
    await client.rpush("done", "first")


async def second(client: Client) -> None:
    await client.rpush("done", "second")


async def broken(client: Client) -> None:
    raise ConnectionError("away")


async def test_what_an_earlier_release_wrote_is_brought_up_to_date_once(store: Client) -> None:
    assert await bring_up_to_date(store, (first, second)) == 2
    assert await bring_up_to_date(store, (first, second)) == 0
    assert await store.lrange("done", 0, -1) == ["first", "second"]
    assert await store.hmget(keys.INSTANCE, "format", "release") == ["3", __version__]


async def test_a_step_that_was_cut_short_is_done_again_and_those_before_it_are_not(store: Client) -> None:
    with pytest.raises(ConnectionError):
        await bring_up_to_date(store, (first, broken))
    assert await bring_up_to_date(store, (first, second)) == 1
    assert await store.lrange("done", 0, -1) == ["first", "second"]


async def test_what_a_later_release_wrote_is_refused_by_its_name_and_let_alone(store: Client) -> None:
    await store.hset(keys.INSTANCE, mapping={"format": 99, "release": "9.9"})
    with pytest.raises(Newer, match=r"written by orchestrator 9\.9 in form 99.*start 9\.9 or later"):
        await bring_up_to_date(store)
    assert await store.hmget(keys.INSTANCE, "format", "release") == ["99", "9.9"]


async def test_the_form_of_today_is_what_the_migrations_lead_to(store: Client) -> None:
    await bring_up_to_date(store)
    assert await store.hget(keys.INSTANCE, "format") == str(1 + len(MIGRATIONS))
