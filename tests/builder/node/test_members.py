"""What of a workspace is built for one of its members, and in which order."""

from __future__ import annotations

import json
from typing import Final

from orchestrator.builder.node import members
from orchestrator.builder.source.tree import FileTree


def package(name: str, *needs: str, build: str = "tsc") -> str:
    scripts = {"build": build} if build else {}
    return json.dumps({"name": name, "scripts": scripts, "dependencies": dict.fromkeys(needs, "*")})


PACKAGES: Final = {
    "package.json": json.dumps({"workspaces": ["packages/*", "libs/*"]}),
    "packages/worker/package.json": package("@shop/worker", "@shop/prices", "left"),
    "packages/prices/package.json": package("@shop/prices", "@shop/money", "@shop/plain"),
    "libs/money/package.json": package("@shop/money", "@shop/prices"),
    "packages/plain/package.json": package("@shop/plain", build=""),
    "packages/other/package.json": package("@shop/other"),
}


def built(files: dict[str, str], folder: str = "packages/worker") -> list[str]:
    return members.to_build(FileTree(dict.fromkeys(files, "-"), files), folder)


def test_a_member_is_built_after_those_that_it_needs_and_no_other_is_also_where_two_need_each_other() -> None:
    assert built(PACKAGES) == ["libs/money", "packages/prices", "packages/worker"]


def test_what_has_no_build_script_is_not_built() -> None:
    files = {**PACKAGES, "packages/worker/package.json": package("@shop/worker", "@shop/plain", build="")}
    assert built(files) == []


def test_a_package_that_cannot_be_read_is_nobodys_need() -> None:
    assert built({**PACKAGES, "fixtures/package.json": "{"}, "packages/other") == ["packages/other"]
