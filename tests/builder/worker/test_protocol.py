"""What goes to the process that reads repos, and what comes back."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from orchestrator.builder.dependencies.dependencies import Dependencies
from orchestrator.builder.detect.project import Project
from orchestrator.builder.detect.python_version import PythonWish
from orchestrator.builder.node.package_manager import PackageManager
from orchestrator.builder.node.project import NodeProject
from orchestrator.builder.worker.protocol import Limits, Message, Order, Prepared
from orchestrator.core.workflow import Source

PROJECT = Project(
    entry_point="main.py",
    dependencies=Dependencies("requirements.txt", "pip", files={"requirements.txt": "café\n"}, tools=("uv",)),
    digest="d",
    python=PythonWish("3.12", ".python-version"),
    import_folders=("src",),
    node=NodeProject("node .", manager=PackageManager("npm", "npm ci", "npm install", files=("package.json",))),
    notes=("a note",),
)


def test_an_order_arrives_as_it_was_given() -> None:
    source = Source("https://git.test/repo", is_git=True)
    order = Order(
        Path("/a"), Path("/c"), source, "abc", environment={"X": os.fsdecode(b"\xe9")}, limits=Limits(cpu_s=3)
    )
    assert Order.from_bytes(order.to_bytes()) == order


@pytest.mark.parametrize(
    "message",
    [
        Message(log="fetching"),
        Message(refused="no"),
        Message(failed="a bug"),
        Message(prepared=Prepared(PROJECT, "abc")),
    ],
)
def test_an_answer_arrives_as_it_was_given_in_one_line(message: Message) -> None:
    line = message.to_json()
    assert b"\n" not in line
    assert TypeAdapter(Message).validate_json(line) == message


def test_a_text_that_is_no_unicode_is_no_answer() -> None:
    with pytest.raises(UnicodeEncodeError):
        Message(log="\ud800").to_json()


def test_the_process_starts_without_what_only_its_parent_needs() -> None:
    """Each deploy waits for its imports."""
    code = (
        "import sys, orchestrator.builder.worker.__main__; print(*{'pydantic', 'redis', 'docker'} & set(sys.modules))"
    )
    assert subprocess.check_output([sys.executable, "-P", "-c", code], text=True) == "\n"
