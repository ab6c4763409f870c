from __future__ import annotations

import pytest

from orchestrator.builder.dependencies import listed
from orchestrator.builder.errors import BadSource
from tests.builder.detect.repos import tree_of

NOTHING = [
    "[tool.ruff]\nline-length = 99\n",
    '[project]\nname = "shop"\n',
    '[project]\ndependencies = ["Orchestrator_SDK[client]>=0.1"]\n',
    '[tool.poetry.dependencies]\npython = "^3.11"\n',
]


@pytest.mark.parametrize("text", NOTHING)
def test_what_every_image_has_is_nothing(text: str) -> None:
    assert listed.is_nothing(tree_of({"pyproject.toml": text}), "pyproject.toml")


@pytest.mark.parametrize(
    "text",
    [
        '[project]\ndependencies = ["httpx"]\n',
        '[project]\ndynamic = ["dependencies"]\n',
        '[tool.poetry.dependencies]\nhttpx = "*"\n',
        '[packages]\nhttpx = "*"\n',
    ],
)
def test_anything_else_is_something(text: str) -> None:
    assert not listed.is_nothing(tree_of({"pyproject.toml": text}), "pyproject.toml")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[project]\ndependencies = ["httpx", "render_sdk>=0.6"]', "render_sdk>=0.6"),
        ('[tool.poetry.dependencies]\nrender-sdk = "^1.2"\nother = "^1 || ^2"', "render-sdk<2.0,>=1.2"),
        ('[packages]\nrender = "*"', "render"),
    ],
)
def test_the_official_package_is_found_however_it_is_written(text: str, line: str) -> None:
    assert [asked.line for asked in listed.official(tree_of({"a.toml": text}), "a.toml")] == [line]


def test_dependencies_that_are_no_list_are_refused() -> None:
    with pytest.raises(BadSource, match="must be a list of strings"):
        listed.official(tree_of({"a.toml": '[project]\ndependencies = "httpx"'}), "a.toml")


@pytest.mark.parametrize(
    "lock",
    [
        '[[package]]\nname = "six"\nversion = "1"\n\n[[package]]\nname = "Render_SDK"\nversion = "0.8.0"\nsource = {}\n',
        '{"default": {"render-sdk": {"hashes": ["sha256:1"], "index": "pypi", "version": "==0.8.0"}}}',
        '{"default": {\n  "render-sdk": {\n    "hashes": [\n"x"\n],\n    "markers": "a",\n    "version": "==0.8.0"\n  }}}',
    ],
)
def test_a_lock_tells_its_version_of_the_official_package(lock: str) -> None:
    assert listed.locked_versions(lock) == {"render-sdk": "0.8.0"}
