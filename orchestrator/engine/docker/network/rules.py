"""The rules that keep containers to the places they may reach, as a script for iptables on the engine's host; pure.

What a container sends is met where it enters the host: in INPUT when it is for the host itself, in DOCKER-USER and FORWARD when it
goes on. All send it through one chain of the instance, which is replaced at once and touches nothing but its own bridges.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from orchestrator.core.container.network import range_of

PRIVATE = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/4",
    "240.0.0.0/4",
)
"""What is not the internet: the ranges that RFC 6890 calls not global, and those for many receivers. Clouds keep a machine's
credentials at 169.254.169.254."""

_REFUSE = "-j REJECT --reject-with icmp-admin-prohibited"
"""A connection fails at once, where dropping would let a program wait for minutes."""
_ANSWERS = "-m conntrack --ctstate ESTABLISHED,RELATED -j RETURN"


@dataclass(frozen=True, slots=True)
class Fence:
    """What the containers on one bridge may reach: everything that is open, or of that these ranges only."""

    bridge: str
    ranges: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """What is reached though it is private: the addresses and ranges an operator names, and whatever is listed the servers that
    answer DNS and the ports that all containers speak to."""

    ranges: tuple[str, ...] = ()
    resolvers: tuple[str, ...] = ()
    services: tuple[tuple[str, int], ...] = ()


def chain_of(instance: str) -> str:
    """The instance's chain; the kernel takes 28 characters with what follows it."""
    return f"ORC-{instance[:20]}"


def script(chain: str, fences: Sequence[Fence], opened: Opened) -> str:
    """Put the rules in place, whatever was there. For ``sh -e``."""
    chains = [chain, f"{chain}-open", *(f"{chain}-{number}" for number, _ in _narrow(fences))]
    lines = ["*filter", *(f":{name} - [0:0]" for name in chains)]
    lines += [f"-A {chain} -i {one.bridge} -g {chain}-open" for one in fences if one.ranges is None]
    lines += [f"-A {chain} -i {one.bridge} -g {chain}-{number}" for number, one in _narrow(fences)]
    lines += [f"-A {chain}-open {rule}" for rule in _open(opened)]
    for number, one in _narrow(fences):
        lines += [f"-A {chain}-{number} {rule}" for rule in _only(one.ranges or (), chain, opened)]
    restored = "\n".join([*lines, "COMMIT"])
    return f"iptables-restore --wait --noflush <<'END'\n{restored}\nEND\n{_JUMPS.format(chain=chain)}"


def removal(chain: str) -> str:
    """Take everything away. For ``sh``."""
    return _REMOVAL.format(chain=chain)


_JUMPS = """\
onward=FORWARD
if iptables --wait -n -L DOCKER-USER >/dev/null 2>&1; then onward="DOCKER-USER FORWARD"; fi
for from in INPUT $onward; do
  iptables --wait -C $from -j {chain} 2>/dev/null || iptables --wait -I $from -j {chain}
done
if [ "$onward" != FORWARD ]; then
  iptables --wait -D FORWARD -j {chain}
  iptables --wait -I FORWARD -j {chain}
fi
"""
"""Docker takes DOCKER-USER out of FORWARD, and puts it back, whenever a network is made: for that moment FORWARD itself sends
what comes through the chain. It lets a new bridge pass by a rule that it puts first, so ours goes first again, and DOCKER-USER is
there meanwhile."""

_REMOVAL = """\
for from in INPUT DOCKER-USER FORWARD; do
  while iptables --wait -D $from -j {chain} 2>/dev/null; do :; done
done
ours=$(iptables --wait -S | sed -n 's/^-N \\({chain}\\(-[a-z0-9]*\\)\\{{0,1\\}}\\)$/\\1/p')
for one in $ours; do iptables --wait -F $one; done
for one in $ours; do iptables --wait -X $one; done
"""


def _narrow(fences: Iterable[Fence]) -> Iterator[tuple[int, Fence]]:
    return ((number, one) for number, one in enumerate(fences) if one.ranges is not None)


def _open(opened: Opened) -> Iterator[str]:
    """An address of the host's own is reached when it was opened by itself; as a part of a range, it was not meant."""
    singly = [one for one in opened.ranges if (found := range_of(one)) and found.prefixlen == found.max_prefixlen]
    yield from _always(opened)
    yield from (f"-d {one} -j RETURN" for one in singly)
    yield f"-m addrtype --dst-type LOCAL {_REFUSE}"
    yield from (f"-d {one} -j RETURN" for one in opened.ranges if one not in singly)
    yield from (f"-d {one} {_REFUSE}" for one in PRIVATE)


def _only(ranges: Iterable[str], chain: str, opened: Opened) -> Iterator[str]:
    yield from _always(opened)
    yield from (f"-d {one} -g {chain}-open" for one in ranges)
    yield _REFUSE


def _always(opened: Opened) -> Iterator[str]:
    yield _ANSWERS
    yield from (
        f"-d {one} -p {protocol} --dport 53 -j RETURN" for one in opened.resolvers for protocol in ("udp", "tcp")
    )
    yield from (f"-d {one} -p tcp --dport {port} -j RETURN" for one, port in opened.services)
