"""The script that puts the rules of the host in place."""

from __future__ import annotations

from orchestrator.engine.docker.network.rules import Fence, Opened, chain_of, removal, script

CHAIN = chain_of("a1b2c3d4")


def rules_of(chain: str, text: str) -> list[str]:
    """What comes after a chain's name, in order."""
    before = f"-A {chain} "
    return [line.removeprefix(before) for line in text.splitlines() if line.startswith(before)]


def test_each_bridge_has_the_rules_of_its_containers() -> None:
    text = script(CHAIN, [Fence("br-1"), Fence("br-2", ("192.0.2.0/24",))], Opened())
    assert rules_of(CHAIN, text) == ["-i br-1 -g ORC-a1b2c3d4-open", "-i br-2 -g ORC-a1b2c3d4-1"]
    assert rules_of(f"{CHAIN}-1", text)[1:] == [
        "-d 192.0.2.0/24 -g ORC-a1b2c3d4-open",
        "-j REJECT --reject-with icmp-admin-prohibited",
    ]


def test_a_bridge_whose_names_have_no_address_reaches_nothing() -> None:
    text = script(CHAIN, [Fence("br-2", ())], Opened())
    assert [rule for rule in rules_of(f"{CHAIN}-0", text) if "-g" in rule] == []
    assert rules_of(f"{CHAIN}-0", text)[-1].startswith("-j REJECT")


def test_single_addresses_are_opened_before_this_host_is_closed_and_ranges_after() -> None:
    found = rules_of(f"{CHAIN}-open", script(CHAIN, [Fence("br-1")], Opened(("10.0.0.0/8", "10.1.1.1/32"))))
    here = next(place for place, rule in enumerate(found) if "LOCAL" in rule)
    assert found.index("-d 10.1.1.1/32 -j RETURN") < here < found.index("-d 10.0.0.0/8 -j RETURN")
    assert found.index("-d 10.0.0.0/8 -j RETURN") < found.index(
        "-d 10.0.0.0/8 -j REJECT --reject-with icmp-admin-prohibited"
    )


def test_a_server_for_dns_is_reached_at_its_port_alone_whatever_is_listed() -> None:
    text = script(CHAIN, [Fence("br-1", ())], Opened(resolvers=("10.0.0.53",)))
    for chain in (f"{CHAIN}-open", f"{CHAIN}-0"):
        assert "-d 10.0.0.53 -p udp --dport 53 -j RETURN" in rules_of(chain, text)


def test_a_service_of_all_is_reached_at_its_port_alone_whatever_is_listed() -> None:
    text = script(CHAIN, [Fence("br-1", ()), Fence("br-2")], Opened(services=(("172.17.0.1/32", 6379),)))
    for chain in (f"{CHAIN}-open", f"{CHAIN}-0"):
        assert "-d 172.17.0.1/32 -p tcp --dport 6379 -j RETURN" in rules_of(chain, text)
        assert not any(rule.startswith("-d 172.17.0.1/32 -j") for rule in rules_of(chain, text))


def test_what_goes_on_is_met_twice_so_that_docker_can_put_its_own_chain_elsewhere() -> None:
    met = script(CHAIN, [Fence("br-1")], Opened())
    assert 'onward="DOCKER-USER FORWARD"' in met
    assert met.index("-D FORWARD") < met.index("-I FORWARD"), "before the rule by which Docker lets a new bridge pass"


def test_names_of_chains_are_short_enough_for_the_kernel_and_none_of_others_is_removed() -> None:
    assert len(f"{chain_of('test' + 'f' * 12)}-open") <= 28
    assert "s/^-N \\(ORC-a1b2c3d4\\(-[a-z0-9]*\\)\\{0,1\\}\\)$/\\1/p" in removal(CHAIN)
