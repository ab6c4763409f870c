"""Whether a run's input can be bound to its task's signature, by the rules of Python's calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from orchestrator.core.tasks import Parameter, TaskSpec

_POSITIONAL: Final = ("positional_only", "positional_or_keyword")
_NAMED: Final = ("positional_or_keyword", "keyword_only")
_SHOWN: Final = 5
"""Names in one sentence; an input may have thousands."""
_BY_POSITION: Final = "its arguments are given by position, in a list, as [1, 2], or [{…}] for one that is an object"


def bind(task: TaskSpec, given: Sequence[Any] | Mapping[str, Any]) -> str | None:
    """What is wrong with the input, and the signature; None when the task takes it, or when nobody can tell.

    A list fills parameters by position, an object by name. Tasks of other SDKs, and functions whose decorator may change their
    arguments, have no signature here; JavaScript's are called with any number of arguments.
    """
    if task.signature is None:
        return None
    if isinstance(given, Mapping):
        problems = (_unknown if task.is_open else _by_name)(task.parameters, given)
    else:
        problems = [] if task.is_open else _by_position(task.parameters, given)
    return f"task '{task.name}': {'; '.join(problems)}; its signature is {task.signature}" if problems else None


def _by_position(parameters: Sequence[Parameter], given: Sequence[Any]) -> list[str]:
    places = [one for one in parameters if one.kind in _POSITIONAL]
    is_open = any(one.kind == "var_positional" for one in parameters)
    problems = _missing([one for one in parameters if one not in places[: len(given)]])
    if len(given) > len(places) and not is_open:
        were_given = "1 argument was" if len(given) == 1 else f"{len(given)} arguments were"
        problems.append(f"{were_given} given, and it takes {_at_most(len(places))} by position")
    return problems


def _by_name(parameters: Sequence[Parameter], given: Mapping[str, Any]) -> list[str]:
    names = {one.name for one in parameters if one.kind in _NAMED}
    missing = _missing([one for one in parameters if one.name not in given or one.name not in names])
    unknown = _unknown(parameters, given)
    return unknown if _BY_POSITION in unknown else missing + unknown


def _unknown(parameters: Sequence[Parameter], given: Mapping[str, Any]) -> list[str]:
    """What is wrong with the names alone."""
    if given and parameters and all(one.kind == "var_positional" for one in parameters):
        return [_BY_POSITION]
    kinds = {one.name: one.kind for one in parameters}
    is_open = "var_keyword" in kinds.values()
    unknown = [] if is_open else [name for name in given if kinds.get(name) not in _NAMED]
    problems = []
    if by_position := [name for name in unknown if kinds.get(name) == "positional_only"]:
        problems.append(f"{_quoted(by_position)} can be given by position only")
    if nobodys := [name for name in unknown if kinds.get(name) != "positional_only"]:
        problems.append(f"it has no parameter {_quoted(nobodys, 'or')}{_perhaps_one(parameters, nobodys, given)}")
    return problems


def _perhaps_one(parameters: Sequence[Parameter], unknown: Sequence[str], given: Mapping[str, Any]) -> str:
    """How the whole object would be given as the only argument, where it looks like one."""
    is_one = len(parameters) == 1 and len(unknown) == len(given)
    return ": one argument that is an object is given in a list, as [{…}]" if is_one else ""


def _missing(unfilled: Sequence[Parameter]) -> list[str]:
    """A sentence that names those of the parameters that need a value."""
    needed = [one.name for one in unfilled if not one.has_default and one.kind in (*_POSITIONAL, "keyword_only")]
    return [f"{_quoted(needed)} {'is' if len(needed) == 1 else 'are'} missing"] if needed else []


def _at_most(count: int) -> str:
    return "none" if count == 0 else f"at most {count}"


def _quoted(names: Sequence[str], word: str = "and") -> str:
    """The names, of many the first few."""
    quoted = [f"'{name[:100]}'" for name in names[:_SHOWN]]
    if len(names) > _SHOWN:
        return f"{', '.join(quoted)} {word} {len(names) - _SHOWN} more"
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {word} {quoted[-1]}"
