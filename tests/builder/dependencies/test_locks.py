from __future__ import annotations

import pytest

from orchestrator.builder.dependencies.locks import Lock, read
from orchestrator.builder.errors import BadSource
from orchestrator.builder.source.tree import FileTree


def read_from(name: str, text: str) -> Lock | None:
    return read(FileTree({name: "-"}, {name: text}))


UV = """
[[package]]
name = "shop"
version = "0.1.0"
source = { virtual = "." }
[[package]]
name = "Typing_Extensions"
version = "4.15.0"
source = { registry = "index" }
[[package]]
name = "forked"
version = "1.0"
source = { git = "https://example.org/forked?rev=abc#abc" }
"""


def test_of_uv_what_comes_from_an_index_is_pinned() -> None:
    lock = read_from("uv.lock", UV)
    assert lock is not None
    assert lock.constraints() == ["typing-extensions==4.15.0"]


def test_of_poetry_what_comes_from_an_index_is_pinned() -> None:
    text = """
[[package]]
name = "six"
version = "1.17.0"
[[package]]
name = "mine"
version = "1"
[package.source]
type = "git"
[[package]]
name = "mirrored"
version = "2"
[package.source]
type = "legacy"
"""
    lock = read_from("poetry.lock", text)
    assert lock is not None
    assert lock.constraints() == ["mirrored==2", "six==1.17.0"]


def test_of_pipenv_the_default_packages_are_pinned() -> None:
    text = '{"default": {"six": {"version": "==1.17.0"}, "x": {"git": "y"}}, "develop": {"pytest": {"version": "==8"}}}'
    lock = read_from("Pipfile.lock", text)
    assert lock is not None
    assert lock.constraints() == ["six==1.17.0"]


def test_a_package_with_a_version_for_each_platform_is_left_to_pip() -> None:
    fork = '[[package]]\nname = "numpy"\nversion = "{}"\n'
    lock = read_from("poetry.lock", fork.format("1.26.4") + fork.format("2.1.0"))
    assert lock == Lock("poetry.lock", {})


def test_there_may_be_no_lock() -> None:
    assert read_from("main.py", "") is None


@pytest.mark.parametrize(
    ("name", "text"), [("uv.lock", "[[pack"), ("poetry.lock", "package = [1]"), ("Pipfile.lock", "{")]
)
def test_a_broken_lock_is_named(name: str, text: str) -> None:
    with pytest.raises(BadSource, match=f"{name} cannot be read"):
        read_from(name, text)
