"""Which places a container may reach over the network.

A workflow's code says it, and can only ask for less than everything: what is private, or this host's own, the operator opens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from ipaddress import AddressValueError, IPv4Network, NetmaskValueError
from typing import Final, NamedTuple

INTERNET: Final = "internet"
NONE: Final = "none"
PLACES_LIMIT: Final = 32
"""Of one task; each is a rule in the kernel, and a question to DNS now and then."""

Reach = tuple[str, ...]
"""INTERNET alone, or ranges of IPv4 and names of hosts, in order and each once; nothing when empty."""


class Service(NamedTuple):
    """A port of a host, by its name or address, that every container speaks to by TCP."""

    host: str
    port: int


EVERYWHERE: Final[Reach] = (INTERNET,)
NOWHERE: Final[Reach] = ()

_NAME: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*\.?")
_NAME_LIMIT_CHARS: Final = 253
_SLIP: Final = 0.75
"""How alike: one letter of four is another one, or missing; a run would silently reach nothing."""


def read_reach(said: object, default: Reach = EVERYWHERE) -> Reach:
    """What "internet", "none" or a list of names and ranges means; the default for None. Raises ValueError."""
    if said is None:
        return default
    if said == NONE:
        return NOWHERE
    if said == INTERNET:
        return EVERYWHERE
    if not isinstance(said, list | tuple):
        raise ValueError(f"it must be {INTERNET!r}, {NONE!r} or a list of names and IPv4 ranges")
    if len(said) > PLACES_LIMIT:
        raise ValueError(f"it names {len(said)} places; {PLACES_LIMIT} are the most")
    if INTERNET in said:  # what is private is not reached for being named, but for being opened by the operator
        return EVERYWHERE
    return tuple(sorted({_place(one) for one in said}))


def read_places(text: str) -> Reach:
    """Names and ranges with commas between them. Raises ValueError."""
    return tuple(sorted({_place(one.strip()) for one in text.split(",") if one.strip()}))


def read_words(text: str) -> Reach:
    """What "internet", "none" or places with commas between them mean. Raises ValueError, also for no place."""
    if text in (INTERNET, NONE):
        return read_reach(text)
    return read_reach(read_places(text) or text)


def in_words(reach: Reach) -> str:
    """For people."""
    return ", ".join(reach) or NONE


def range_of(place: str) -> IPv4Network | None:
    """The range that a place is; None for a name."""
    try:
        return IPv4Network(place, strict=False)
    except (AddressValueError, NetmaskValueError, ValueError):
        return None


def names_in(places: Iterable[str]) -> list[str]:
    """Those that DNS has to be asked for."""
    return sorted({place for place in places if place != INTERNET and range_of(place) is None})


def _place(said: object) -> str:
    if not isinstance(said, str):
        raise ValueError(f"{said!r} is no name and no range")
    if (found := range_of(said)) is not None:
        return str(found)
    name = said.lower()
    is_number = re.fullmatch(r"[0-9./:]+|.*:.*", name)  # a wrong address, or one of IPv6, which runs do not have
    if is_number or len(name) > _NAME_LIMIT_CHARS or not _NAME.fullmatch(name):
        raise ValueError(f"{said[:_NAME_LIMIT_CHARS]!r} is neither a host's name nor an IPv4 range such as 10.1.0.0/16")
    near = [] if name == INTERNET or "." in name else get_close_matches(name, (INTERNET, NONE), n=1, cutoff=_SLIP)
    if near:
        raise ValueError(
            f"{said!r} is taken for a slip of {near[0]!r}: write that, or '{name}.' for a host of that name"
        )
    return name
