"""Dependencies as Poetry and Pipenv write them, in the words pip understands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from orchestrator.builder.errors import BadSource

_CARET: Final = re.compile(r"([\^~])\s*(\d+(?:\.\d+)*)\S*")


def requirement_lines(table: Mapping[str, Any], source: str) -> list[str]:
    """The lines for a table like ``[tool.poetry.dependencies]`` or ``[packages]``. Raises BadSource."""
    return [
        line
        for name, wish in table.items()
        if name != "python"
        for one in (wish if isinstance(wish, list) else [wish])
        for line in _lines(name, one, source)
    ]


def _lines(name: str, wish: Any, source: str) -> Iterator[str]:
    if isinstance(wish, str):
        yield name + _versions(name, wish, source)
    elif not isinstance(wish, dict):
        raise _not_understood(name, wish, source)
    elif not wish.get("optional"):
        yield f"{name}{_extras(wish)}{_place(name, wish, source)}{_markers(wish)}"


def _extras(wish: Mapping[str, Any]) -> str:
    return f"[{','.join(wish['extras'])}]" if wish.get("extras") else ""


def _place(name: str, wish: Mapping[str, Any], source: str) -> str:
    if "git" in wish:
        ref = next((wish[key] for key in ("rev", "tag", "branch", "ref") if key in wish), None)
        return f" @ git+{wish['git']}" + (f"@{ref}" if ref else "")
    if "url" in wish:
        return f" @ {wish['url']}"
    if "path" in wish or "file" in wish:
        raise BadSource(
            f"{source}: {name} is a folder or file of the repo: list it in requirements.txt, as in ./{name}"
        )
    return _versions(name, str(wish.get("version", "*")), source)


def _markers(wish: Mapping[str, Any]) -> str:
    python = wish.get("python")
    parts = [f"({wish['markers']})"] if wish.get("markers") else []
    if python and python != "*":
        parts += [f"python_version {_operator(one)}" for one in _ranges(str(python))]
    return f" ; {' and '.join(parts)}" if parts else ""


def _operator(specifier: str) -> str:
    return re.sub(r"^([<>=!~]+)\s*(\S+)$", r'\1 "\2"', specifier)


def _versions(name: str, wish: str, source: str) -> str:
    if "||" in wish or "|" in wish:
        raise _not_understood(name, wish, source)
    return ",".join(_ranges(wish))


def _ranges(wish: str) -> Iterator[str]:
    """``^1.2`` is ``>=1.2`` and ``<2``; a bare version is meant exactly."""
    for part in (part.strip() for part in wish.split(",")):
        if found := _CARET.fullmatch(part):
            yield from (f">={part[1:].strip()}", f"<{_next(found[1], found[2].split('.'))}")
        elif part not in ("*", ""):
            yield part if part[0] in "<>=!~" else f"=={part}"


def _next(kind: str, numbers: list[str]) -> str:
    """The first version that is out of range: ``^`` keeps the leftmost number that is not 0, ``~`` the first two."""
    firm = next((index for index, number in enumerate(numbers) if number != "0"), len(numbers) - 1)
    kept = firm if kind == "^" else min(1, len(numbers) - 1)
    return ".".join([*numbers[:kept], str(int(numbers[kept]) + 1)])


def _not_understood(name: str, wish: object, source: str) -> BadSource:
    return BadSource(f"{source}: {name} = {wish!r} is not understood: write it as in {name} = '>=1.2,<2'")
