"""The `envVars` of a workflow in a render.yaml: values, and what is to be had of somebody else.

{key, value}                              holds unless the workflow has another
{key, generateValue: true}                is made once, and stays
{key, sync: false}                        must be set
{key, fromDatabase or fromService: {…}}   must be set: neither is here
{fromGroup: name}                         the variables of a group in the same file
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from orchestrator.builder.detect.variables import Variables
from orchestrator.builder.errors import BadSource
from orchestrator.core.variables import problem

_ELSEWHERE: Final = {"fromDatabase": "database", "fromService": "service"}
_TRUE: Final = ("true", "yes", "on")
_FALSE: Final = ("false", "no", "off")

Entry = Mapping[str, Any]


@dataclass(slots=True)
class _Found:
    values: dict[str, str] = field(default_factory=dict)
    generated: list[str] = field(default_factory=list)
    required: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read(entries: list[Entry], groups: Mapping[str, list[Entry]], file: str) -> tuple[Variables, tuple[str, ...]]:
    """What the entries say, those of `groups` by name; and what is to be told of them.

    Raises BadSource, TypeError or AttributeError for what no entry can be.
    """
    found = _Found()
    for entry in _ungrouped(entries, groups, file, found):
        _add(entry, file, found)
    # One that the service itself has outranks a group's, whatever kind each is.
    if wrong := problem({**dict.fromkeys((*found.generated, *found.required), ""), **found.values}):
        raise BadSource(f"{file}: {wrong}")
    return Variables(found.values, tuple(found.generated), found.required), tuple(found.notes)


def _ungrouped(entries: list[Entry], groups: Mapping[str, list[Entry]], file: str, found: _Found) -> Iterator[Entry]:
    """Groups first, so that what the service says itself comes later, and counts."""
    for name in (entry["fromGroup"] for entry in entries if "fromGroup" in entry):
        if name in groups:
            yield from groups[name]
        else:
            found.notes.append(
                f"{file}: the group {name} is not in it: set its variables with `orchestrator env set WORKFLOW NAME`"
            )
    yield from (entry for entry in entries if "fromGroup" not in entry)


def _add(entry: Entry, file: str, found: _Found) -> None:
    key, value = entry.get("key"), entry.get("value")
    if not isinstance(key, str):
        raise TypeError(f"a variable of envVars has no key: {dict(entry)!r:.200}")
    for kind in (found.values, found.required):
        kind.pop(key, None)
    if isinstance(value, str):
        found.values[key] = value
    elif str(entry.get("generateValue")).lower() in _TRUE:
        found.generated.append(key)
    elif source := next((name for name in _ELSEWHERE if name in entry), None):
        found.required[key] = f"{file} takes it from the {_ELSEWHERE[source]} {_name(entry[source])}, which is not here"
    elif str(entry.get("sync")).lower() in _FALSE:
        found.required[key] = f"{file}, sync: false"
    else:
        raise TypeError(f"variable {key} has neither value, generateValue, sync: false, fromDatabase nor fromService")


def _name(source: Entry) -> str:
    return str(source.get("name") or "")[:100]
