"""The annotations whose values need no conversion, told without loading anything."""

from __future__ import annotations

from orchestrator_sdk import hints
from orchestrator_sdk.generics import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

_PLAIN = (None, type(None), bool, int, float, str, list, dict, object)


def is_plain(annotation: Any, names: dict[str, Any]) -> bool:
    """Whether it is one of JSON's own types, or a list, an object or a union of them; False may be wrong, and is only slow."""
    found = hints.resolve(annotation, names)
    if any(found is one for one in _PLAIN):
        return True
    if type(found).__name__ == "GenericAlias" and found.__origin__ in (list, dict):
        keys = found.__args__[:-1]
        return all(one is str for one in keys) and is_plain(found.__args__[-1], names)
    members = hints.union_members(found)
    return len(members) > 1 and all(is_plain(one, names) for one in members)
