"""What a Node program's image needs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import pytest

from orchestrator.builder.detect.options import Options
from orchestrator.builder.detect.project import Project, detect
from orchestrator.builder.errors import BadSource
from orchestrator.builder.node.project import NodeProject
from orchestrator.builder.source.tree import FileTree

NOTHING: Final[Mapping[str, str]] = {}


def detected(files: dict[str, str], environment: Mapping[str, str] = NOTHING, **asked: Any) -> Project:
    return detect(FileTree(dict.fromkeys(files, "digest"), files), Options(**asked), environment)


def project(files: dict[str, str], environment: Mapping[str, str] = NOTHING, **asked: Any) -> NodeProject:
    found = detected(files, environment, **asked).node
    assert found is not None
    return found


TASK = 'import { task } from "@renderinc/sdk/workflows"'
PACKAGE = '{"main": "index.js"}'
PLAIN = {"index.js": "", "package.json": PACKAGE}


def test_a_python_program_needs_no_node() -> None:
    assert detected({"main.py": "", "package.json": "{}"}).node is None


def test_the_variable_of_a_deploy_chooses_the_node() -> None:
    assert str(project(PLAIN, environment={"NODE_VERSION": "20.11.1"}).version) == "Node 20.11.1"


def test_a_build_script_is_run() -> None:
    files = {"package.json": json.dumps({"main": "dist/x.js", "scripts": {"build": "tsc"}})}
    assert project(files).build == "npm run build"


def test_locked_packages_are_installed_by_the_tool_that_locked_them() -> None:
    found = project({**PLAIN, "pnpm-lock.yaml": "lockfileVersion: '6.0'"}).manager
    assert found is not None
    assert (found.tool, found.exactly) == ("pnpm@8", "pnpm install --frozen-lockfile")


def test_a_plain_start_script_is_started_itself_and_said() -> None:
    found = project({"package.json": json.dumps({"scripts": {"start": "node dist/x.js"}})})
    assert found.command == "node dist/x.js"
    assert found.notes == ("`node dist/x.js` is started itself, not by npm start",)


def test_a_program_that_the_packages_do_not_bring_is_installed() -> None:
    assert project({"a.ts": ""}, start_command="npx tsx a.ts").tools == ("tsx@4",)
    assert project({**PLAIN, "bun.lock": ""}, start_command="bun a.ts").tools == ("bun@1",)
    pinned = {"package.json": json.dumps({"packageManager": "pnpm@9.1.0", "scripts": {"start": "pnpm a && pnpm b"}})}
    assert project(pinned).tools == ("pnpm@9.1.0",)


WORKSPACE = {
    "package.json": json.dumps({"workspaces": ["packages/*"], "engines": {"node": "20"}}),
    "package-lock.json": "{}",
    "packages/worker/package.json": json.dumps({"scripts": {"start": "node index.js", "build": "tsc"}}),
    "packages/worker/index.js": "",
    "packages/lib/package.json": "{}",
}


def test_a_member_of_a_workspace_is_installed_with_the_whole() -> None:
    found = detected(WORKSPACE, root_dir="packages/worker")
    assert (found.entry_point, found.root) == ("cd packages/worker && node index.js", "")
    assert found.node is not None
    assert found.node.version.major == 20
    assert found.node.manager is not None
    assert (found.node.manager.exactly, found.node.manager.needs_files) == ("npm ci", True)
    assert found.node.build == "(cd packages/worker && npm run build)"


def test_a_member_is_built_after_what_it_depends_on() -> None:
    pnpm = {**WORKSPACE, "pnpm-workspace.yaml": "", "pnpm-lock.yaml": ""}
    del pnpm["package-lock.json"]
    assert (
        project(pnpm, root_dir="packages/worker").build
        == "pnpm --filter '{./packages/worker}...' --if-present run build"
    )
    whole = {
        **WORKSPACE,
        "package.json": json.dumps({"workspaces": ["packages/*"], "scripts": {"build": "turbo build"}}),
    }
    assert project(whole, root_dir="packages/worker").build == "npm run build"


def test_what_a_member_needs_is_built_also_where_it_is_not_built_itself() -> None:
    needs = json.dumps({"main": "x.js", "dependencies": {"@shop/money": "*"}})
    money = {"libs/money/package.json": json.dumps({"name": "@shop/money", "scripts": {"build": "tsc"}})}
    files = {**WORKSPACE, "packages/worker/package.json": needs}
    assert project(files, root_dir="packages/worker").build is None
    assert project({**files, **money}, root_dir="packages/worker").build == "(cd libs/money && npm run build)"


def test_a_member_finds_programs_of_its_own_packages_first() -> None:
    files = {
        **WORKSPACE,
        "packages/worker/package.json": '{"scripts": {"start": "tsx a.ts"}, "devDependencies": {"tsx": "4"}}',
    }
    found = detected(files, root_dir="packages/worker").entry_point
    assert found == "cd packages/worker && PATH=$PWD/node_modules/.bin:$PATH tsx a.ts"


def test_a_folder_that_is_no_package_of_a_workspace_is_a_repo_of_its_own() -> None:
    blueprint = "services: [{type: workflow, rootDir: packages/worker, startCommand: node index.js}]"
    files = {**WORKSPACE, "package.json": "{}", "render.yaml": blueprint}
    found = detected(files)
    assert (found.entry_point, found.root) == ("node index.js", "packages/worker")


def test_a_python_program_in_a_workspace_is_deployed_alone() -> None:
    files = {**WORKSPACE, "packages/worker/main.py": ""}
    found = detected(files, root_dir="packages/worker")
    assert (found.entry_point, found.root) == ("main.py", "packages/worker")


def test_typescript_as_it_is_needs_a_node_that_runs_it() -> None:
    files = {"index.ts": TASK, "package.json": '{"engines": {"node": "20"}}'}
    with pytest.raises(BadSource, match=r"Node 20 does not run index\.ts by itself: ask for Node 22, or add tsx"):
        detect(FileTree(dict.fromkeys(files, "digest"), files))


def test_who_answers_to_the_official_name_is_said() -> None:
    note = "@renderinc/sdk is answered by the orchestrator's own package: package.json does not ask for it"
    own, asked = (
        {"index.ts": TASK},
        {"index.ts": TASK, "package.json": '{"dependencies": {"@renderinc/sdk": "^0.5.0"}}'},
    )
    assert detect(FileTree(dict.fromkeys(own, "digest"), own)).notes == (note,)
    found = detect(FileTree(dict.fromkeys(asked, "digest"), asked))
    assert found.notes == ()
    assert found.node is not None
    assert found.node.asks_for_sdk


def test_the_official_package_is_installed_in_a_version_that_fits_the_tasks_also_against_the_lock() -> None:
    asked = json.dumps({"dependencies": {"@renderinc/sdk": ">=0.5.0"}})
    lock = json.dumps({"packages": {"node_modules/@renderinc/sdk": {"version": "1.0.0"}}})
    task = 'import { task } from "@renderinc/sdk/workflows";\ntask({ name: "square" }, (a: number) => a * a);'
    files = {"index.ts": task, "package.json": asked, "package-lock.json": lock}
    found = detect(FileTree(dict.fromkeys(files, "digest"), files))
    assert found.node is not None
    assert found.node.sdk_version == "0.7.0"
    assert found.notes == (
        "@renderinc/sdk 0.7.0 is installed, because task 'square' takes 'a' first, and no TaskContext (index.ts:2): "
        "package-lock.json has 1.0.0, which they would not run on",
    )


def test_tasks_that_no_admitted_version_runs_stop_the_deploy() -> None:
    asked = json.dumps({"dependencies": {"@renderinc/sdk": "^1.0.0"}})
    task = 'import { task } from "@renderinc/sdk/workflows";\ntask({ name: "square" }, (a: number) => a * a);'
    files = {"index.ts": task, "package.json": asked}
    with pytest.raises(BadSource, match='write "\\^0\\.7\\.0" in its place'):
        detect(FileTree(dict.fromkeys(files, "digest"), files))


@pytest.mark.parametrize(
    "lock", ["", "{", "[]", '{"packages": []}', '{"packages": {"node_modules/@renderinc/sdk": 1}}']
)
def test_a_lock_that_says_nothing_of_it_decides_nothing(lock: str) -> None:
    files = {
        "index.ts": TASK,
        "package.json": '{"dependencies": {"@renderinc/sdk": "^0.5.0"}}',
        "package-lock.json": lock,
    }
    found = detect(FileTree(dict.fromkeys(files, "digest"), files))
    assert found.node is not None
    assert found.node.sdk_version is None
