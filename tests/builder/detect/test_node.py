"""What a Node program's image needs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orchestrator.builder.detect import node
from orchestrator.builder.detect.project import detect
from orchestrator.builder.errors import BadSource
from orchestrator.builder.source.tree import FileTree


def repo(package: dict[str, Any] | str | None, **files: str) -> FileTree:
    named = {name.replace("_", "."): text for name, text in files.items()}
    if package is not None:
        named["package.json"] = package if isinstance(package, str) else json.dumps(package)
    return FileTree(dict.fromkeys(named, "digest"), named)


@pytest.mark.parametrize("command", ["python main.py", "main.py", "flows:app", "./run.sh", "renode x"])
def test_other_programs_need_no_node(command: str) -> None:
    assert node.find(repo({}), command) is None


@pytest.mark.parametrize(
    "command", ["node index.js", "npm start", "npx tsx src/index.ts", "cd w && node x.js", "tsx main.ts"]
)
def test_programs_that_run_node_need_it(command: str) -> None:
    assert node.find(repo({}), command) is not None


@pytest.mark.parametrize(
    ("said", "major"),
    [("", 22), ("20", 20), ("20.x", 20), ("^18.17", 18), (">=18", 22), (">=24.1", 24), ("19", 20), ("99", 24)],
)
def test_the_release_is_the_one_the_package_asks_for(said: str, major: int) -> None:
    found = node.find(repo({"engines": {"node": said}}), "node .")
    assert found is not None
    assert found.major == major


def test_an_nvmrc_outranks_the_package() -> None:
    tree = FileTree(
        {"package.json": "d", ".nvmrc": "d"}, {"package.json": '{"engines": {"node": "18"}}', ".nvmrc": "v20.1\n"}
    )
    found = node.find(tree, "node .")
    assert found is not None
    assert found.major == 20


def test_locked_packages_are_installed_as_locked_and_others_as_listed() -> None:
    locked = FileTree({"package.json": "d", "package-lock.json": "d"}, {"package.json": "{}"})
    found, listed = node.find(locked, "node ."), node.find(repo({}), "node .")
    assert found is not None
    assert listed is not None
    assert (found.install, found.manifests) == ("npm ci", ("package.json", "package-lock.json"))
    assert (listed.install, listed.manifests) == ("npm install", ("package.json",))


def test_a_build_script_is_run() -> None:
    found = node.find(repo({"scripts": {"build": "tsc"}}), "node dist/index.js")
    assert found is not None
    assert found.build == "npm run build"


@pytest.mark.parametrize(
    ("package", "command"),
    [({"scripts": {"start": "node dist/x.js"}}, "npm start --silent"), ({"main": "index.js"}, "node index.js")],
)
def test_the_package_says_how_it_is_started(package: dict[str, Any], command: str) -> None:
    assert detect(repo(package, index_js="")).entry_point == command


@pytest.mark.parametrize(
    ("package", "says"), [({}, "--start-command"), ("{", "not valid JSON"), ("[]", "not an object")]
)
def test_a_package_that_does_not_say_is_refused(package: Any, says: str) -> None:
    with pytest.raises(BadSource, match=says):
        detect(repo(package, other_js=""))


TASK = 'import { task } from "@renderinc/sdk/workflows"'
TYPESCRIPT = (
    "node --experimental-transform-types --disable-warning=ExperimentalWarning --import @orchestrator/sdk/typescript"
)


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"index.ts": TASK}, f"{TYPESCRIPT} index.ts"),
        ({"index.ts": "import './math'", "math.ts": TASK, "text.ts": TASK}, f"{TYPESCRIPT} index.ts"),
        ({"math-tasks.ts": TASK}, f"{TYPESCRIPT} math-tasks.ts"),
        ({"src/index.js": 'const { task } = require("@orchestrator/sdk")'}, "node src/index.js"),
        ({"index.ts": TASK, "package.json": '{"main": "index.js"}'}, f"{TYPESCRIPT} index.ts"),
        ({"index.ts": TASK, "package.json": '{"devDependencies": {"tsx": "4"}}'}, "tsx index.ts"),
        ({"index.ts": TASK, "package.json": '{"main": "dist/x.js", "scripts": {"build": "tsc"}}'}, "node dist/x.js"),
    ],
)
def test_a_program_that_nothing_names_is_found_by_its_name_or_by_what_it_imports(
    files: dict[str, str], command: str
) -> None:
    assert detect(FileTree(dict.fromkeys(files, "digest"), files)).entry_point == command


def test_of_several_programs_one_has_to_be_chosen() -> None:
    files = {"math.ts": TASK, "text.ts": TASK}
    with pytest.raises(BadSource, match=r"math\.ts and text\.ts all define tasks: add an index\.ts that imports them"):
        detect(FileTree(dict.fromkeys(files, "digest"), files))


def test_typescript_as_it_is_needs_a_node_that_runs_it() -> None:
    files = {"index.ts": TASK, "package.json": '{"engines": {"node": "20"}}'}
    with pytest.raises(BadSource, match=r"Node 20 does not run index\.ts by itself: ask for Node 22, or add tsx"):
        detect(FileTree(dict.fromkeys(files, "digest"), files))


def test_other_peoples_scripts_are_no_program() -> None:
    files = {"index.js": "alert(1)"}
    with pytest.raises(BadSource, match=r"no main\.py or index\.ts"):
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
    assert (found.node.sdk_version, found.node.install) == ("0.7.0", "npm install")
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
