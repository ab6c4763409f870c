"""The tutorial of test_guide.py in TypeScript, as far as the two differ: each test is a step, and builds on the steps before it.

`live` is an orchestrator that is up (`orchestrator up`), `repo` an empty folder of yours.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestrator_sdk import TaskRunError
from tests.live_instance import LiveInstance

pytestmark = pytest.mark.docker


def test_1_a_task_is_a_function_that_is_given_to_task(live: LiveInstance, repo: Path) -> None:
    """Write index.ts, deploy the folder, run the task. There is nothing to install, build or start: the file is the program."""
    (repo / "index.ts").write_text("""
import { task } from "@orchestrator/sdk";

export const greet = task({ name: "greet" }, (name: string, greeting = "Hello") => {
  console.log(`greeting ${name}`);
  return `${greeting}, ${name}!`;
});
""")
    deployed = live.cli("deploy", str(repo), "--name", "greeter-ts")
    assert deployed.returncode == 0, deployed.stderr
    ran = live.cli("run", "greeter-ts/greet", '"Ada"')
    assert ran.returncode == 0, ran.stderr
    assert "Hello, Ada!" in ran.stdout


def test_2_what_a_task_prints_is_its_log(live: LiveInstance) -> None:
    """Clients are in any language: this is Python's, and `@orchestrator/sdk/client` has the same in TypeScript."""
    client = live.client()
    run = client.run("greeter-ts/greet", ["Ada", "Hi"])
    assert run.results == ["Hi, Ada!"]
    assert [line.message for line in client.logs(run.id)] == ["greeting Ada"]


def test_3_a_program_with_packages_is_installed_by_its_own_tool_and_its_tasks_chain(
    live: LiveInstance, repo: Path
) -> None:
    """The lock says which tool, `engines` which Node; a plain start script is started without `npm start`."""
    (repo / "words.ts").write_text("""
import { NonRetryableError, task } from "@orchestrator/sdk";

const wordCount = task(
  { name: "wordCount", plan: "starter", timeoutSeconds: 60, retry: { maxRetries: 2, waitDurationMs: 100 } },
  (text: string) => {
    if (!text) throw new NonRetryableError("there is no text");
    return text.split(/\\s+/).length;
  },
);

// Calling a task inside a task starts a run in a container of its own.
export const totalWords = task({ name: "totalWords", plan: "starter" }, async (texts: string[]) => {
  const counts = await Promise.all(texts.map((text) => wordCount(text)));
  return counts.reduce((sum, count) => sum + count, 0);
});
""")
    (repo / "package.json").write_text(
        json.dumps(
            {
                "name": "words",
                "type": "module",
                "scripts": {"start": "tsx words.ts"},
                "engines": {"node": ">=20"},
                "dependencies": {"@orchestrator/sdk": "*"},
            }
        )
    )
    (repo / "pnpm-lock.yaml").write_text(
        "lockfileVersion: '9.0'\n\nsettings:\n  autoInstallPeers: true\n  excludeLinksFromLockfile: false\n\n"
        "importers:\n\n  .: {}\n"
    )
    deployed = live.cli("deploy", str(repo), "--name", "words-ts")
    assert deployed.returncode == 0, deployed.stderr
    client = live.client()
    assert client.run("words-ts/totalWords", [["one two", "three"]]).results == [3]
    with pytest.raises(TaskRunError, match="there is no text"):
        client.run("words-ts/totalWords", [[""]])
