"""What a start command comes to."""

from __future__ import annotations

import pytest

from orchestrator.builder.errors import BadSource
from orchestrator.builder.node import start
from orchestrator.builder.node.manifest import Manifest


@pytest.mark.parametrize(
    "command",
    [
        "node index.js",
        "npm start",
        "npx tsx src/index.ts",
        "cd w && node x.js",
        "./node_modules/.bin/tsx a.ts",
        "bun run a.ts",
    ],
)
def test_programs_that_run_node_need_it(command: str) -> None:
    assert start.runs_node(command)


@pytest.mark.parametrize("command", ["python main.py", "main.py", "flows:app", "./run.sh", "renode x", "./node/run.sh"])
def test_other_programs_do_not(command: str) -> None:
    assert not start.runs_node(command)


def test_deno_is_a_tool_as_bun_is() -> None:
    assert start.runs_node("deno run -A main.ts")
    assert start.tools("deno run -A main.ts", Manifest()) == ("deno",)


@pytest.mark.parametrize(
    ("command", "script", "resolved"),
    [
        ("npm start", "node dist/index.js", "node dist/index.js"),
        ("npm start --silent", "node dist/index.js", "node dist/index.js"),
        ("npm run start", "NODE_ENV=production node 'a b.js'", "NODE_ENV=production node 'a b.js'"),
        ("pnpm start", "tsx src/index.ts", "tsx src/index.ts"),
        ("yarn start", "npx tsx src/index.ts", "tsx src/index.ts"),
        ("bun run start", "bun src/index.ts", "bun src/index.ts"),
        ("npm start", "tsc && node dist/index.js", "npm start"),
        ("npm start", "node $npm_package_main", "npm start"),
        ("npm start", "node 'a", "npm start"),
        ("npm run other", "node a.js", "npm run other"),
        ("cd w && npm start", "node a.js", "cd w && npm start"),
        ("npm start -- --port 1", "node a.js", "npm start -- --port 1"),
    ],
)
def test_a_plain_script_is_run_without_its_runner(command: str, script: str, resolved: str) -> None:
    assert start.resolved(command, Manifest(scripts={"start": script})) == resolved


def test_a_script_may_name_another_and_one_that_names_itself_ends() -> None:
    scripts = {"start": "npm run serve", "serve": "node a.js", "loop": "npm run loop"}
    assert start.resolved("npm start", Manifest(scripts=scripts)) == "node a.js"
    assert start.resolved("npm run loop", Manifest(scripts=scripts)) == "npm run loop"


def test_a_script_with_others_around_it_keeps_its_runner() -> None:
    scripts = {"start": "node a.js", "prestart": "node b.js"}
    assert start.resolved("npm start", Manifest(scripts=scripts)) == "npm start"


def test_only_a_package_that_is_installed_is_run_without_npx() -> None:
    assert start.resolved("npx other a.ts", Manifest()) == "npx other a.ts"
    assert start.resolved("npx other a.ts", Manifest(dependencies={"other": "1"})) == "other a.ts"


@pytest.mark.parametrize(
    ("command", "manifest", "tools"),
    [
        ("node a.js", Manifest(), ()),
        ("tsx a.ts", Manifest(), ("tsx",)),
        ("tsx a.ts", Manifest(dependencies={"tsx": "4"}), ()),
        ("bun a.ts", Manifest(), ("bun",)),
        ("npm start", Manifest(scripts={"start": "yarn a && yarn b"}), ("yarn",)),
        ("node a.js", Manifest(scripts={"start": "yarn a && yarn b"}), ()),
    ],
)
def test_what_must_be_there_when_it_runs(command: str, manifest: Manifest, tools: tuple[str, ...]) -> None:
    assert start.tools(command, manifest) == tools


def test_ts_node_comes_from_the_repo_alone() -> None:
    with pytest.raises(BadSource, match="npm install ts-node typescript"):
        start.tools("ts-node a.ts", Manifest())
    with pytest.raises(BadSource, match="yarn add ts-node typescript"):
        start.tools("ts-node a.ts", Manifest(), "yarn add")
    assert start.tools("ts-node a.ts", Manifest(dependencies={"ts-node": "10"})) == ()
