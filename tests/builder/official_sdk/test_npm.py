from __future__ import annotations

import pytest

from orchestrator.builder.errors import BadSource
from orchestrator.builder.official_sdk.generation import Finding, Generation, Sign, Weight
from orchestrator.builder.official_sdk.npm import Choice, choose, takes_context


def written_for(generation: Generation, weight: Weight = Weight.TASK) -> Finding:
    return Finding((Sign(generation, weight, "index.ts", 3, "task 'add' takes 'a' first, and no TaskContext"),))


CALLED, CONTEXT = written_for(Generation.CALLED), written_for(Generation.CONTEXT)


def version(finding: Finding, required: str | None, locked: str | None = None) -> str | None:
    return choose(finding, required, locked, "package-lock.json").version


@pytest.mark.parametrize(
    "required",
    ["^0.5.0", "~0.7", "0.5.1", "0.x", "^0", "<1", ">=0.5 <1.0.0", "0.5.0 - 0.7", "^0.4 || ^0.5", ">=0.4 <0.6"],
)
def test_a_requirement_that_resolves_to_a_fitting_version_is_left_alone(required: str) -> None:
    assert choose(CALLED, required, None, "") == Choice()


@pytest.mark.parametrize(
    ("required", "newest"),
    [
        ("latest", "0.7.0"),
        ("*", "0.7.0"),
        ("", "0.7.0"),
        ("x", "0.7.0"),
        (">=0.5.0", "0.7.0"),
        (">= 0.6", "0.7.0"),
        (">0.5.1 <=1", "0.7.0"),
        ("<2", "0.7.0"),
        ("0 - 1", "0.7.0"),
        ("^0.5.0 || ^1.0.0", "0.5.1"),
        ("~0.4.0 || 1", "0.4.1"),
    ],
)
def test_one_that_also_admits_later_ones_is_narrowed_to_the_newest_that_fits(required: str, newest: str) -> None:
    chosen = choose(CALLED, required, None, "")
    assert chosen.version == newest
    assert chosen.notes == (
        f"@renderinc/sdk {newest} is installed, because task 'add' takes 'a' first, and no TaskContext (index.ts:3)",
    )


def test_one_that_admits_none_that_fits_stops_with_what_to_write() -> None:
    with pytest.raises(BadSource) as stopped:
        choose(CALLED, "^1.0.0", None, "")
    assert str(stopped.value) == (
        "package.json asks for @renderinc/sdk ^1.0.0, and task 'add' takes 'a' first, and no TaskContext (index.ts:3), "
        'which is the form of versions before 1.0: write "^0.7.0" in its place'
    )
    with pytest.raises(BadSource, match=r'write "\^1\.0\.0" in its place'):
        choose(CONTEXT, "^0.5.0", None, "")


def test_a_lock_decides_where_its_version_fits() -> None:
    assert version(CALLED, "*", "0.5.1") is None
    assert version(CONTEXT, ">=0.5", "1.0.0") is None


def test_a_lock_with_one_that_does_not_fit_is_put_right() -> None:
    assert version(CALLED, ">=0.5", "1.0.0") == "0.7.0"
    assert version(CONTEXT, ">=0.5", "0.5.1") == "1.0.0"
    assert "package-lock.json has 0.5.1" in choose(CONTEXT, ">=0.5", "0.5.1", "package-lock.json").notes[0]


@pytest.mark.parametrize("required", [None, "next", "github:a/b", "file:../sdk", "npm:other@1", "workspace:*"])
def test_what_is_no_range_is_left_as_it_is(required: str | None) -> None:
    assert choose(CALLED, required, None, "") == Choice()


@pytest.mark.parametrize(
    "finding", [Finding(), written_for(Generation.CALLED, Weight.NAME), Finding((*CALLED.signs, *CONTEXT.signs))]
)
def test_without_a_certain_generation_nothing_is_decided(finding: Finding) -> None:
    assert version(finding, "^1.0.0") is None


@pytest.mark.parametrize(
    ("finding", "required", "takes"),
    [
        (CONTEXT, None, True),
        (CALLED, "latest", False),
        (Finding(), "^1.0.0", True),
        (Finding(), "^0.5.0", False),
        (Finding(), "latest", None),
        (Finding(), None, None),
        (written_for(Generation.CONTEXT, Weight.NAME), "^0.7.0", False),
        (Finding((*CALLED.signs, *CONTEXT.signs)), "^0.7.0", None),
    ],
)
def test_the_source_or_else_the_requirement_says_whether_tasks_take_a_context(
    finding: Finding, required: str | None, takes: bool | None
) -> None:
    assert takes_context(finding, required) is takes
