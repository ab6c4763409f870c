from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import orchestrator_sdk

SDK = Path(orchestrator_sdk.__file__).parents[1]


def run(program: str) -> str:
    """What a program prints for which nothing but the SDK is installed."""
    bare = f"import sys; sys.path.append({str(SDK)!r})\n{program}"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", bare], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_task_file_loads_nothing_slow() -> None:
    slow = "{'asyncio', 'inspect', 'dataclasses', 'typing', 'json', 'logging', 'httpx', 'concurrent.futures'}"
    program = "from orchestrator_sdk import Retry, TaskContext, Workflows"
    assert run(f"{program}\nprint({slow} & set(sys.modules))") == "set()"


def test_defining_a_task_loads_nothing_slow_either() -> None:
    program = "from orchestrator_sdk import Workflows\napp = Workflows()\n@app.task\ndef f(a: int) -> int: return a\n"
    assert run(f"{program}\nprint({{'asyncio', 'inspect', 'json', 'typing'}} & set(sys.modules))") == "set()"


def test_calling_a_plain_task_loads_nothing_slow_either() -> None:
    program = (
        "from orchestrator_sdk import TaskContext, Workflows\napp = Workflows()\n@app.task\n"
        "def f(run: TaskContext, a: int, b: list[str] | None = None) -> int: return a\n"
        "facts = {'run_id': '', 'root_run_id': '', 'parent_run_id': None, 'attempt': 0}\n"
        "assert app.call('f', [1, ['x']], facts) == 1\n"
    )
    slow = "{'asyncio', 'inspect', 'json', 'typing', 'dataclasses', 'datetime', 're', 'enum'}"
    assert run(f"{program}\nprint({slow} & set(sys.modules))") == "set()"


def test_a_client_without_httpx_says_what_to_install() -> None:
    program = (
        "try:\n  from orchestrator_sdk import Client\nexcept ImportError as error: print(type(error).__name__, error)"
    )
    printed = run(program)
    assert printed.startswith("MissingDependencyError Client needs httpx")
    assert "pip install httpx" in printed


def test_models_and_errors_need_no_httpx() -> None:
    assert run("from orchestrator_sdk import TaskRun, TaskRunError; print(TaskRun.__name__)") == "TaskRun"


def test_every_public_name_exists() -> None:
    assert all(hasattr(orchestrator_sdk, name) for name in orchestrator_sdk.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(orchestrator_sdk, "Nothing")
    assert not hasattr(orchestrator_sdk.client, "Nothing")
