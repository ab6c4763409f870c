"""A build and a run, start to end, as a user's would be: what `doctor --deep` does. Nothing of it stays."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from orchestrator.app.data_dir import DataDir
from orchestrator.cli.doctor.checks import Check, Verdict
from orchestrator.cli.doctor.machine import Machine
from orchestrator.cli.errors import CliError
from orchestrator.cli.instance import configuration, daemon
from orchestrator.cli.instance.instance import Instance
from orchestrator.cli.views import state
from orchestrator.engine.docker.faults import fix_for

if TYPE_CHECKING:
    from orchestrator.app.settings import Settings

_BUILD_TIMEOUT_S: Final = 300.0
_RUN_DEADLINE_S: Final = 120
_PACKAGE: Final = "six"
"""Small, without dependencies of its own, and in every index."""
_MAIN: Final = '''"""{nonce}: what doctor builds is never there already."""

from orchestrator_sdk import Workflows

app = Workflows()


@app.task(plan="starter")
def has_a_way_out() -> bool:
    return any(line.split()[1] == "00000000" for line in open("/proc/net/route"))


if __name__ == "__main__":
    app.start()
'''


def examine(instance: Instance, settings: Settings, machine: Machine) -> Iterator[Check]:
    """Each step as it is done; the first that fails is the last."""
    with ExitStack() as stack:
        trial = _Trial(instance, settings, machine, stack)
        for name, step in (
            ("trial: start", trial.start),
            ("trial: build", trial.build),
            ("trial: run", trial.run),
            ("trial: packages", trial.build_with_packages),
        ):
            check = _timed(name, step, machine)
            yield check
            if check.verdict is Verdict.FAIL:
                return


def _timed(name: str, step: Callable[[], str], machine: Machine) -> Check:
    began_s = machine.now_s()
    try:
        done = step()
    except CliError as error:
        said = str(error).partition("\nhint: ")[0]
        fix = fix_for(str(error)) or error.hint or "orchestrator doctor  (without --deep it looks at each part alone)"
        return Check(name, Verdict.FAIL, f"after {machine.now_s() - began_s:.1f} s: {said}", fix)
    return Check(name, Verdict.OK, f"{done} ({machine.now_s() - began_s:.1f} s)")


class _Trial:
    """The steps, in order; `stack` takes away what they make."""

    def __init__(self, instance: Instance, settings: Settings, machine: Machine, stack: ExitStack) -> None:
        self._instance = instance
        self._settings = settings
        self._machine = machine
        self._stack = stack
        self._workflow = f"doctor-{secrets.token_hex(4)}"

    def start(self) -> str:
        """The orchestrator that runs, or one of its own for as long as the trial takes."""
        if url := self._instance.data_dir.endpoint():
            return f"the orchestrator at {url} is there"
        if self._settings.store_url or self._settings.channel_url:
            raise CliError("with Redis servers of yours only a running one can be tried", "orchestrator up --detach")
        data_dir = DataDir(self._instance.data_dir.path / "doctor")
        self._stack.callback(shutil.rmtree, data_dir.path, ignore_errors=True)
        given = {"port": 0, "build_timeout_s": _BUILD_TIMEOUT_S}
        own = daemon.start(data_dir, configuration.environment(configuration.read(data_dir.path, given)))
        self._stack.callback(daemon.stop, data_dir)
        self._instance = Instance(data_dir)
        return f"an orchestrator for the trial serves {own.url}"

    def build(self) -> str:
        """An image that was never built before."""
        self._stack.callback(self._forget)
        self._deploy({"main.py": _MAIN.format(nonce=secrets.token_hex(8))})
        return "an image was built, and its tasks registered"

    def run(self) -> str:
        """A task in a container."""
        from orchestrator.cli import watching

        with self._instance.connect() as api:
            started = api.start(f"{self._workflow}/has_a_way_out", [], deadline_s=_RUN_DEADLINE_S)
            run = watching.until_over(api, [started.id], lambda _: None)[0].run
        if run["status"] not in state.SUCCESS:
            raise CliError(f"the run {run['status']}: {state.error(run) or 'no reason is known'}")
        if not state.result(run) and self._settings.network != "none":
            raise CliError("the run's container has no default route: network is unreachable")
        return "a container ran a task and answered"

    def build_with_packages(self) -> str:
        """An image with a package of the index."""
        code = _MAIN.format(nonce=secrets.token_hex(8))
        self._deploy({"main.py": code, "requirements.txt": f"{_PACKAGE}\n"})
        return f"an image with {_PACKAGE} from the package index was built"

    def _deploy(self, files: dict[str, str]) -> None:
        from orchestrator.cli.commands.deploy import send
        from orchestrator.cli.input import source

        with tempfile.TemporaryDirectory(prefix="orchestrator-doctor-") as folder:
            for name, text in files.items():
                (Path(folder) / name).write_text(text)
            archive = source.packed(folder)
        send(self._instance, self._workflow, {"archive": archive, "source": "orchestrator doctor"})

    def _forget(self) -> None:
        """The workflow, and the images of its versions, whatever became of them."""
        with suppress(CliError), self._instance.connect() as api:
            images = {one.raw.get("image") for one in api.versions(workflow=api.workflow(self._workflow).id)}
            api.delete_workflow(self._workflow)
            for image in filter(None, images):
                self._machine.ask("docker", "image", "rm", "--force", image)
