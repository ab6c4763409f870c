"""Where tests live: beside nothing but their own module, and no folder so full that one has to search it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.leftovers import ROOT

TREES = {
    "orchestrator": "tests",
    "runtime/orchestrator_runtime": "tests/runtime",
    "sdk/orchestrator_sdk": "tests/sdk",
    "sdk/compat/render_sdk": "tests/sdk/compat",
}
"""Where the tests of each tree of sources are."""

WITHOUT_A_NAMESAKE = {
    "orchestrator/__main__.py": "what is started: tests/host/test_apart.py, and every test of tests/e2e",
    # shapes and names: there is nothing to go wrong but in those who use them
    "orchestrator/api/deps.py": "what routes are given: every test of the API",
    "orchestrator/api/schemas/": "shapes: tests/api/support/wire.py holds every answer to what is declared",
    "orchestrator/app/api_services.py": "what an API is given: every test of tests/app/test_composition.py and tests/e2e",
    "orchestrator/app/clients.py": "who connects where: as app/api_services.py",
    "orchestrator/app/instance.py": "a dataclass alone",
    "orchestrator/builder/errors.py": "exceptions alone",
    "orchestrator/cli/bench/pattern.py": "names alone",
    "orchestrator/cli/errors.py": "an exception alone",
    "orchestrator/channel/channel.py": "the contract: both channels have tests of their own",
    "orchestrator/core/runs/events.py": "dataclasses alone",
    "orchestrator/core/runs/observer.py": "a protocol, and one who does nothing",
    "orchestrator/core/logs.py": "a dataclass alone",
    "orchestrator/core/scheduling/situation.py": "dataclasses alone",
    "orchestrator/scheduler/context.py": "dataclasses alone",
    "orchestrator/store/connection.py": "names of redis/client.py for the store, and how scripts are read",
    "orchestrator/store/keys.py": "names alone",
    "orchestrator/store/workflows/versions.py": "commands of the store's: tests/store/workflows/test_store.py",
    # what only makes sense as a part of something larger
    "orchestrator/builder/image/builder.py": "tests/builder/register/test_registrar_docker.py and every deploy of tests/e2e",
    "orchestrator/builder/image/python_layers.py": "a plan's: tests/builder/image/test_plan.py",
    "orchestrator/builder/image/steps.py": "a plan's: tests/builder/image/test_plan.py",
    "orchestrator/builder/image/system_layer.py": "a plan's: tests/builder/image/test_plan.py",
    "orchestrator/cli/input/deploy_options.py": "options: tests/cli/commands/test_deploy.py",
    "orchestrator/builder/worker/__main__.py": "a process that is started whole: tests/builder/worker/test_client.py",
    "orchestrator/cli/bench/own.py": "tests/cli/bench/test_session.py starts three",
    "orchestrator/cli/bench/plain_docker.py": "tests/cli/bench/test_session.py compares with it",
    "orchestrator/cli/commands/demo.py": "a command around cli/demo.py",
    "orchestrator/core/runs/transitions.py": "the table's rows: tests/core/runs/test_lifecycle.py",
    "orchestrator/engine/base.py": "the contract: tests/contract/test_engine.py",
    "orchestrator/engine/docker/network/host_commands.py": "what runs them: tests/engine/docker/network/test_networks.py",
    "orchestrator/scheduler/attempt/outcome.py": "a supervisor's: tests/scheduler/scenarios/test_chaining.py",
    "orchestrator/scheduler/attempt/notes.py": "a supervisor's: tests/scheduler/scenarios/test_annotations.py",
    "orchestrator/scheduler/reading.py": "a dispatcher's: tests/scheduler/scenarios/test_observed.py",
    "orchestrator/store/control/rerun.py": "tests/api/routes/control/test_reruns.py",
    "orchestrator/cli/commands/runs/group.py": "options: tests/cli/commands/runs/test_find.py",
    "runtime/orchestrator_runtime/": "a process that is started whole: tests/runtime/test_shim.py and worker/",
    "sdk/orchestrator_sdk/active_run.py": "one variable: tests/sdk/test_task_context.py",
    "sdk/orchestrator_sdk/conversion/": "tests/sdk/conversion/test_reader.py and test_to_json.py go through all of it",
    "sdk/orchestrator_sdk/version.py": "one number",
    "sdk/orchestrator_sdk/client/": "tests/sdk/client/test_clients.py runs every test with both clients",
    "sdk/orchestrator_sdk/generics.py": "tests/typing",
    "sdk/orchestrator_sdk/task_decorator.py": "tests/typing, and every test of a task",
    "sdk/compat/render_sdk/": "tests/sdk/compat/test_render_sdk.py: programs see it as one package",
}
"""Modules, or folders of them, that are tested under another name; and under which."""

FILES_LIMIT = 15
"""Of one folder, at one level."""


def untested() -> Iterator[str]:
    """The modules without a test of their name."""
    for source, tests in TREES.items():
        for module in (ROOT / source).rglob("*.py"):
            place = module.relative_to(ROOT / source)
            if module.name != "__init__.py" and not (ROOT / tests / place.with_name(f"test_{place.name}")).exists():
                yield module.relative_to(ROOT).as_posix()


def is_listed(module: str, entry: str) -> bool:
    return module == entry or (entry.endswith("/") and module.startswith(entry))


def test_every_module_has_a_test_of_its_name_or_a_reason() -> None:
    assert [one for one in untested() if not any(is_listed(one, entry) for entry in WITHOUT_A_NAMESAKE)] == []


@pytest.mark.parametrize("entry", WITHOUT_A_NAMESAKE)
def test_a_reason_is_needed(entry: str) -> None:
    assert any(is_listed(module, entry) for module in untested()), (
        f"{entry} has tests now, or is gone: take it off the list"
    )


@pytest.mark.parametrize("tree", ["orchestrator", "runtime", "sdk", "tests"])
def test_no_folder_is_too_full_to_be_read(tree: str) -> None:
    folders = {file.parent for file in (ROOT / tree).rglob("*.py")}
    assert [folder for folder in folders if len(list(folder.glob("*.py"))) > FILES_LIMIT] == []
