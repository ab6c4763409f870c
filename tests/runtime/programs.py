"""Programs of a user's, with the tasks of a test."""

from __future__ import annotations

HEAD = """
import asyncio, os, signal, subprocess, sys, threading, time
from orchestrator_sdk import NonRetryableError, TaskContext, TaskRunError, Workflows
print("importing")
app = Workflows()
"""
TAIL = """
if __name__ == "__main__":
    app.start()
"""


def code(tasks: str) -> str:
    return HEAD + tasks + TAIL
