"""User code finds the process that ``python main.py`` would give it, and so does whatever it starts."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from orchestrator_runtime import wire
from tests.runtime import fields
from tests.runtime.conftest import NOTHING, Launch, plain_environment
from tests.runtime.programs import code

LOOK = """
import json, multiprocessing, subprocess, sys
import fields

def everything():
    found = {"task": fields.here()}
    for method in ("fork", "spawn"):
        with multiprocessing.get_context(method).Pool(1, maxtasksperchild=1) as pool:
            found[method] = pool.map(fields.of_helper, [1])[0]
    helper = "import fields, json; print(json.dumps(fields.here()))"
    found["subprocess"] = json.loads(subprocess.check_output([sys.executable, "-c", helper]))
    return found

if __name__ == "__main__":
    if "orchestrator_runtime.host" in sys.modules:
        from orchestrator_sdk import Workflows
        app = Workflows()
        app.task(everything)
        app.start()
    else:
        print(json.dumps(everything()))
"""
OURS = ("/runtime", "/sdk", "/compat")
SETTINGS = {
    "PYTHONPATH": "extra:/nowhere",
    "PYTHONUTF8": "1",
    "PYTHONWARNINGS": "error::ResourceWarning",
    "PYTHONHASHSEED": "7",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONINTMAXSTRDIGITS": "5000",
    "PYTHON_CPU_COUNT": "1",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(fields.__file__, tmp_path / "fields.py")
    (tmp_path / "extra").mkdir()
    (tmp_path / "src").mkdir()
    shutil.copy(fields.__file__, tmp_path / "src")
    return tmp_path


async def both(launch: Launch, folder: Path, env: Mapping[str, str], command: str) -> tuple[Any, Any]:
    """What is found in a task and in a plain process."""
    file = "src/main.py" if "src" in command else "main.py"
    shim = await launch(LOOK, entry_point=command, file=file, env=env)
    await shim.assign("everything")
    found = (await shim.outcome("result")).value
    plain = await asyncio.create_subprocess_shell(
        command, cwd=folder, env={**plain_environment(folder), **env}, stdout=subprocess.PIPE, start_new_session=True
    )
    printed, _ = await plain.communicate()
    return found, json.loads(printed)


def differences(found: dict[str, Any], plain: dict[str, Any]) -> dict[str, Any]:
    return {name: (found[name], plain[name]) for name in plain if found[name] != plain[name]}


def without_what_must_differ(process: str, found: dict[str, Any], plain: dict[str, Any]) -> None:
    """Take away what the shim adds on purpose, and what no two processes have in common."""
    for name in (wire.ENV_WORKER_MODE, wire.ENV_WORKER_SOCKET):
        found["environment"].pop(name)
    for name in ("_", "PWD", "OLDPWD"):  # the shell's
        plain["environment"].pop(name, None)
    if process != "subprocess":
        count = len(plain["path"])
        added = {Path(one).name for one in found["path"][count:]}
        assert added <= {"runtime", "sdk", "compat", Path(plain["working directory"]).name}
        del found["path"][count:]
    if process == "task":
        (changed,) = (new for new, old in zip(found["signals"], plain["signals"], strict=True) if new != old)
        assert changed[0] == signal.SIGTERM
        del found["signals"], plain["signals"]
    for one in (found, plain):
        one["descriptors"] = 0 if process in ("task", "fork") else len(one["descriptors"])
        one["orig_argv"] = [re.sub("[0-9]+", "N", word) for word in one["orig_argv"]]
        if "PYTHONHASHSEED" not in plain["environment"]:
            one["hash"] = 0


@pytest.mark.parametrize("env", [NOTHING, SETTINGS], ids=["bare", "settings"])
@pytest.mark.parametrize("command", ["python main.py", "python src/main.py --option", "cd src && python main.py"])
async def test_a_task_and_its_helpers_find_what_plain_python_gives_them(
    launch: Launch, folder: Path, env: Mapping[str, str], command: str
) -> None:
    found, plain = await both(launch, folder, env, command)
    assert set(found) == {"task", "fork", "spawn", "subprocess"}
    for process in found:
        without_what_must_differ(process, found[process], plain[process])
        assert differences(found[process], plain[process]) == {}, process


@pytest.mark.parametrize(
    "hostile",
    [
        {"extra/sitecustomize.py": "import json; json.dumps = json.loads = None"},
        {"extra/sitecustomize.py": "raise SystemExit(3)"},
        {f"extra/{name}.py": "raise SystemExit(3)" for name in ("json", "socket", "threading", "orchestrator_runtime")},
    ],
    ids=["breaks json", "exits", "shadows"],
)
async def test_nothing_on_pythonpath_replaces_or_breaks_the_shim_before_it_runs(
    launch: Launch, folder: Path, hostile: dict[str, str]
) -> None:
    for name, text in hostile.items():
        (folder / name).write_text(text)
    shim = await launch("print('loaded')", env={"PYTHONPATH": str(folder / "extra")})
    if "exits" in str(hostile) or "raise" in hostile.get("extra/sitecustomize.py", ""):
        assert await shim.exit_code() == 3
    else:
        assert (await shim.outcome("error")).error.kind == "load"
        assert await shim.exit_code() == wire.EXIT_TASK_FAILED


async def test_a_module_app_can_use_a_pool_of_processes_too(launch: Launch, folder: Path) -> None:
    shim = await launch(LOOK.replace('if __name__ == "__main__":', "if True:"), entry_point="flow:app", file="flow.py")
    await shim.assign("everything")
    found = (await shim.outcome("result")).value
    assert found["spawn"]["main file"] is None
    assert found["task"]["argv"] == ["flow:app"]


CLEAN_UP = code("""
import fields, json, multiprocessing

@app.task
def wait():
    try:
        print("waiting")
        time.sleep(1000)
    finally:
        process = subprocess.Popen([sys.executable, "-c", "import time; print('up', flush=True); time.sleep(1000)"], stdout=-1)
        process.stdout.readline()
        process.terminate()
        print("helper", process.wait())
        with multiprocessing.get_context("fork").Pool(4, maxtasksperchild=1) as pool:
            ignored = {one["ignored by the kernel"] for one in pool.map(fields.of_helper, range(8))}
        print("pool", ignored == {fields.here()["ignored by the kernel"]}, ignored)
        child = os.fork()
        if not child:
            signal.pause()
        os.kill(child, signal.SIGTERM)
        print("fork", os.waitpid(child, 0)[1])
""")


async def test_what_a_task_starts_while_it_is_canceled_can_be_ended_with_sigterm(launch: Launch, folder: Path) -> None:
    shim = await launch(CLEAN_UP)
    await shim.assign("wait")
    await shim.prints("waiting")
    shim.process.send_signal(signal.SIGTERM)
    assert await shim.exit_code() == 128 + signal.SIGTERM
    told = [line for line in shim.output if line.split()[0] in ("helper", "fork")]
    assert sorted(told) == ["fork 15", "helper -15"]
    assert any(line.startswith("pool True") for line in shim.output)
