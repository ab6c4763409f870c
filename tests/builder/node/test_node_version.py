"""Which Node a repo gets."""

from __future__ import annotations

import pytest

from orchestrator.builder.errors import BadSource
from orchestrator.builder.node import node_version
from orchestrator.builder.node.manifest import Manifest
from orchestrator.builder.source.tree import FileTree


def wanted(engine: str = "", environment: dict[str, str] | None = None, **files: str) -> node_version.NodeVersion:
    named = {"." + name.replace("_", "-"): text for name, text in files.items()}
    tree = FileTree(dict.fromkeys(named, "-"), named)
    return node_version.wanted(tree, Manifest(engine=engine), environment or {})


@pytest.mark.parametrize(
    ("asked", "major", "exact"),
    [
        ("", 22, None),
        ("20", 20, None),
        ("v20", 20, None),
        ("20.x", 20, None),
        ("^18.17", 18, None),
        (">=18", 22, None),
        (">=18 <21", 20, None),
        (">=24.1", 24, None),
        ("16 || 20", 20, None),
        ("*", 22, None),
        ("19", 19, "19"),
        ("20.11.1", 20, "20.11.1"),
        ("v22.4.0", 22, "22.4.0"),
        ("~20.11", 20, "~20.11"),
        (">=25", 26, "26"),
    ],
)
def test_the_newest_of_the_best_release_that_is_admitted_is_taken(asked: str, major: int, exact: str | None) -> None:
    found = wanted(asked)
    assert (found.major, found.exact) == (major, exact)


@pytest.mark.parametrize(
    ("name", "major"), [("lts/iron", 20), ("lts/Jod", 22), ("hydrogen", 18), ("lts/*", 24), ("node", 24)]
)
def test_releases_have_names(name: str, major: int) -> None:
    assert wanted(nvmrc=f"{name}\n").major == major


@pytest.mark.parametrize("asked", ["16", "99", "lts/argon", "20.1.0.3", "12.22.1", ">=99", "$(x)"])
def test_what_cannot_be_had_is_named_with_what_can(asked: str) -> None:
    with pytest.raises(BadSource, match=r"\(\.nvmrc\) is not to be had: ask for one of 18, 20, 22, 24, or an exact"):
        wanted(nvmrc=asked)


def test_the_variable_outranks_the_files_and_these_the_package() -> None:
    said = {"NODE_VERSION": "18"}
    assert wanted("24", said, node_version="20", nvmrc="22").source == "NODE_VERSION"
    assert wanted("24", node_version="20", nvmrc="22").source == ".node-version"
    assert wanted("24", nvmrc="# ours\n22 # the newest\n").major == 22
    assert wanted("24").source == "engines in package.json"


@pytest.mark.parametrize(("asked", "installer"), [("19", 18), ("20.1.0", 20), ("23.1.0", 22), ("26", 24)])
def test_what_the_python_index_lacks_is_installed_by_the_release_before(asked: str, installer: int) -> None:
    assert wanted(asked).installer_major == installer


def test_files_of_all_tools_come_last() -> None:
    assert wanted(tool_versions="nodejs 20.11.1") == node_version.NodeVersion(20, "20.11.1", ".tool-versions")
    assert wanted(">=24", tool_versions="nodejs 20.11.1").major == 24
