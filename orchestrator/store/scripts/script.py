"""Lua scripts, called by name: each is one verb of the store, and happens completely or not at all.

A script's header names its keys and arguments, and its body uses nothing but these names:

    -- KEYS run, parent?, *indexes
    -- ARGS doc, timer_ms?, is_active?

verbs.py has a signature with the same names and their types for each script. What one of them lacks, or calls otherwise, is an
error when the orchestrator is started. In the script

* a `name?` is nil for None and for False in Python; on its way it is an empty text, so a text that may be empty is never optional
* True is "1", and numbers are text, as Redis takes and gives them
* a `*name` is a table with any number of keys
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path
from types import NoneType
from typing import Any, Final, Generic, ParamSpec, TypeVar, cast, get_args, get_type_hints

from redis.exceptions import NoScriptError

from orchestrator.store.connection import Client
from orchestrator.store.keys import Key

P = ParamSpec("P")
R = TypeVar("R")

_FOLDER: Final = Path(__file__).parent / "lua"
_DECLARATION: Final = re.compile(r"^-- (KEYS|ARGS)\b(.*(?:\n--  +.*)*)", re.MULTILINE)
_NAME: Final = re.compile(r"[*]?\w+[?]?")


class Signature(Generic[R]):
    """The base of a dataclass with a script's keys and arguments; R is what the script returns."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a script is given, as its header writes it."""

    keys: tuple[str, ...]
    args: tuple[str, ...]

    def __iter__(self) -> Iterator[str]:
        yield from (f"KEYS {name}" for name in self.keys)
        yield from (f"ARGS {name}" for name in self.args)

    @property
    def key_lists(self) -> list[str]:
        """The names of tables of keys."""
        return [name[1:] for name in self.keys if name.startswith("*")]

    @property
    def single_keys(self) -> list[str]:
        """The names of keys that are one each."""
        return [_bare(name) for name in self.keys if not name.startswith("*")]

    @property
    def optional(self) -> list[str]:
        """The names that may be nil."""
        return [_bare(name) for name in (*self.keys, *self.args) if name.endswith("?")]


class Script(Generic[P, R]):
    """One script, and the signature that its callers see."""

    def __init__(self, name: str, signature: Callable[P, Signature[R]], folder: Path = _FOLDER) -> None:
        """Raises TypeError when the script's header and the signature differ, or its body does not go by its header."""
        text = (folder / f"{name}.lua").read_text()
        names = names_in_header(text)
        _compare(f"{name}.lua", names, signature)
        _check_body(f"{name}.lua", text, names)
        self._signature = signature
        self._single_keys, self._key_lists = names.single_keys, names.key_lists
        self._args = [_bare(name) for name in names.args]
        self._optional = frozenset(names.optional)
        self._names = frozenset(map(_bare, (*names.keys, *names.args)))
        self.text: Final = prologue(names) + text
        self._sha: Final = sha1(self.text.encode(), usedforsecurity=False).hexdigest()

    def on(self, client: Client) -> Callable[P, Awaitable[R]]:
        """The script as a function that changes this store; all its arguments are given by name."""

        async def call(*args: P.args, **values: P.kwargs) -> R:
            if args or values.keys() != self._names:
                self._signature(*args, **values)  # says what is wrong
            command = ("EVALSHA", self._sha, *self._in_order(values))
            try:
                return cast(R, await client.execute_command(*command))
            except NoScriptError:
                await client.script_load(self.text)
                return cast(R, await client.execute_command(*command))

        return call

    def _in_order(self, given: dict[str, Any]) -> list[Any]:
        """How many keys there are, the keys and the arguments."""
        values = {name: _sent(value) if name in self._optional else value for name, value in given.items()}
        keys = [values[name] for name in self._single_keys]
        for name in self._key_lists:
            keys += values[name]
        args = [values[name] for name in self._args]
        return [len(keys), *keys, *args, *(len(values[name]) for name in self._key_lists[:-1])]


def names_in_header(text: str) -> Names:
    """The declarations in the comment that a script begins with."""
    found = {kind: tuple(_NAME.findall(names.replace("\n--", ""))) for kind, names in _DECLARATION.findall(text)}
    return Names(found.get("KEYS", ()), found.get("ARGS", ()))


def names_in_signature(signature: Callable[..., Any]) -> Names:
    """The same of a dataclass: keys are the fields that are a `Key` or a list of them."""
    keys: list[str] = []
    args: list[str] = []
    for name, hint in get_type_hints(signature).items():
        if hint == list[Key]:
            keys.append(f"*{name}")
            continue
        types = get_args(hint) or (hint,)
        declared = f"{name}?" if NoneType in types or hint is bool else name
        (keys if Key in types else args).append(declared)
    return Names(tuple(keys), tuple(args))


def prologue(names: Names) -> str:
    """Lua that gives the keys and arguments their names; one line, so that the numbers in Redis's errors are the file's."""
    parts = []
    if names.single_keys:
        parts.append(f"local {', '.join(names.single_keys)} = unpack(KEYS)")
    if names.args:
        parts.append(f"local {', '.join(map(_bare, names.args))} = unpack(ARGV)")
    parts += [f'if {name} == "" then {name} = nil end' for name in names.optional]
    before = str(len(names.single_keys))
    for number, name in enumerate(names.key_lists, 1):
        is_last = number == len(names.key_lists)
        end = "" if is_last else f", {before} + ARGV[{len(names.args) + number}]"
        parts.append(f"local {name} = {{unpack(KEYS, 1 + {before}{end})}}")
        before += f" + #{name}"
    return "".join(f"{part}; " for part in parts)


def _compare(file: str, names: Names, signature: Callable[..., Any]) -> None:
    in_header, in_signature = Counter(names), Counter(names_in_signature(signature))
    if in_header != in_signature:
        only_header = ", ".join(in_header - in_signature) or "nothing"
        only_signature = ", ".join(in_signature - in_header) or "nothing"
        message = f"{file} and {signature.__name__} differ: only the script has {only_header}"
        raise TypeError(f"{message}; only the signature has {only_signature}")


def _check_body(file: str, text: str, names: Names) -> None:
    """A name that is misspelled where it is used is one that is not used."""
    body = re.sub(r"--.*", "", text)
    if re.search(r"\b(KEYS|ARGV)\b", body):
        raise TypeError(f"{file} uses KEYS or ARGV: its header gives all of them names")
    unused = [name for name in map(_bare, (*names.keys, *names.args)) if not re.search(rf"\b{name}\b", body)]
    if unused:
        raise TypeError(f"{file} declares what it does not use: {', '.join(unused)}")


def _bare(name: str) -> str:
    return name.strip("*?")


def _sent(value: Any) -> Any:
    if value is None or value is False:
        return ""
    return "1" if value is True else value
