"""What is left of Python in images whose program is Node's alone."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = "/opt/venv/bin/python -S"

pytestmark = pytest.mark.docker

IMPORT_ALL = """
import ast, importlib, pathlib, sys
sys.path.insert(0, "/opt/orchestrator/runtime")
def imported(node):
    if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
        return set()
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {node.module}
    return set().union(*map(imported, ast.iter_child_nodes(node)), set())
files = [*pathlib.Path("/runtime").rglob("*.py")]
names = set().union(*(imported(ast.parse(file.read_text())) for file in files))
for name in sorted(name for name in names if not name.startswith("orchestrator_") and name != "asyncio"):
    importlib.import_module(name)
print(len(files) > 20, "json" in names)
"""


@cache
def base() -> str:
    tag = subprocess.check_output([ROOT / "images" / "ensure-base"], text=True).strip()
    label = '{{index .Config.Labels "orchestrator.bootstrapped"}}'
    said = subprocess.check_output(["docker", "image", "inspect", f"--format={label}", tag], text=True)
    if not said.strip():
        pytest.skip("this base came from a registry")
    return tag


def after(script: str) -> str:
    """What a shell prints in a base without Python."""
    mounts = (
        f"--volume={ROOT}/images/on-demand/without-python:/run/without-python:ro",
        f"--volume={ROOT}/runtime/orchestrator_runtime:/runtime:ro",
    )
    command = ["docker", "run", "--rm", "--network=none", "--interactive", *mounts, base(), "sh", "-e", "-s"]
    done = subprocess.run(
        command, input=f"sh /run/without-python\n{script}", capture_output=True, text=True, timeout=150, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_shim_finds_all_that_it_imports_but_what_tasks_of_pythons_need() -> None:
    assert after(f"{PYTHON} - <<'end'\n{IMPORT_ALL}\nend\n") == "True True\n"


def test_what_lies_beside_the_shim_is_compiled() -> None:
    look = "import json.decoder, shlex; print(json.decoder.__cached__, shlex.__cached__)"
    printed = after(f"cd /opt/orchestrator/runtime; ls $({PYTHON} -B -c '{look}')")
    assert len(printed.splitlines()) == 2


def test_the_system_knows_what_it_has_and_installs_more() -> None:
    printed = after(
        "dpkg --audit\napt-get check -qq 2>&1 | grep -v sources.list || true\ncommand -v python3 || echo none"
    )
    assert printed == "none\n"
