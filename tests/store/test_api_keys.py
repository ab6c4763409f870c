from __future__ import annotations

from orchestrator.core.access import Scope
from orchestrator.store import keys
from orchestrator.store.api_keys import ApiKeys
from orchestrator.store.connection import Client


async def test_a_key_is_found_by_its_text_and_by_nothing_else(store: Client) -> None:
    api_keys = ApiKeys(store)
    key = await api_keys.create("ci", [Scope.RUN, Scope.READ], now_ms=7)
    assert key is not None
    found = await api_keys.find(key)
    assert found is not None
    assert (found.name, found.scopes, found.created_at_ms) == ("ci", (Scope.READ, Scope.RUN), 7)
    for other in ("", "ci", key[:-1], key + "x", key.replace("ci", "cj"), key.upper(), "orc_ci.", "orc_.x", "\udce9"):
        assert await api_keys.find(other) is None, other


async def test_the_store_does_not_have_the_keys_text(store: Client) -> None:
    key = await ApiKeys(store).create("ci", [Scope.RUN], now_ms=7)
    assert key is not None
    assert key.partition(".")[2] not in str(await store.hgetall(keys.API_KEYS))


async def test_a_name_is_given_once_until_its_key_is_revoked(store: Client) -> None:
    api_keys = ApiKeys(store)
    first = await api_keys.create("ci", [Scope.RUN], now_ms=7)
    assert first is not None
    assert await api_keys.create("ci", [Scope.ADMIN], now_ms=8) is None
    assert await api_keys.find(first) is not None
    assert (await api_keys.revoke("ci"), await api_keys.revoke("ci")) == (True, False)
    assert await api_keys.find(first) is None
    second = await api_keys.create("ci", [Scope.RUN], now_ms=9)
    assert second not in (None, first)


async def test_all_keys_are_listed_by_name(store: Client) -> None:
    api_keys = ApiKeys(store)
    for name in ("web", "ci"):
        await api_keys.create(name, [Scope.READ], now_ms=7)
    assert [one.name for one in await api_keys.all()] == ["ci", "web"]
