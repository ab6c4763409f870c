"""Dependencies as Poetry and Pipenv write them, in the words pip understands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from packaging.requirements import Requirement

from orchestrator.builder.errors import BadSource

_MARKERS: Final = ("os_name", "platform_machine", "platform_system", "python_version", "sys_platform")
"""What Pipenv takes as keys of their own, as in ``sys_platform = "== 'linux'"``."""


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
    if not isinstance(wish, str | dict):
        raise _not_understood(name, wish, source)
    if isinstance(wish, dict):
        if wish.get("optional"):
            return
        if "path" in wish or "file" in wish:
            raise BadSource(
                f"{source}: {name} is a folder or file of the repo: list it in requirements.txt, as in ./{name}"
            )
        wish = _as_poetry_has_it(wish)
    yield _line(name, wish, source)


def _as_poetry_has_it(wish: Mapping[str, Any]) -> dict[str, Any]:
    """Pipenv's keys by Poetry's names."""
    markers = [f"({wish['markers']})"] if wish.get("markers") else []
    markers += [f"{name} {wish[name]}" for name in _MARKERS if name in wish]
    return {**wish, **({"rev": wish["ref"]} if "ref" in wish else {}), "markers": " and ".join(markers) or None}


def _line(name: str, wish: Any, source: str) -> str:
    # Only who uses Poetry pays for what this imports.
    from poetry.core.exceptions import PoetryCoreError
    from poetry.core.factory import Factory

    try:
        line = Factory.create_dependency(name, wish).to_pep_508()
        requirement = Requirement(line)  # what pip has no words for, such as `^1 || ^3`, is refused here
        if len(line.splitlines()) > 1:
            raise ValueError("it is more than one line")
        return line if requirement.url else str(requirement)
    except (PoetryCoreError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise _not_understood(name, wish, source) from error


def _not_understood(name: str, wish: object, source: str) -> BadSource:
    return BadSource(f"{source}: {name} = {wish!r} is not understood: write it as in {name} = '>=1.2,<2'")
