from __future__ import annotations

import pytest

from orchestrator.builder.detect.build_command import Installing, installing, left_to_run


@pytest.mark.parametrize(
    "command",
    [
        None, "", "  ", "pip install -r requirements.txt", "pip3 install -r ./requirements.txt",
        "pip install --upgrade pip && pip install -r requirements.txt", "python -m pip install --no-cache-dir -r reqs.txt",
        "pip install uv && uv sync --frozen", "uv sync", "uv sync --no-dev --frozen", "uv pip install -r requirements.txt",
        "pip install poetry==1.8.2; poetry install --no-root", "poetry install --only main", "pipenv install --deploy",
        "poetry config virtualenvs.create false && poetry install", "npm ci", "npm install && npm run build",
        "npm ci --omit=dev\nnpm run build", "uv venv && source .venv/bin/activate && uv pip install -r requirements.txt",
        "yarn", "yarn install --frozen-lockfile && yarn build", "corepack enable && pnpm install --frozen-lockfile; pnpm run build",
        "npm install -g pnpm@9 && pnpm i && pnpm build", "bun install && bun run build", "pip install .",
        "pip install -e '.[a, b]'", "pip install pdm && pdm install --prod", "poetry install -E worker --with jobs,more -n",
        "uv lock && uv sync",
    ],
)  # fmt: skip
def test_what_every_image_gets_is_not_run(command: str | None) -> None:
    assert left_to_run(command) is None


@pytest.mark.parametrize(
    "command",
    [
        "make", "./build.sh", "pip install ./pkg", "pip install humanize", "uv sync --project sub", "pipenv install httpx",
        "python manage.py migrate",
        "pip install -r requirements.txt && python fetch.py", "cd sub && pip install -r requirements.txt",
        "pip install -r $FILE; rm -rf x", "npm run other", "apt-get install x", "yarn workspace a build", "pnpm test", "bun add x",
    ],
)  # fmt: skip
def test_another_command_is_run_as_it_is(command: str) -> None:
    assert left_to_run(f" {command}\n") == command


@pytest.mark.parametrize(
    ("command", "file"),
    [
        ("pip install -r deps/prod.txt", "deps/prod.txt"),
        ("pip install -U pip && pip install --no-cache-dir -r ./r.txt", "r.txt"),
        ("uv pip install --requirement=r.txt && make", "r.txt"),
        ("uv sync", None),
        (None, None),
    ],
)
def test_the_file_given_to_pip_is_the_one_the_command_names(command: str | None, file: str | None) -> None:
    assert installing(command).requirements == file


@pytest.mark.parametrize(
    ("command", "tool", "options"),
    [
        ("uv sync", "uv", ()),
        ("pip install uv && uv sync --frozen --extra worker -q", "uv", ("--frozen", "--extra", "worker")),
        ("uv sync --all-packages && python fetch.py", "uv", ("--all-packages",)),
        ("poetry install --no-root -E 'a b' --with x,y -n", "poetry", ("--no-root", "-E", "a b", "--with", "x,y")),
        ("poetry install --no-dev", "poetry", ("--only", "main")),
        ("pdm sync --prod -G worker", "pdm", ("--prod", "-G", "worker")),
        ("pipenv install --deploy --system --categories jobs", "pipenv", ("--categories", "jobs")),
    ],
)  # fmt: skip
def test_what_a_command_chooses_of_a_project_is_known(command: str, tool: str, options: tuple[str, ...]) -> None:
    assert installing(command) == Installing(tool, options)


@pytest.mark.parametrize(
    "command", ["uv sync --project sub", "poetry install --what", "uv sync 'x", "pipenv install httpx"]
)
def test_an_option_that_is_not_known_leaves_the_command_to_be_run(command: str) -> None:
    assert installing(command) == Installing()
    assert left_to_run(command) == command


@pytest.mark.parametrize(
    ("command", "extras"),
    [("pip install .", ()), ('pip install -e ".[a,b-c]"', ("a", "b-c")), ("uv pip install -e .[a]", ("a",))],
)
def test_a_repo_may_be_installed_itself(command: str, extras: tuple[str, ...]) -> None:
    assert installing(command) == Installing(itself=True, extras=extras)
