from __future__ import annotations

import asyncio
import json
import subprocess
from dataclasses import replace
from typing import Any

import pytest

from orchestrator.engine.docker.create_body import create_body
from orchestrator.engine.docker.run_line import run_line
from tests.engine.docker.test_create_body import SPEC


def test_variables_of_whoever_runs_it_are_named_without_values() -> None:
    line = run_line(SPEC, handed_on=["TOKEN"])
    assert line[line.index("TOKEN") - 1] == "--env"


def test_files_are_read_only() -> None:
    line = run_line(SPEC, files={"/run/input.json": "/tmp/x.json"})
    assert "type=bind,source=/tmp/x.json,target=/run/input.json,readonly" in line


def test_nothing_of_the_channel_is_in_it() -> None:
    assert "/run/orchestrator" not in " ".join(run_line(SPEC))


@pytest.mark.docker
async def test_docker_makes_of_it_what_a_run_gets(base_image: str) -> None:
    spec = replace(SPEC, image=base_image, network="none", mounts=())
    words = [word for word in run_line(spec) if word != "--rm"]
    made = await asyncio.to_thread(_output, [words[0], "create", *words[2:]])
    try:
        inspected = json.loads(await asyncio.to_thread(_output, ["docker", "inspect", made.strip()]))[0]
    finally:
        await asyncio.to_thread(_output, ["docker", "rm", "-f", made.strip()])
    wanted = create_body(spec)
    same = wanted["HostConfig"].keys() - {"LogConfig", "Mounts", "RestartPolicy"}
    assert _of(inspected["HostConfig"], same) == _of(wanted["HostConfig"], same)
    assert (inspected["Config"]["User"], inspected["Config"]["WorkingDir"]) == (wanted["User"], wanted["WorkingDir"])


def _of(host_config: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """Those fields; lists in order, for Docker sorts some."""
    found = {name: host_config[name] for name in names}
    return {name: sorted(value, key=str) if isinstance(value, list) else value for name, value in found.items()} | {
        "Ulimits": sorted((one["Name"], one["Soft"], one["Hard"]) for one in host_config["Ulimits"])
    }


def _output(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
