from __future__ import annotations

from orchestrator.core.access import Scope
from orchestrator.store.api_keys import ApiKeys
from orchestrator.store.connection import Client
from orchestrator.store.sessions import SESSION_S, TICKET_S, Sessions


def of(store: Client, api_key: str = "key") -> Sessions:
    return Sessions(store, api_key, ApiKeys(store).has)


async def test_a_ticket_is_good_for_one_session(store: Client) -> None:
    sessions = of(store)
    ticket = await sessions.issue_ticket()
    token = await sessions.redeem(ticket)
    assert token is not None
    assert await sessions.is_open(token)
    assert await sessions.redeem(ticket) is None


async def test_a_session_is_known_to_another_process_of_the_same_key_and_to_no_other(store: Client) -> None:
    token = await of(store).redeem(await of(store).issue_ticket())
    assert token is not None
    assert await of(store).is_open(token)
    assert not await of(store, "another key").is_open(token)


async def test_what_was_never_given_out_opens_nothing(store: Client) -> None:
    sessions = of(store)
    assert await sessions.redeem("") is None
    assert await sessions.redeem("made up \udce9") is None
    assert not await sessions.is_open("made up")


async def test_a_closed_session_is_over(store: Client) -> None:
    sessions = of(store)
    token = await sessions.redeem(await sessions.issue_ticket())
    assert token is not None
    await sessions.close(token)
    assert not await sessions.is_open(token)


async def test_both_end_by_themselves_and_use_prolongs_a_session(store: Client) -> None:
    sessions = of(store)
    ticket = await sessions.issue_ticket()
    (ticket_key,) = await store.keys("orc:ticket:*")
    assert 0 < await store.ttl(ticket_key) <= TICKET_S
    token = await sessions.redeem(ticket)
    (session_key,) = await store.keys("orc:session:*")
    await store.expire(session_key, 10)
    assert token is not None
    assert await sessions.is_open(token)
    assert await store.ttl(session_key) <= 10
    assert await sessions.use(token)
    assert SESSION_S - 10 < await store.ttl(session_key) <= SESSION_S


async def test_what_was_made_with_a_key_ends_with_it_and_not_with_another_of_its_name(store: Client) -> None:
    api_keys = ApiKeys(store)
    sessions = of(store)
    made = await api_keys.create("ci", [Scope.ADMIN], now_ms=1)
    assert made is not None
    found = await api_keys.find(made)
    assert found is not None
    maker = found.name, found.hash
    token, ticket = await sessions.redeem(await sessions.issue_ticket(maker)), await sessions.issue_ticket(maker)
    assert token is not None
    assert await sessions.use(token)
    await api_keys.revoke("ci")
    await api_keys.create("ci", [Scope.ADMIN], now_ms=2)
    assert not await sessions.use(token)
    assert not await sessions.is_open(token)
    assert await sessions.redeem(ticket) is None


async def test_the_store_has_nothing_that_signs_in(store: Client) -> None:
    sessions = of(store)
    ticket = await sessions.issue_ticket()
    token = await sessions.redeem(await sessions.issue_ticket())
    kept = " ".join([text for key in await store.keys("*") for text in (key, await store.get(key))])
    assert token is not None
    assert ticket not in kept
    assert token not in kept
    assert "key" not in kept.split()
