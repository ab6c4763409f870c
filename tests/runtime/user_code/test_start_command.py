"""What a start command starts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator_runtime.user_code.start_command import Start, parse


@pytest.mark.parametrize(
    ("command", "start"),
    [
        ("main.py", Start("file", "main.py")),
        ("  python main.py ", Start("file", "main.py")),
        ("python3.12 -u src/main.py", Start("file", "src/main.py")),
        ("/usr/bin/python3 main.py --verbose 'a b'", Start("file", "main.py", ("--verbose", "a b"))),
        ("'my main.py'", Start("file", "my main.py")),
        ("python 'main (copy).py' x", Start("file", "main (copy).py", ("x",))),
        ('python "my jobs/main.py"', Start("file", "my jobs/main.py")),
        ("cd 'my jobs' && python main.py", Start("file", "main.py", folder="my jobs")),
        ("uv run main.py", Start("file", "main.py")),
        ("uv run --frozen --no-dev python main.py", Start("file", "main.py")),
        ("poetry run python main.py", Start("file", "main.py")),
        ("python -m workflows.main", Start("module", "workflows.main")),
        ("uv run python -m workflow.main --x", Start("module", "workflow.main", ("--x",))),
        ("flows:app", Start("app", "flows:app")),
        ("render-workflows main:app", Start("app", "main:app")),
        ("uv run render-workflows a.b:flows", Start("app", "a.b:flows")),
        ("cd hello-world && python main.py", Start("file", "main.py", folder="hello-world")),
        ("cd a/b && render-workflows main:app", Start("app", "main:app", folder="a/b")),
    ],
)
def test_python_programs_are_understood(command: str, start: Start) -> None:
    assert parse(command) == start


@pytest.mark.parametrize(
    ("command", "program"),
    [
        ("node dist/index.js", "node dist/index.js"),
        ("./run.sh", "./run.sh"),
        ("npm run start:workflows", "npm run start:workflows"),
        ("python -c 'import main'", "python -c 'import main'"),
        ("python main.py | tee log", "python main.py | tee log"),
        ("python $FILE", "python $FILE"),
        ('python "$FILE.py"', 'python "$FILE.py"'),
        ("python 'main.py", "python 'main.py"),
        ("A=1 python main.py", "A=1 python main.py"),
        ("uv run node index.js", "node index.js"),
        ("alembic upgrade head && python main.py", "alembic upgrade head && python main.py"),
    ],
)
def test_everything_else_is_a_program_for_the_shell(command: str, program: str) -> None:
    assert parse(command) == Start("program", program)


@given(st.text())
def test_no_text_is_too_strange_to_be_a_program(command: str) -> None:
    assert parse(command).kind in ("file", "module", "app", "program")
