"""Which tool installs a repo's packages, and by what command."""

from __future__ import annotations

import pytest

from orchestrator.builder.errors import BadSource
from orchestrator.builder.node import package_manager
from orchestrator.builder.node.manifest import Manifest
from orchestrator.builder.source.tree import FileTree

CLASSIC = "# yarn lockfile v1\n"
BERRY = "# This file is generated\n\n__metadata:\n  version: {}\n  cacheKey: 10\n"


def choose(files: dict[str, str], manifest: Manifest | None = None) -> package_manager.PackageManager:
    return package_manager.choose(FileTree(dict.fromkeys(files, "-"), files), manifest or Manifest())


@pytest.mark.parametrize(
    ("lock", "text", "tool", "command"),
    [
        ("package-lock.json", "{}", "", "npm ci"),
        ("npm-shrinkwrap.json", "{}", "", "npm ci"),
        ("pnpm-lock.yaml", "lockfileVersion: 5.4\n", "pnpm@7", "pnpm install --frozen-lockfile"),
        ("pnpm-lock.yaml", "lockfileVersion: '6.0'\n", "pnpm@8", "pnpm install --frozen-lockfile"),
        ("pnpm-lock.yaml", "lockfileVersion: '9.0'\n", "pnpm@10", "pnpm install --frozen-lockfile"),
        ("yarn.lock", CLASSIC, "yarn@1", "yarn install --frozen-lockfile --non-interactive"),
        ("yarn.lock", BERRY.format(4), "@yarnpkg/cli-dist@2", "yarn install --immutable"),
        ("yarn.lock", BERRY.format(6), "@yarnpkg/cli-dist@3", "yarn install --immutable"),
        ("yarn.lock", BERRY.format(8), "@yarnpkg/cli-dist@4", "yarn install --immutable"),
        ("bun.lock", "{}", "bun@1", "bun install --frozen-lockfile"),
        ("bun.lockb", "", "bun@1", "bun install --frozen-lockfile"),
    ],
)
def test_a_lock_is_honoured_by_the_tool_that_writes_such_locks(lock: str, text: str, tool: str, command: str) -> None:
    found = choose({lock: text})
    assert (found.tool, found.exactly, found.lock) == (tool, command, lock)
    assert found.files == ("package.json", lock)


@pytest.mark.parametrize(
    ("file", "tool", "command"),
    [
        ("pnpm-workspace.yaml", "pnpm@10", "pnpm install --no-frozen-lockfile"),
        (".pnpmfile.cjs", "pnpm@10", "pnpm install --no-frozen-lockfile"),
        (".yarnrc.yml", "@yarnpkg/cli-dist@4", "yarn install --no-immutable"),
        ("bunfig.toml", "bun@1", "bun install"),
    ],
)
def test_without_a_lock_the_tool_whose_settings_are_there_installs(file: str, tool: str, command: str) -> None:
    found = choose({"package.json": "{}", file: ""}, Manifest(dependencies={"left": "1"}))
    assert (found.tool, found.exactly, found.lock) == (tool, command, "")


def test_settings_of_another_tool_than_the_locks_count_for_nothing() -> None:
    assert choose({"package-lock.json": "{}", "bunfig.toml": ""}).name == "npm"


@pytest.mark.parametrize(
    ("named", "tool"),
    [
        ("pnpm@9.1.0", "pnpm@9.1.0"),
        ("pnpm@9.1.0+sha512.0123abcd", "pnpm@9.1.0"),
        ("yarn@1.22.19", "yarn@1.22.19"),
        ("yarn@4.1.1", "@yarnpkg/cli-dist@4.1.1"),
        ("npm@10.2.0", "npm@10.2.0"),
        ("bun@1.2.3", "bun@1.2.3"),
    ],
)
def test_the_version_that_package_json_names_is_the_one_that_installs(named: str, tool: str) -> None:
    assert choose({}, Manifest(package_manager=named)).tool == tool


def test_without_a_lock_what_package_json_lists_is_installed() -> None:
    some = {"left-pad": "1"}
    found = choose({}, Manifest(dependencies=some))
    assert (found.name, found.exactly, found.tool) == ("npm", "npm install", "")
    berry = Manifest(dependencies=some, package_manager="yarn@4.1.1")
    assert choose({".yarnrc.yml": ""}, berry).exactly == "yarn install --no-immutable"


def test_where_nothing_is_listed_nothing_is_installed() -> None:
    assert choose({}).exactly == ""
    assert choose({}, Manifest(scripts={"prepare": "tsc"})).exactly == "npm install"


def test_of_two_locks_the_tool_is_named() -> None:
    both = {"package-lock.json": "{}", "yarn.lock": CLASSIC}
    with pytest.raises(BadSource, match=r"package-lock\.json and yarn\.lock are locks of several tools: keep one, or"):
        choose(both)
    assert choose(both, Manifest(package_manager="yarn@1.22.22")).lock == "yarn.lock"


def test_a_lock_of_another_tool_than_the_named_one_is_not_passed_over() -> None:
    with pytest.raises(BadSource, match=r"has packageManager pnpm, and package-lock\.json is npm's: remove one"):
        choose({"package-lock.json": "{}"}, Manifest(package_manager="pnpm@9.1.0"))


def test_a_tool_that_is_not_known_is_refused_by_name() -> None:
    with pytest.raises(BadSource, match=r"packageManager 'vlt@1\.0\.0': name npm, pnpm, yarn or bun"):
        choose({}, Manifest(package_manager="vlt@1.0.0"))


def test_what_says_how_to_install_is_there_when_it_is() -> None:
    assert choose({".npmrc": "", "pnpm-lock.yaml": ""}).files == ("package.json", "pnpm-lock.yaml", ".npmrc")
    assert not choose({".npmrc": "", "pnpm-lock.yaml": ""}).needs_files


@pytest.mark.parametrize("file", [".yarn/releases/yarn-4.1.0.cjs", ".yarn/patches/x.patch", "pnpm-workspace.yaml"])
def test_what_else_a_tool_reads_of_the_repo_needs_all_of_it(file: str) -> None:
    assert choose({file: ""}).needs_files


@pytest.mark.parametrize(
    ("lock", "text"),
    [
        ("package-lock.json", '{"packages": {"node_modules/@renderinc/sdk": {\n  "version": "0.5.1"}}}'),
        ("pnpm-lock.yaml", "packages:\n\n  '@renderinc/sdk@0.5.1':\n    resolution: {}\n"),
        ("pnpm-lock.yaml", "packages:\n\n  /@renderinc/sdk/0.5.1:\n    resolution: {}\n"),
        ("pnpm-lock.yaml", "packages:\n\n  /@renderinc/sdk@0.5.1(x@1.0.0):\n    resolution: {}\n"),
        ("yarn.lock", CLASSIC + '\n"@renderinc/sdk@^0.5.0":\n  version "0.5.1"\n'),
        ("yarn.lock", BERRY.format(8) + '\n"@renderinc/sdk@npm:^0.5.0":\n  version: 0.5.1\n'),
        ("bun.lock", '{"packages": {"@renderinc/sdk": ["@renderinc/sdk@0.5.1", "", {}]}}'),
    ],
)
def test_the_version_in_each_kind_of_lock_is_found(lock: str, text: str) -> None:
    tree = FileTree({lock: "-"}, {lock: text})
    assert package_manager.locked_version(tree, lock, "@renderinc/sdk") == "0.5.1"
    assert package_manager.locked_version(tree, lock, "@renderinc/other") is None
