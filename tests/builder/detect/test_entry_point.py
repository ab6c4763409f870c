from __future__ import annotations

import pytest

from orchestrator.builder.detect.options import Options
from orchestrator.builder.detect.project import detect
from orchestrator.builder.errors import BadSource
from tests.builder.detect.repos import COMBINED, MAIN, SEED, START, tree_of


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
        (MAIN, "python -m main", "python -m main"),
        (MAIN, "./start.sh --fast && true", "./start.sh --fast && true"),
        (MAIN, "node index.js", "node index.js"),
        ({"my main.py": START}, None, "'my main.py'"),
        ({"my jobs/main (copy).py": SEED + START}, None, "'my jobs/main (copy).py'"),
        ({"my main.py": START}, "python 'my main.py'", "'my main.py'"),
        ({"my jobs/main.py": START}, "cd 'my jobs' && python main.py", "cd 'my jobs' && python main.py"),
        (MAIN, "uv run python -m 'my jobs'", "python -m 'my jobs'"),
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
        ({"main.py": SEED}, None, "main:app"),
        ({"main.py": SEED}, "python main.py", "main:app"),
        ({"main.py": SEED + "serve(app.start)\n"}, None, "main:app"),
        ({"main.py": SEED + "getattr(x, 'a').start()\n"}, None, "main.py"),
        ({"jobs/main.py": "from . import x\n" + SEED + START, "jobs/x.py": ""}, None, "python -m jobs.main"),
        ({"jobs/main.py": "from . import x\n" + SEED + START, "jobs/x.py": ""}, "python jobs/main.py", "jobs/main.py"),
        ({"my jobs/main.py": "from . import x\n" + SEED + START}, None, "'my jobs/main.py'"),
        ({"a/b.py": ""}, "a/b.py", "a/b.py"),
        ({"a/b.py": ""}, "a.b:app", "a.b:app"),
        ({"src/a/__init__.py": ""}, "a:flows", "a:flows"),
        ({"w/main.py": ""}, "cd w && python main.py", "cd w && python main.py"),
        (MAIN, "python -m installed.package", "python -m installed.package"),
    ],
)
def test_the_entry_point_is_found(files: dict[str, str], command: str | None, entry_point: str) -> None:
    assert detect(tree_of(files), Options(command or "")).entry_point == entry_point


@pytest.mark.parametrize(
    ("files", "command", "says"),
    [
        ({"lib.py": "x = 1"}, None, "no file of the repo names orchestrator_sdk or .*: add `from orchestrator_sdk"),
        ({"lib.py": "import render_sdk  # app.start()"}, None, "no other file calls .* --start-command"),
        ({"a.py": "import render_sdk", "tasks.py": ""}, None, "--start-command, like tasks.py$"),
        ({"vote/app.py": "import render", "vote/requirements.txt": ""}, None, "like app.py; or .*--root-dir vote$"),
        ({"package.json": "{}", "b/package.json": "", "a/pyproject.toml": ""}, None, r"--root-dir a \(or b\)$"),
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
        detect(tree_of(files), Options(command or ""))
