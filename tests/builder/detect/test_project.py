from __future__ import annotations

import pytest

from orchestrator.builder.dependencies.dependencies import Dependencies
from orchestrator.builder.detect.project import detect
from orchestrator.builder.errors import BadSource
from orchestrator.builder.source.tree import FileTree


def tree_of(files: dict[str, str]) -> FileTree:
    return FileTree({name: "-" for name in files}, files)


MAIN = {"main.py": ""}
SEED = "from render_sdk import Workflows\napp = Workflows()\n"
COMBINED = "from a import app\nfrom render_sdk import Workflows\nall_of_them = Workflows.from_workflows(app)\n"
START = 'if __name__ == "__main__":\n    app.start()\n'


@pytest.mark.parametrize(
    ("files", "command", "entry_point"),
    [
        (MAIN, None, "main.py"),
        (MAIN, "  ", "main.py"),
        ({"main.py": "", "app.py": START}, None, "main.py"),
        ({"app.py": START, "tasks.py": ""}, None, "app.py"),
        ({"app.py": "", "workflow.py": START}, None, "workflow.py"),
        ({"shop.py": START, "util.py": "x = 1"}, None, "shop.py"),
        ({"src/main.py": START}, None, "src/main.py"),
        (MAIN, "main.py", "main.py"),
        (MAIN, "./main.py", "main.py"),
        (MAIN, "python main.py", "main.py"),
        (MAIN, "python3.12 -u main.py", "main.py"),
        (MAIN, "/usr/bin/python3 main.py", "main.py"),
        (MAIN, "uv run main.py", "main.py"),
        (MAIN, "poetry run python main.py", "main.py"),
        (MAIN, "render-workflows main:app", "main:app"),
        (MAIN, "uv run render-workflows main:flows", "main:flows"),
        ({"my main.py": START}, None, "'my main.py'"),
        ({"my jobs/main (copy).py": SEED + START}, None, "'my jobs/main (copy).py'"),
        ({"my main.py": START}, "python 'my main.py'", "'my main.py'"),
        ({"my jobs/main.py": START}, "cd 'my jobs' && python main.py", "cd 'my jobs' && python main.py"),
        (MAIN, "python -m main", "python -m main"),
        (MAIN, "uv run python -m 'my jobs'", "python -m 'my jobs'"),
        (MAIN, "./start.sh --fast && true", "./start.sh --fast && true"),
        (MAIN, "node index.js", "node index.js"),
        ({"main.py": "import fastapi", "worker.py": SEED + START}, None, "worker.py"),
        ({"main.py": "import fastapi", "jobs/run.py": SEED + START}, None, "jobs/run.py"),
        ({"workflows/main.py": SEED + START, "workflows/tasks.py": SEED}, None, "workflows/main.py"),
        ({"main.py": SEED + START, "worker.py": SEED + START}, None, "main.py"),
        ({"run.py": "from render_sdk.workflows import start, task\nstart()"}, None, "run.py"),
        ({"run.py": "from render_sdk import Workflows\napp = Workflows(auto_start=True)"}, None, "run:app"),
        ({"main.py": SEED.replace("()", "(auto_start=True)")}, "python main.py", "main:app"),
        ({"main.py": SEED.replace("()", "(auto_start=True)") + START}, None, "main.py"),
        ({"go.py": "from flows.all import app\napp.start()", "flows/all.py": SEED}, None, "go.py"),
        ({"go.py": SEED + START, "tests/go.py": SEED + START}, None, "go.py"),
        ({"flows/tasks.py": SEED}, None, "flows.tasks:app"),
        ({"src/flows/__init__.py": SEED}, None, "flows:app"),
        ({"a.py": SEED, "b.py": SEED, "c.py": COMBINED}, None, "c:all_of_them"),
        (
            {"api.py": SEED + START, "jobs.py": SEED + START, "Procfile": "web: x\nworker: python jobs.py"},
            None,
            "jobs.py",
        ),
        ({"a/jobs.py": SEED, "Procfile": "workflow: render-workflows a.jobs:app\n"}, None, "a.jobs:app"),
        ({"a/b.py": ""}, "a/b.py", "a/b.py"),
        ({"a/b.py": ""}, "a.b:app", "a.b:app"),
        ({"src/a/__init__.py": ""}, "a:flows", "a:flows"),
        ({"w/main.py": ""}, "cd w && python main.py", "cd w && python main.py"),
        (MAIN, "python -m installed.package", "python -m installed.package"),
    ],
)
def test_the_entry_point_is_found(files: dict[str, str], command: str | None, entry_point: str) -> None:
    assert detect(tree_of(files), command).entry_point == entry_point


@pytest.mark.parametrize(
    ("files", "command", "says"),
    [
        ({"lib.py": "x = 1"}, None, "--start-command"),
        ({"lib.py": "# app.start()"}, None, "--start-command"),
        ({"a.py": START, "b.py": START}, None, "a.py and b.py all start tasks"),
        (MAIN, "main", "did you mean main.py"),
        (MAIN, "python 'main.py", "is not understood"),
        ({"a.py": SEED, "b.py": SEED}, None, "the apps a:app and b:app .* --start-command, like a:app"),
        ({"api/main.py": SEED + START, "jobs/main.py": SEED + START}, None, "api/main.py and jobs/main.py all start"),
        ({"app.py": SEED + START, "worker.py": SEED + START}, None, "app.py and worker.py all start"),
        ({"jobs/main.py": SEED + START, "jobs/requirements.txt": ""}, None, "deploy with --root-dir jobs"),
        ({"app/main.py": ""}, "main.py", "did you mean app/main.py"),
        ({"flows/a.py": ""}, "python -m flows.main", "no flows/main.py"),
        (MAIN, "cd w && python main.py", "changes to w, which is not in the repo"),
        ({"w/a.py": ""}, "cd w && python main.py", "names w/main.py, which is not in the repo"),
        (MAIN, "../main.py", "not in the repo"),
        (MAIN, "flows:app", "no flows.py"),
    ],
)
def test_without_an_entry_point_the_error_says_how_to_name_it(
    files: dict[str, str], command: str | None, says: str
) -> None:
    with pytest.raises(BadSource, match=says):
        detect(tree_of(files), command)


def dependencies(**files: str) -> Dependencies | None:
    named = {name.replace("_txt", ".txt").replace("_toml", ".toml"): text for name, text in files.items()}
    return detect(tree_of({**MAIN, **named})).dependencies


def test_requirements_txt_is_given_to_pip() -> None:
    assert dependencies(requirements_txt="httpx\n") == Dependencies(
        "requirements.txt", "requirements.txt", {"requirements.txt": "httpx\n"}
    )


def test_requirements_txt_outranks_pyproject() -> None:
    found = dependencies(requirements_txt="httpx\n", pyproject_toml='[project]\ndependencies = ["rich"]')
    assert found is not None
    assert found.source == "requirements.txt"


@pytest.mark.parametrize("build", ["", '[build-system]\nrequires = ["hatchling"]\n'])
def test_of_pyproject_only_the_listed_dependencies_are_installed(build: str) -> None:
    text = build + '[project]\nname = "shop"\ndependencies = ["httpx>=0.28", "orchestrator-sdk"]\n'
    assert dependencies(pyproject_toml=text) == Dependencies(
        "pyproject.toml", "requirements.txt", {"requirements.txt": "httpx>=0.28\n"}
    )


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"requirements_txt": "# none yet\n"},
        {"requirements_txt": "orchestrator-sdk\n"},
        {"pyproject_toml": "[tool.ruff]\nline-length = 99\n"},
        {"pyproject_toml": '[project]\nname = "shop"\n'},
        {"pyproject_toml": '[tool.poetry.dependencies]\npython = "^3.11"\n'},
    ],
)
def test_a_repo_may_have_no_dependencies(files: dict[str, str]) -> None:
    assert dependencies(**files) is None


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"Dockerfile": "FROM x"}, "Dockerfile"),
        ({"pyproject.toml": "[project"}, "not valid TOML"),
        ({"pyproject.toml": '[project]\ndynamic = ["dependencies"]'}, "dynamic"),
        ({"pyproject.toml": '[project]\ndependencies = "httpx"'}, "list of strings"),
        ({"pyproject.toml": '[tool.poetry.dependencies]\nhttpx = "^1 || ^2"'}, "is not understood"),
        ({"pyproject.toml": "", "uv.lock": "[[package"}, "uv.lock cannot be read"),
    ],
)
def test_what_cannot_be_built_is_refused_with_the_way_out(files: dict[str, str], says: str) -> None:
    with pytest.raises(BadSource, match=says):
        detect(tree_of({**MAIN, **files}))


def test_a_src_layout_is_importable() -> None:
    assert detect(tree_of({**MAIN, "pyproject.toml": "", "src/shop/__init__.py": ""})).import_folders == ("src",)


@pytest.mark.parametrize(
    "files",
    [
        {"requirements.txt": "httpx\nrender_sdk>=0.6,<1\n"},
        {"pyproject.toml": '[project]\nname = "x"\ndependencies = ["httpx", "render_sdk>=0.6,<1"]\n'},
    ],
)
def test_the_official_package_is_installed_as_asked(files: dict[str, str]) -> None:
    project = detect(tree_of({"main.py": "app.start()", **files}))
    assert project.dependencies is not None
    assert "".join(project.dependencies.files.values()) == "httpx\nrender_sdk>=0.6,<1\n"
    assert project.notes == ()


BLUEPRINT = """
services:
  - type: web
    name: site
  - type: workflow
    name: jobs
    runtime: python
    rootDir: ./backend/
    buildCommand: pip install -r deps.txt && python fetch.py
    startCommand: python work.py
"""
BACKEND = {"backend/work.py": SEED, "backend/deps.txt": "httpx\n", "backend/fetch.py": "", "index.html": ""}


def test_a_blueprint_says_where_the_workflow_is_and_how_it_starts() -> None:
    project = detect(tree_of({**BACKEND, "render.yaml": BLUEPRINT}))
    assert (project.entry_point, project.root) == ("work.py", "backend")
    assert project.digest == tree_of({"deps.txt": "", "fetch.py": "", "work.py": ""}).digest()
    assert project.dependencies is not None
    assert project.dependencies.files == {"deps.txt": "httpx\n"}
    assert project.build_command == "pip install -r deps.txt && python fetch.py"
    assert project.notes == ("render.yaml starts backend/work.py",)


def test_what_is_given_outranks_the_blueprint() -> None:
    files = {**BACKEND, "main.py": "", "render.yaml": BLUEPRINT}
    project = detect(tree_of(files), "main.py", "make all")
    assert (project.entry_point, project.root, project.build_command) == ("main.py", "", "make all")


def test_a_blueprint_may_have_its_services_in_environments() -> None:
    services = "".join(f"        {line}\n" for line in BLUEPRINT.strip().splitlines())
    text = "projects:\n  - name: p\n    environments:\n      - name: e\n" + services
    assert detect(tree_of({**BACKEND, "render.yaml": text})).entry_point == "work.py"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("services: [", "render.yaml cannot be read"),
        ("services: [1]", "render.yaml cannot be read"),
        ("services:\n- {type: workflow, rootDir: gone}", "has rootDir gone, and there is no such folder"),
        (
            "services:\n- {type: workflow, name: a, startCommand: python a.py}\n- {type: workflow, name: b, rootDir: b}",
            "has 2 workflows: choose one with --name a --start-command 'python a.py'; or --name b --root-dir b",
        ),
    ],
)
def test_a_blueprint_that_does_not_tell_is_refused(text: str, says: str) -> None:
    with pytest.raises(BadSource, match=says):
        detect(tree_of({**MAIN, "render.yaml": text}))


@pytest.mark.parametrize("text", ["", "services:\n- {type: web, startCommand: gunicorn}", "# nothing"])
def test_a_blueprint_without_a_workflow_says_nothing(text: str) -> None:
    assert detect(tree_of({**MAIN, "render.yaml": text})).entry_point == "main.py"


def test_the_folder_of_a_file_that_is_started_is_importable() -> None:
    assert detect(tree_of({"jobs/main.py": SEED + START})).import_folders == ("jobs",)
    assert detect(tree_of({"src/main.py": SEED + START, "pyproject.toml": ""})).import_folders == ("src",)
    assert detect(tree_of({"jobs/main.py": SEED + START}), "jobs.main:app").import_folders == ()
