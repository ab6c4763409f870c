"""Images, built by the docker command with BuildKit."""

from __future__ import annotations

import asyncio
import os
import tempfile
from asyncio.subprocess import STDOUT
from pathlib import Path
from typing import Final

from orchestrator.core.image import (
    REPOSITORY,
    SECRET_APT_CONF,
    SECRET_APT_LIST,
    SECRET_APT_SOURCES,
    SECRET_CA,
    SECRET_NPM,
    SECRET_PIP,
    ImageSpec,
)
from orchestrator.engine.base import BUILD_TIMEOUT_S, THERE_ALREADY, BuildFailed, Log
from orchestrator.engine.docker.build.base import docker_cli, inspected
from orchestrator.engine.docker.build.command import lines, running
from orchestrator.engine.docker.build.host_settings import HostSettings, read_host_settings
from orchestrator.engine.docker.build.progress import Progress
from orchestrator.engine.docker.faults import with_fix

LABEL_DIGEST: Final = "orchestrator.digest"
_SECRETS: Final = (SECRET_PIP, SECRET_NPM, SECRET_CA, SECRET_APT_LIST, SECRET_APT_SOURCES, SECRET_APT_CONF)
_READS_OURS: Final = (
    f"the Dockerfile reads an image called {REPOSITORY}, which holds the code of some workflow: name another, or build the files "
    "that both need into an image of their own"
)
_PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")


async def build(
    image: ImageSpec, context_dir: Path, log: Log, *, timeout_s: float = BUILD_TIMEOUT_S, cgroup_parent: str = ""
) -> str:
    """The id (``sha256:…``) of the image, built from `context_dir` unless this host has it. Raises BuildFailed.

    Cancelling ends the build. Its steps run below `cgroup_parent`, where Docker lets us say so.
    """
    docker = await docker_cli(log)
    if existing := await inspected(docker, image.tag, "{{.Id}}"):
        await log(THERE_ALREADY)
        return existing
    try:
        async with asyncio.timeout(timeout_s):
            return await _build(docker, image, context_dir, log, cgroup_parent)
    except TimeoutError as error:
        raise BuildFailed(
            f"the build took longer than {timeout_s:g} s and was stopped: install less, or wheels"
        ) from error


async def _build(docker: str, image: ImageSpec, context_dir: Path, log: Log, cgroup_parent: str) -> str:
    host = (await read_host_settings()).hiding(image.secrets.values())
    progress = Progress()
    # Outside the context: a secret in it could be copied into a layer.
    with tempfile.TemporaryDirectory(prefix="orchestrator-build-") as secrets:
        files = _write_files(Path(secrets), image, host)
        command = [*_command(docker, image, files), *_below(cgroup_parent), str(context_dir)]
        environment = {**os.environ, "DOCKER_BUILDKIT": "1"}
        async with running(*command, env=environment, stderr=STDOUT) as process:
            async for line in lines(process.stdout):
                shown = progress.feed(host.redact(line))
                if image.cache_owner and progress.reads_ours:
                    raise BuildFailed(_READS_OURS)
                if shown:
                    await log(shown)
        if process.returncode != 0:
            raise BuildFailed(with_fix(progress.reason()))
        return (Path(secrets) / "image-id").read_text().strip()


def _write_files(folder: Path, image: ImageSpec, host: HostSettings) -> Path:
    (folder / "Dockerfile").write_text(image.dockerfile)
    (folder / SECRET_PIP).write_text(host.pip_conf)
    (folder / SECRET_NPM).write_text(host.npmrc)
    (folder / SECRET_CA).write_bytes(host.ca_bundle)
    (folder / SECRET_APT_LIST).write_text(host.apt.one_line)
    (folder / SECRET_APT_SOURCES).write_text(host.apt.deb822)
    (folder / SECRET_APT_CONF).write_text(host.apt.conf)
    for name, value in image.secrets.items():
        (folder / _secret_file(name)).write_text(value)
    return folder


def _secret_file(name: str) -> str:
    """Apart from those of ours, whatever it is called."""
    return f"secret-{name}"


def _below(cgroup_parent: str) -> list[str]:
    return [f"--cgroup-parent={cgroup_parent}"] if cgroup_parent else []


def _command(docker: str, image: ImageSpec, files: Path) -> list[str]:
    return [
        docker, "build", "--progress=plain",
        f"--file={files / 'Dockerfile'}",
        f"--iidfile={files / 'image-id'}",
        f"--tag={image.tag}",
        f"--label={LABEL_DIGEST}={image.digest}",
        *(f"--secret=id={name},src={files / name}" for name in _SECRETS),
        *(f"--secret=id={name},src={files / _secret_file(name)}" for name in image.secrets),
        *(f"--build-arg={name}={value}" for name, value in image.build_args.items()),
        *((f"--build-arg=BUILDKIT_CACHE_MOUNT_NS={image.cache_owner}",) if image.cache_owner else ()),
        # Known to BuildKit: such arguments are in no layer and change no cache key.
        *(f"--build-arg={name}" for name in _PROXIES if name in os.environ),
    ]  # fmt: skip
