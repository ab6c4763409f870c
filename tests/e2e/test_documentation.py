"""Every Python block of the page that says what users are promised runs as it is printed.

A block that is a fragment is completed the way its reader would: the lines that every workflow has, and a body for a function
whose body is a comment.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from orchestrator_sdk import Client, TaskRunError
from tests.leftovers import ROOT
from tests.live_instance import LiveInstance

PAGE = ROOT.parent / "shared" / "reference" / "defining-workflow-tasks.md"
pytestmark = [pytest.mark.docker, pytest.mark.skipif(not PAGE.exists(), reason="the page is not beside this checkout")]

_BLOCK = re.compile(r"^```python(?P<title>[^\n]*)\n(?P<code>.*?)^```", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r":(\w+\.py)")
_HEAD = "from render_sdk import Workflows, Retry\nimport asyncio\napp = Workflows()\n"
_TAIL = '\nif __name__ == "__main__":\n  app.start()\n'

CALLS: dict[str, tuple[list[object], object]] = {
    "calculate_square": ([3], 9),
    "add": ([1, 2], 3),
    "capitalize": (["abc"], "ABC"),
    "sum_squares": ([3, 4], 25),
    "sum_squares_slower": ([3, 4], 25),
    "process_photo_upload": (
        [["a", "b"]],
        {
            "total": 2,
            "processed": 2,
            "failed": 0,
            "results": [{"url": url, "thumbnail_url": f"{url}_thumb.jpg", "success": True} for url in ("a", "b")],
        },
    ),
    "process_image": (["a"], {"url": "a", "thumbnail_url": "a_thumb.jpg", "success": True}),
    "flip_coin": ([], "Flipped heads!"),
}


def repos() -> list[dict[str, str]]:
    """The files of each repo the page shows; blocks that belong together are one."""
    blocks = [(_FILE.search(found["title"]), found["code"]) for found in _BLOCK.finditer(PAGE.read_text())]
    made: list[dict[str, str]] = []
    parts: dict[str, str] = {}
    for file, code in blocks:
        if "from_workflows" in code:
            made.append({**parts, "main.py": code})
        elif file and file[1] != "main.py" and "gather" not in code:
            parts[file[1]] = code
        else:
            made.append({"main.py": completed(code)})
    return made


def completed(code: str) -> str:
    """A fragment with what it leaves out."""
    code = re.sub(r"(def \w+\(.*\).*:\n)(  # \.\.\.\n)", r"\1\2  return None\n", code)
    head = "" if "Workflows()" in code else _HEAD
    return head + code + ("" if "app.start()" in code else _TAIL)


@pytest.mark.parametrize("files", repos() if PAGE.exists() else [])
def test_a_block_of_the_page_deploys_and_its_tasks_run(
    live: LiveInstance, repo: Path, files: dict[str, str], request: pytest.FixtureRequest
) -> None:
    for name, code in files.items():
        (repo / name).write_text(code)
    workflow = f"page-{request.node.callspec.indices['files']}"
    version = live.deploy(repo, workflow)
    assert version["status"] == "ready", version
    client = live.client()
    for task in {name for code in files.values() for name in re.findall(r"def (\w+)\(", code)}:
        arguments, expected = CALLS.get(task) or my_task(files["main.py"])
        assert outcome(client, f"{workflow}/{task}", arguments) in ([expected], "Flipped tails! Retrying.")


def outcome(client: Client, task: str, arguments: list[object]) -> object:
    """The results, or why there are none: one coin in sixteen shows tails four times."""
    try:
        return client.run(task, arguments).results
    except TaskRunError as error:
        return error.message


def my_task(code: str) -> tuple[list[object], object]:
    """The page has several functions of this name."""
    if "arg1: int, arg2" in code:
        return [1, "two", True], None
    if "arg1: int = 3" in code:
        return [], None
    return [5], 25
