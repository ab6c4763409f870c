"""Every TypeScript block of the page that says what users are promised runs as it is printed, without the official package.

A block that is a fragment is completed the way its reader would: the import that every file has, and a return for a function
whose body is a comment. Blocks whose tasks have different names share a deploy.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from orchestrator_sdk import Client, TaskRunError
from tests.leftovers import ROOT
from tests.live_instance import LiveInstance

PAGE = ROOT.parent / "shared" / "reference" / "defining-workflow-tasks.md"
PACKAGE = ROOT / "sdk" / "typescript"
pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="the page is not beside this checkout")

_BLOCK = re.compile(r"^```typescript(?P<title>[^\n]*)\n(?P<code>.*?)^```", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r":([\w-]+\.ts)")
_TASK = re.compile(r"name: '(\w+)'")
_IMPORT = "import { task } from '@renderinc/sdk/workflows'\n"

CALLS: dict[str, tuple[list[object], object]] = {
    "calculateSquare": ([3], 9),
    "add": ([1, 2], 3),
    "capitalize": (["abc"], "ABC"),
    "sumSquares": ([3, 4], 25),
    "sumSquaresSlower": ([3, 4], 25),
    "processPhotoUpload": (
        [["a", "b"]],
        {
            "total": 2,
            "processed": 2,
            "failed": 0,
            "results": [{"url": url, "thumbnailUrl": f"{url}_thumb.jpg", "success": True} for url in ("a", "b")],
        },
    ),
    "processImage": (["a"], {"url": "a", "thumbnailUrl": "a_thumb.jpg", "success": True}),
    "flipCoin": ([], "Flipped heads!"),
}


def repos() -> list[dict[str, str]]:
    """The files of each repo the page shows, and further ones with its other blocks."""
    blocks = [(_FILE.search(found["title"]), found["code"]) for found in _BLOCK.finditer(PAGE.read_text())]
    assert len(blocks) == 12
    shown: list[dict[str, str]] = []
    parts: dict[str, str] = {}
    others: list[dict[str, str]] = []
    for file, code in blocks:
        if "import './" in code:
            shown.append({**parts, "index.ts": code})
        elif file and file[1] == "index.ts":
            shown.append({"index.ts": code})
        elif file and "Promise.all" not in code:
            parts[file[1]] = code
        else:
            add(completed(code), others)
    return shown + [{**repo, "index.ts": "".join(f"import './{name[:-3]}'\n" for name in repo)} for repo in others]


def add(code: str, others: list[dict[str, str]]) -> None:
    """Put a block into the first repo that has none of its tasks."""
    names = set(_TASK.findall(code))
    fitting = (repo for repo in others if names.isdisjoint(_TASK.findall("".join(repo.values()))))
    repo = next(fitting, None)
    if repo is None:
        others.append(repo := {})
    repo[f"block{len(repo)}.ts"] = code


def completed(code: str) -> str:
    """A fragment with what it leaves out."""
    code = code.replace("    // ...\n", "    // ...\n    return 3\n")
    return code if "import " in code else _IMPORT + code


REPOS = repos() if PAGE.exists() else []


@pytest.mark.docker
@pytest.mark.parametrize("files", REPOS)
def test_the_blocks_of_the_page_deploy_and_their_tasks_run(
    live: LiveInstance, repo: Path, files: dict[str, str], request: pytest.FixtureRequest
) -> None:
    for name, code in files.items():
        (repo / name).write_text(code)
    workflow = f"page-ts-{request.node.callspec.indices['files']}"
    version = live.deploy(repo, workflow)
    assert version["status"] == "ready", version
    names = _TASK.findall("".join(files.values()))
    assert set(version["tasks"]) == set(names)
    client = live.client()
    calls = [CALLS.get(task) or my_task("".join(files.values())) for task in names]
    runs = [client.start(f"{workflow}/{task}", call[0]).id for task, call in zip(names, calls, strict=True)]
    for run_id, (_, expected) in zip(runs, calls, strict=True):
        assert outcome(client, run_id) in (expected, "Flipped tails! Retrying.")


def outcome(client: Client, run_id: str) -> object:
    """The result, or why there is none: one coin in sixteen shows tails four times."""
    try:
        return client.result(run_id)
    except TaskRunError as error:
        return error.message


def my_task(code: str) -> tuple[list[object], object]:
    """The page has several functions of this name."""
    if "myTask(a: number, b: string, c: boolean)" in code:
        return [1, "two", True], 3
    if "arg1: number = 3" in code:
        return [], 3
    return [5], 25


@pytest.mark.skipif(not (PACKAGE / "node_modules").exists(), reason="needs the compiler: npm ci in sdk/typescript")
def test_the_blocks_of_the_page_compile_in_every_kind_of_project(tmp_path: Path) -> None:
    _installed_above(tmp_path)
    for number, files in enumerate(REPOS):
        (tmp_path / str(number)).mkdir()
        for name, code in files.items():
            # Modules all of them, and imports without an ending: as in a project that is bundled, or compiled for require().
            (tmp_path / str(number) / name).write_text(f"{code}\nexport {{}}\n")
    for module in (["esnext", "--moduleResolution", "bundler"], ["node16"], ["nodenext"]):
        done = _compiled(tmp_path, "--noEmit", "--module", *module, *map(str, tmp_path.glob("*/*.ts")))
        assert done.returncode == 0, done.stdout


@pytest.mark.skipif(not (PACKAGE / "node_modules").exists(), reason="needs the compiler: npm ci in sdk/typescript")
def test_a_declaration_of_a_task_names_its_type_by_what_is_imported(tmp_path: Path) -> None:
    _installed_above(tmp_path)
    package = tmp_path / "packages" / "app"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"type": "module", "dependencies": {"@renderinc/sdk": "^0.7.0"}}')
    task = 'import { task } from "@renderinc/sdk/workflows";\nexport const one = task({ name: "one" }, (a: number) => a);\n'
    (package / "index.ts").write_text(task)
    done = _compiled(package, "--declaration", "--module", "nodenext", "index.ts")
    assert done.returncode == 0, done.stdout
    assert 'import("@renderinc/sdk/workflows").Task<"one", [a: number], number>' in (package / "index.d.ts").read_text()


def _installed_above(folder: Path) -> None:
    """Where our packages are in an image: above all that imports them."""
    scope = folder / "node_modules"
    for name, target in (("@orchestrator", PACKAGE), ("@renderinc", PACKAGE / "renderinc")):
        (scope / name).mkdir(parents=True)
        (scope / name / "sdk").symlink_to(target)


def _compiled(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [str(PACKAGE / "node_modules/.bin/tsc"), "--strict", "--preserveSymlinks", "--types", "", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)
