"""Which base a repo's image is built on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from orchestrator.builder.detect.python_version import PythonWish
from orchestrator.builder.image.base import base_for
from orchestrator.core.image import BaseImage
from orchestrator.engine.base import Engine, Log


class Lines(list[str]):
    async def __call__(self, line: str) -> None:
        self.append(line)


class Bases:
    """An engine with these bases; the first is the one it gives when no Python is asked for."""

    def __init__(self, *pythons: str) -> None:
        self._pythons = pythons
        self.asked: list[Sequence[str]] = []

    async def base_image(self, log: Log, pythons: Sequence[str] = ()) -> BaseImage:
        self.asked.append(pythons)
        python = next((python for python in pythons if python in self._pythons), self._pythons[0])
        return BaseImage(f"base:{python}", python)


async def chosen(bases: Bases, wish: PythonWish, lines: Lines) -> str:
    return (await base_for(cast(Engine, bases), wish, lines)).python


async def test_a_base_that_will_do_is_taken() -> None:
    bases = Bases("3.12", "3.13")
    assert await chosen(bases, PythonWish(bounds=">=3.10"), Lines()) == "3.12"
    assert bases.asked == [()]


async def test_a_base_with_another_python_is_asked_for_where_the_repo_needs_one() -> None:
    assert await chosen(Bases("3.11", "3.13"), PythonWish(bounds=">=3.13"), Lines()) == "3.13"


async def test_the_next_best_python_is_told() -> None:
    lines = Lines()
    await chosen(Bases("3.13"), PythonWish("3.12", ".python-version"), lines)
    assert lines == ["Python 3.12 (.python-version) is not to be had here: this is 3.13"]
