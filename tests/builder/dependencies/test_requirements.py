from __future__ import annotations

import pytest

from orchestrator.builder.dependencies.requirements import read
from orchestrator.builder.errors import BadSource
from orchestrator.builder.source.tree import FileTree


def tree_of(files: dict[str, str]) -> FileTree:
    return FileTree({name: "-" for name in files}, files)


def test_included_files_come_along_from_where_they_are() -> None:
    files = {
        "requirements.txt": "-r deps/base.txt\n-chttps://example.org/c.txt\n--requirement=deps/extra.txt\n",
        "deps/base.txt": "-c pins.txt\nhttpx\n",
        "deps/pins.txt": "httpx==0.28\n-r base.txt\n",
        "deps/extra.txt": "rich\n",
    }
    assert sorted(read("requirements.txt", tree_of(files)).files) == sorted(files)


@pytest.mark.parametrize("line", ["-r gone.txt", "-c gone.txt"])
def test_an_included_file_that_is_missing_is_named(line: str) -> None:
    with pytest.raises(BadSource, match=r"requirements.txt includes gone.txt, which does not exist"):
        read("requirements.txt", tree_of({"requirements.txt": line}))


def test_an_included_file_outside_the_repo_is_refused() -> None:
    with pytest.raises(BadSource, match="outside the deployed folder"):
        read("requirements.txt", tree_of({"requirements.txt": "-r ../common.txt"}))


@pytest.mark.parametrize(
    "line",
    [
        "-e .", "--editable=./pkg", ".", "./pkg", "pkg/sub", "wheels/a-1-py3-none-any.whl", "a.whl", "-f wheels",
        "a @ file:///app/a.whl", "./pkg[extra] ; python_version > '3'",
    ],
)  # fmt: skip
def test_lines_that_install_from_the_repo_need_its_code(line: str) -> None:
    assert read("requirements.txt", tree_of({"requirements.txt": line})).needs_app


@pytest.mark.parametrize(
    "line",
    [
        "httpx", "httpx>=0.28 ; python_version > '3'", "a @ https://example.org/a/b.whl", "git+https://example.org/a/b",
        "-e git+ssh://git@example.org/a", "--index-url=https://example.org/simple", "--find-links https://example.org/w",
        "# ./pkg", "httpx  # see ./docs", "httpx==1 --hash=sha256:aa/bb",
    ],
)  # fmt: skip
def test_other_lines_do_not(line: str) -> None:
    assert not read("requirements.txt", tree_of({"requirements.txt": line})).needs_app


def test_the_sdk_is_provided_and_never_looked_up() -> None:
    files = {"requirements.txt": "orchestrator_sdk>=0.1 \\\n  --hash=sha256:aa\nOrchestrator-SDK[client]\nhttpx\n"}
    assert read("requirements.txt", tree_of(files)).files == {"requirements.txt": "httpx\n"}
