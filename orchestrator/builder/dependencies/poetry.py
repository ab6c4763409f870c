"""A wish as Poetry and Pipenv write it, in the words of everybody else."""

from __future__ import annotations

from typing import Any

from packaging.requirements import Requirement

from orchestrator.builder.errors import BadSource


def requirement(name: str, wish: Any, source: str) -> str:
    """The requirement that an entry of ``[tool.poetry.dependencies]`` or ``[packages]`` comes to. Raises BadSource."""
    # Only who uses Poetry pays for what this imports.
    from poetry.core.exceptions import PoetryCoreError
    from poetry.core.factory import Factory

    try:
        line = Factory.create_dependency(name, wish).to_pep_508()
        parsed = Requirement(line)
        return line if parsed.url else str(parsed)
    except (PoetryCoreError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise BadSource(f"{source}: {name} = {wish!r} is not understood: write it as in {name} = '>=1.2,<2'") from error
