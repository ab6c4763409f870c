from __future__ import annotations

import asyncio
from typing import Any

import pytest

from orchestrator.engine.docker.network.names import ADDRESSES_LIMIT, KEPT_S, Names


class Dns:
    """What it answers, and the time."""

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.now_s = 0.0

    async def getaddrinfo(self, *_: Any, **__: Any) -> list[Any]:
        if not self.addresses:
            raise OSError("Name or service not known")
        return [(0, 0, 0, "", (address, 0)) for address in self.addresses]


@pytest.fixture
async def dns(monkeypatch: pytest.MonkeyPatch) -> Dns:
    dns = Dns()
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", dns.getaddrinfo)
    return dns


async def test_a_name_has_the_addresses_it_had_within_the_hour(dns: Dns) -> None:
    names = Names(lambda: dns.now_s)
    for address in ("192.0.2.1", "192.0.2.2"):
        dns.addresses = [address]
        await names.look_up(["a.example"])
        dns.now_s += KEPT_S / 2
    assert names.ranges(("a.example", "10.0.0.0/8")) == ("10.0.0.0/8", "192.0.2.1/32", "192.0.2.2/32")
    await names.look_up(["a.example"])
    assert names.ranges(("a.example",)) == ("192.0.2.2/32",)


async def test_a_name_that_dns_does_not_know_has_none(dns: Dns) -> None:
    names = Names(lambda: dns.now_s)
    await names.look_up(["a.example"])
    assert names.ranges(("a.example", "internet")) == ()


async def test_one_name_fills_no_chain(dns: Dns) -> None:
    names = Names(lambda: dns.now_s)
    dns.addresses = [f"192.0.2.{number}" for number in range(200)]
    await names.look_up(["a.example"])
    assert len(names.ranges(("a.example",))) == ADDRESSES_LIMIT
