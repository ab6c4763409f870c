"""What only an orchestrator that runs can tell: that it answers, and what its versions need."""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator.cli.doctor.checks import Check, Verdict
from orchestrator.cli.doctor.machine import Machine
from orchestrator.cli.errors import CliError
from orchestrator.cli.instance.daemon import data_dir_option, stop_command
from orchestrator.cli.instance.instance import Instance


def examine(instance: Instance, machine: Machine) -> Iterator[Check]:
    """Nothing where no orchestrator runs."""
    if instance.data_dir.endpoint() is None:
        return
    option = data_dir_option(instance.data_dir)
    try:
        images = _images(instance)
    except CliError as error:
        restart = f"{stop_command(instance.data_dir)}; orchestrator up --detach{option}"
        yield Check("orchestrator", Verdict.FAIL, f"it runs, and {error}", restart)
        return
    yield Check("orchestrator", Verdict.OK, f"it answers at {instance.data_dir.endpoint()}")
    if images:
        yield _there(images, machine, option)


def _images(instance: Instance) -> dict[str, str]:
    """By workflow, the image that its newest ready version runs in."""
    with instance.connect() as api:
        slugs = {one.id: one.slug for one in api.workflows()}
        oldest_first = reversed(list(api.versions()))
    ready = (one for one in oldest_first if one.status == "ready" and one.raw.get("image"))
    return {slugs[one.workflow_id]: one.raw["image"] for one in ready if one.workflow_id in slugs}


def _there(images: dict[str, str], machine: Machine, option: str) -> Check:
    said = machine.ask("docker", "image", "inspect", "--format", "{{.Id}}", *sorted(set(images.values()))).output
    missing = sorted(name for name, image in images.items() if f"No such image: {image}" in said)
    if not missing:
        return Check("images", Verdict.OK, f"of {len(images)} workflow{'s' if len(images) > 1 else ''}: there")
    message = f"gone, removed by something else: that of {', '.join(missing)}"
    return Check("images", Verdict.FAIL, message, f"orchestrator deploy FOLDER --name {missing[0]}{option}")
