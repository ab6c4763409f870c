"""What Node starts where nobody says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from orchestrator.builder.detect.project import detect
from orchestrator.builder.errors import BadSource
from orchestrator.builder.source.tree import FileTree


def repo(package: dict[str, Any] | str | None, **files: str) -> FileTree:
    named = {name.replace("_", "."): text for name, text in files.items()}
    if package is not None:
        named["package.json"] = package if isinstance(package, str) else json.dumps(package)
    return FileTree(dict.fromkeys(named, "digest"), named)


@pytest.mark.parametrize(
    ("package", "command"),
    [({"scripts": {"start": "node dist/x.js"}}, "node dist/x.js"), ({"main": "index.js"}, "node index.js")],
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
TYPESCRIPT = "node --disable-warning=ExperimentalWarning --import @orchestrator/sdk/typescript"


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


def test_other_peoples_scripts_are_no_program() -> None:
    files = {"index.js": "alert(1)"}
    with pytest.raises(BadSource, match=r"no main\.py or index\.ts"):
        detect(FileTree(dict.fromkeys(files, "digest"), files))


BRINGS = 'import "./math.js";\nexport * from "./text";\n'


@pytest.mark.parametrize(
    ("files", "program"),
    [
        ({"src/tasks.ts": BRINGS, "src/math.ts": TASK, "src/text/index.ts": TASK}, "src/tasks.ts"),
        ({"worker.ts": 'import "./a"', "a.ts": 'export * from "./b.js"', "b.ts": TASK}, "worker.ts"),
        ({"index.ts": "", "worker.ts": TASK + ';import "./math"', "math.ts": TASK}, "worker.ts"),
        ({"tasks.ts": TASK, "tasks.test.ts": TASK + ';import "./tasks"', "dist/tasks.js": TASK}, "tasks.ts"),
    ],
)
def test_the_file_that_imports_all_tasks_is_the_program(files: dict[str, str], program: str) -> None:
    assert detect(FileTree(dict.fromkeys(files, "digest"), files)).entry_point == f"{TYPESCRIPT} {program}"


@pytest.mark.parametrize("client", ["server.ts", "index.ts"])
def test_a_file_that_only_starts_runs_is_no_program(client: str) -> None:
    asks = 'import { Render } from "@renderinc/sdk";\nnew Render().workflows.startTask("shop/task", [task]);'
    files = {"tasks.ts": TASK + ';\ntask({ name: "a" }, () => 1);', client: asks}
    assert detect(FileTree(dict.fromkeys(files, "digest"), files)).entry_point == f"{TYPESCRIPT} tasks.ts"


def test_files_that_import_each_other_come_to_an_end() -> None:
    files = {"a.ts": TASK + ';import "./b"', "b.ts": TASK + ';import "./a"'}
    with pytest.raises(BadSource, match=r"a\.ts and b\.ts all define tasks"):
        detect(FileTree(dict.fromkeys(files, "digest"), files))
