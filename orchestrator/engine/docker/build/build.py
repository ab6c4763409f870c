"""Images, built by the docker command with BuildKit."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from orchestrator.builder.detect.python_version import PythonWish
from orchestrator.builder.errors import BuildFailed
from orchestrator.builder.image.plan import LABEL_DIGEST, SECRET_CA, SECRET_NPM, SECRET_PIP, ImagePlan
from orchestrator.engine.docker.build.host_settings import HostSettings, read_host_settings
from orchestrator.engine.docker.build.progress import Progress

Log = Callable[[str], Awaitable[None]]
"""Takes one line for the person who deploys."""

SCRIPTS_DIR: Final = Path(__file__).parents[4] / "images"
LABEL_PYTHON: Final = "orchestrator.python"
ANY_PYTHON: Final = PythonWish()
BUILD_TIMEOUT_S: Final = 1_800.0
_STOP_S: Final = 10.0
_LINE_LIMIT_BYTES: Final = 1024 * 1024
_PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")


async def ensure_base(log: Log, wish: PythonWish = ANY_PYTHON) -> str:
    """The tag of the base image, made now if this host has none; that takes a minute. Raises BuildFailed, BadSource."""
    base = await _script("ensure-base", log)
    version = await _python_of(base)
    if not wish.is_met_by(version):
        base = await _script("ensure-base", log, *wish.candidates())
        version = await _python_of(base)
    if note := wish.note(version):
        await log(note)
    return base


async def _python_of(base: str) -> str:
    docker = await docker_cli(_quietly)
    return await _inspected(docker, base, f'{{{{index .Config.Labels "{LABEL_PYTHON}"}}}}') or ""


async def _quietly(_: str) -> None:
    """For what was told before."""


async def docker_cli(log: Log) -> str:
    """The path of a docker command whose BuildKit works. Raises BuildFailed."""
    return await _script("docker-cli", log)


async def build(plan: ImagePlan, context_dir: Path, log: Log, *, timeout_s: float = BUILD_TIMEOUT_S) -> str:
    """The id (``sha256:…``) of the plan's image, built from `context_dir` unless this host has it. Raises BuildFailed.

    Cancelling ends the build.
    """
    docker = await docker_cli(log)
    if existing := await _inspected(docker, plan.tag, "{{.Id}}"):
        await log("nothing changed: the image is there already")
        return existing
    try:
        async with asyncio.timeout(timeout_s):
            return await _build(docker, plan, context_dir, log)
    except TimeoutError as error:
        raise BuildFailed(
            f"the build took longer than {timeout_s:g} s and was stopped: install less, or wheels"
        ) from error


async def _build(docker: str, plan: ImagePlan, context_dir: Path, log: Log) -> str:
    host = await read_host_settings()
    progress = Progress(plan.dependency_source)
    # Outside the context: a secret in it could be copied into a layer.
    with tempfile.TemporaryDirectory(prefix="orchestrator-build-") as secrets:
        command = _command(docker, plan, context_dir, _write_files(Path(secrets), plan, host))
        environment = {**os.environ, "DOCKER_BUILDKIT": "1"}
        async with _running(*command, env=environment, stderr=STDOUT) as process:
            async for line in _lines(process.stdout):
                if shown := progress.feed(host.redact(line)):
                    await log(shown)
        if process.returncode != 0:
            raise BuildFailed(progress.reason())
        return (Path(secrets) / "image-id").read_text().strip()


def _write_files(folder: Path, plan: ImagePlan, host: HostSettings) -> Path:
    (folder / "Dockerfile").write_text(plan.dockerfile)
    (folder / SECRET_PIP).write_text(host.pip_conf)
    (folder / SECRET_NPM).write_text(host.npmrc)
    (folder / SECRET_CA).write_bytes(host.ca_bundle)
    return folder


def _command(docker: str, plan: ImagePlan, context_dir: Path, files: Path) -> list[str]:
    return [
        docker, "build", "--progress=plain",
        f"--file={files / 'Dockerfile'}",
        f"--iidfile={files / 'image-id'}",
        f"--tag={plan.tag}",
        f"--label={LABEL_DIGEST}={plan.digest}",
        *(f"--secret=id={name},src={files / name}" for name in (SECRET_PIP, SECRET_NPM, SECRET_CA)),
        # Known to BuildKit: such arguments are in no layer and change no cache key.
        *(f"--build-arg={name}" for name in _PROXIES if name in os.environ),
        str(context_dir),
    ]  # fmt: skip


async def _inspected(docker: str, tag: str, what: str) -> str | None:
    async with _running(docker, "image", "inspect", f"--format={what}", tag, stderr=DEVNULL) as process:
        printed = [line async for line in _lines(process.stdout)]
    return printed[0] if process.returncode == 0 and printed else None


async def _script(name: str, log: Log, *arguments: str) -> str:
    """Run one of images/: progress on stderr, the answer as the only line on stdout."""
    said: list[str] = []

    async def tell(stream: asyncio.StreamReader | None) -> None:
        async for line in _lines(stream):
            said.append(line)
            await log(line)

    async with _running(str(SCRIPTS_DIR / name), *arguments, stderr=PIPE) as process, asyncio.TaskGroup() as group:
        group.create_task(tell(process.stderr), name=f"progress of {name}")
        answer = [line async for line in _lines(process.stdout)]
    if process.returncode != 0 or not answer:
        raise BuildFailed("\n".join([f"{name} failed:", *said[-5:]]))
    return answer[-1]


@asynccontextmanager
async def _running(*command: str, stderr: int, env: dict[str, str] | None = None) -> AsyncIterator[Process]:
    """A command that has ended on leaving, one way or the other; Ctrl-C in our terminal does not reach it."""
    process = await asyncio.create_subprocess_exec(
        *command, stdin=DEVNULL, stdout=PIPE, stderr=stderr, env=env, limit=_LINE_LIMIT_BYTES, start_new_session=True
    )
    try:
        yield process
        await process.wait()
    finally:
        if process.returncode is None:
            await _stop(process)


async def _stop(process: Process) -> None:
    """End the command and all it started; BuildKit stops a build whose client goes."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
        try:
            async with asyncio.timeout(_STOP_S):
                await process.wait()
        except TimeoutError:
            os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


async def _lines(stream: asyncio.StreamReader | None) -> AsyncIterator[str]:
    """The lines of a command's output."""
    assert stream is not None, "the command was started with a pipe"
    while True:
        try:
            line = await stream.readline()
        except ValueError:  # a line above the limit: nobody reads that
            continue
        if not line:
            return
        yield line.decode(errors="replace").rstrip()
