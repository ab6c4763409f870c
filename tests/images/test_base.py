"""The base image: what every task image, and so every run, may count on."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest

IMAGES = Path(__file__).resolve().parents[2] / "images"
RUN_LIKE_A_TASK = ("--user", "65534:65534", "--read-only", "--tmpfs", "/tmp", "--network", "none", "--cap-drop", "ALL")

pytestmark = pytest.mark.docker


def call(*command: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=150, check=False, env={**os.environ, **env})


def output_of(*command: str) -> str:
    done = call(*command)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@cache
def docker() -> str:
    return output_of(str(IMAGES / "docker-cli"))


@cache
def base_tag() -> str:
    return output_of(str(IMAGES / "ensure-base"))


def in_task(*command: str) -> str:
    return output_of(docker(), "run", "--rm", *RUN_LIKE_A_TASK, base_tag(), *command)


def in_build(*command: str) -> str:
    return output_of(docker(), "run", "--rm", "--network", "none", base_tag(), *command)


def test_python_runs_unprivileged_on_a_read_only_file_system() -> None:
    assert in_task("python", "-c", "import os, sys; print(os.getuid(), sys.version_info >= (3, 11))") == "65534 True"


def test_python_is_the_one_of_the_virtual_environment_also_without_site() -> None:
    assert in_task("python", "-c", "import sys; print(sys.prefix)") == "/opt/venv"
    assert in_task("/opt/venv/bin/python", "-I", "-S", "-c", "print('started')") == "started"


def test_what_programs_expect_of_a_python_is_there() -> None:
    look = (
        "import asyncio, bz2, ctypes, lzma, readline, sqlite3, ssl, zlib, zoneinfo\n"
        "authorities = ssl.create_default_context().cert_store_stats()['x509']\n"
        "print(zoneinfo.ZoneInfo('Europe/Berlin'), authorities > 50)"
    )
    assert in_task("python", "-c", look) == "Europe/Berlin True"


def test_the_standard_library_is_compiled() -> None:
    count_uncompiled = (
        "import importlib.util as u, pathlib, sysconfig\n"
        "files = [f for f in pathlib.Path(sysconfig.get_path('stdlib')).rglob('*.py')\n"
        "         if not {'test', 'tests', 'site-packages', 'dist-packages'} & set(f.parts)]\n"
        "missing = [f for f in files if not pathlib.Path(u.cache_from_source(str(f))).exists()]\n"
        "print(len(files) > 500, missing)"
    )
    assert in_task("python", "-c", count_uncompiled) == "True []"


def test_home_and_the_temporary_directory_are_writable_for_a_task() -> None:
    assert in_task("sh", "-c", 'mkdir -p "$HOME" && touch "$HOME/a" /tmp/b && echo "$HOME"') == "/tmp/home"


def test_the_virtual_environment_takes_packages() -> None:
    wheel = "/tmp/greeting-1-py3-none-any.whl"
    make_wheel = f"""
import zipfile
with zipfile.ZipFile("{wheel}", "w") as wheel:
    wheel.writestr("greeting.py", "word = 'hello'")
    wheel.writestr("greeting-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: greeting\\nVersion: 1\\n")
    wheel.writestr("greeting-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr("greeting-1.dist-info/RECORD", "")
"""
    use_it = f"pip install --quiet --no-index {wheel} && python -c 'import greeting; print(greeting.word, greeting.__file__)'"
    printed = in_build("sh", "-c", f'python -c "$0" && {use_it}', make_wheel)
    assert printed.startswith("hello /opt/venv/")


def test_no_trace_of_the_mirror_is_left() -> None:
    if call(docker(), "image", "inspect", "python:3.12-slim").returncode == 0:
        pytest.skip("this base came from a registry")
    uris = output_of("apt-get", "indextargets", "--format", "$(REPO_URI)").splitlines()
    hosts = sorted({host for uri in uris if (host := urlsplit(uri).hostname)})
    patterns = [argument for host in hosts for argument in ("-e", host)]
    grep = ("grep", "-rlF", *patterns, "/etc", "/var", "/opt", "/root")
    search = call(docker(), "run", "--rm", "--network", "none", base_tag(), *grep)
    assert hosts
    assert (search.returncode, search.stdout) == (1, "")


def test_asking_again_answers_with_the_same_tag_and_says_nothing() -> None:
    again = call(str(IMAGES / "ensure-base"))
    assert (again.stdout.strip(), again.stderr) == (base_tag(), "")


def test_a_chosen_python_image_is_built_on_and_not_replaced() -> None:
    chosen = call(str(IMAGES / "ensure-base"), ORCHESTRATOR_PYTHON_IMAGE=base_tag())
    assert chosen.returncode == 0, chosen.stderr
    tag = chosen.stdout.strip()
    try:
        assert tag != base_tag()
        assert f"Building {tag} on {base_tag()}" in chosen.stderr
    finally:
        output_of(docker(), "tag", base_tag(), "orchestrator-base:py3")
        output_of(docker(), "image", "rm", tag)


def test_a_chosen_python_image_that_cannot_be_had_is_named() -> None:
    refused = call(str(IMAGES / "ensure-base"), ORCHESTRATOR_PYTHON_IMAGE="127.0.0.1:9/no/such:image")
    assert refused.returncode != 0
    assert "ORCHESTRATOR_PYTHON_IMAGE=127.0.0.1:9/no/such:image is neither here nor to be had" in refused.stderr
    assert refused.stdout == ""


def test_no_engine_is_said_with_the_way_out() -> None:
    refused = call(str(IMAGES / "ensure-base"), DOCKER_HOST="unix:///nowhere/docker.sock")
    assert refused.returncode != 0
    assert "no Docker engine answers" in refused.stderr
    assert "make setup" in refused.stderr
