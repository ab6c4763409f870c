"""The process: fetches, unpacks and reads one repo, within its limits."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import traceback

from orchestrator.builder.errors import BadSource
from orchestrator.builder.image.context import add_repo
from orchestrator.builder.source import git
from orchestrator.builder.worker.protocol import ANSWER_BYTES, Message, Order, Prepared
from orchestrator.core.plans import format_bytes
from orchestrator.core.text import readable


def main() -> None:
    """Answer one order; nothing that was started lives on."""
    order = Order.from_bytes(sys.stdin.buffer.read())
    order.limits.apply()
    tempfile.tempdir = str(
        order.archive.parent
    )  # whatever is left when this process is killed goes with the build's folder
    _say(_outcome(order))
    os.killpg(0, signal.SIGKILL)


def _outcome(order: Order) -> Message:
    try:
        prepared = Message(prepared=_prepared(order))
        if len(prepared.to_json()) > ANSWER_BYTES // 2:
            raise BadSource("the files that list the dependencies are too large to be read: list fewer")
        return prepared
    except BadSource as refused:
        return Message(refused=readable(str(refused)))
    except MemoryError:
        limit = format_bytes(order.limits.memory_bytes)
        return Message(refused=f"reading the repo takes more than {limit} of memory: leave data out with .dockerignore")
    except RecursionError:
        return Message(refused="a file of the repo is nested too deeply to be read")
    except Exception as bug:
        traceback.print_exc()
        return Message(failed=readable(repr(bug)))


def _prepared(order: Order) -> Prepared:
    commit = None
    if order.source is not None:
        _say(
            Message(
                log=f"fetching {order.commit or order.source.branch or 'the default branch'} of {order.source.location}"
            )
        )
        with order.archive.open("wb") as fetched:
            commit = git.fetch(order.source, fetched, order.commit, order.limits.source_bytes)
        _say(Message(log=f"at commit {commit}"))
    with order.archive.open("rb") as packed:
        project = add_repo(packed, order.context_dir, order.asked, order.environment, order.limits.source_bytes)
    return Prepared(project, commit)


def _say(message: Message) -> None:
    sys.stdout.buffer.write(message.to_json() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
