from __future__ import annotations

import pytest

from orchestrator.builder.detect.build_command import left_to_run, requirements_file


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
        "npm install -g pnpm@9 && pnpm i && pnpm build", "bun install && bun run build",
    ],
)  # fmt: skip
def test_what_every_image_gets_is_not_run(command: str | None) -> None:
    assert left_to_run(command) is None


@pytest.mark.parametrize(
    "command",
    [
        "make", "./build.sh", "pip install .", "pip install -e .", "pip install humanize", "python manage.py migrate",
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
    assert requirements_file(command) == file
