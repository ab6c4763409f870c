"""What is tried, and how many containers try it at a time; the tasks are in `tasks/`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

_MIB: Final = 1024 * 1024
ATTACK_S: Final = 12.0
"""For how long; what is not over by then is canceled."""


@dataclass(frozen=True, slots=True)
class Attack:
    """`count` runs of the task with these arguments at once; `failure` is the class it must end with, where it breaks a rule."""

    name: str
    task: str
    arguments: Sequence[Any] = ()
    count: int = 1
    failure: str | None = None

    @property
    def spins(self) -> int:
        """So many CPU spins, of the same plan, are what the others are compared with."""
        return min(self.count, 20)


_COSTLY: Final = ("lists", "floats", "long floats", "huge ints", "keys", "nested", "escapes", "strings")
_OWN: Final = ATTACK_S - 2

ATTACKS: Final = (
    # the line
    Attack("a frame of 8 MB", "frame_of_8_mb", failure="violation"),
    Attack("six more fields of 8 MB", "extra_fields_of_8_mb", failure="violation"),
    Attack("one read of 20,000 streams", "one_read_of_20_000_streams", failure="violation"),
    Attack("notes of 4.9 MB", "frames_of_5_mb", [_OWN], failure="violation"),
    Attack("progress, 15,000 a second", "progress_15_000_a_second", [_OWN], 3, "violation"),
    Attack("progress, each answered, from six", "progress_from_six_connections", [_OWN], 3),
    Attack("notes, 900 a second", "notes_without_end", [_OWN], 3),
    Attack("garbage", "garbage", [_OWN], 3, "violation"),
    Attack("byte by byte", "byte_by_byte", [_OWN], 3),
    Attack("half commands, half closed", "half_commands", [_OWN], 3),
    Attack("reads no answer", "never_reads", [_OWN], 3, "violation"),
    Attack("10,000 connections", "connections_10_000", [_OWN], failure="violation"),
    Attack("ready 5,000 times, 4 MB given", "ready_5_000_times", ["x" * 4_190_000], failure=None),
    Attack("a child 300 times, 4 MB back", "child_300_times", failure="violation"),
    Attack("children asked for 99 times each", "child_without_end", [_OWN], 4),
    Attack("results of 4 MB, again", "results_again", [_OWN]),
    *(Attack(f"costly children: {kind}", "costly_json", [kind, _OWN]) for kind in _COSTLY),
    *(Attack(f"ten costly results: {kind}", "costly_result", [kind], 10) for kind in _COSTLY),
    # trees
    Attack("20 children, 4 MB in", "children_with_4_mb", [20]),
    Attack("80 children, 4 MB in", "children_with_4_mb", [80]),
    Attack("250 children, 4 MB in", "children_with_4_mb", [250]),
    Attack("20 runs return 4.19 MB", "returns", [4_190_000], 20),
    Attack("140 children, 4 MB back", "children_returning_4_mb", [140]),
    Attack("60 children print 6 MB", "tree_of_logs", [60]),
    Attack("20 say they wait, and spin", "says_it_waits_and_spins", [_OWN], 20),
    Attack("10 say they wait, and take 400 MiB", "says_it_waits_and_takes_400_mib", [_OWN], 10),
    # logs
    Attack("three floods of 80-byte lines", "lines", [80, 512], 3),
    Attack("200 MB of two-byte lines", "lines", [2, 200]),
    Attack("one line of 512 MB", "one_line_without_end", [512]),
    Attack("control sequences, 1 MB a line", "control_sequences", [200]),
    # endings
    Attack("28 tracebacks of 32 KB", "tracebacks_of_32_kb"),
    Attack("76 messages of 512 KB", "messages_of_512_kb"),
    Attack("exits with 121", "exits_121"),
    Attack("lives on after its error", "lives_on_after_its_error"),
    Attack("lives on after its result", "lives_on_after_its_result"),
    Attack("ignores SIGTERM", "ignores_sigterm", [600]),
    Attack("forks", "forks"),
    Attack("forks at its end", "forks_at_its_end"),
    Attack("takes memory", "takes_memory", failure="oom"),
    # the host
    Attack("takes of the kernel", "takes_of_the_kernel", [_OWN]),
    Attack("fills its disk", "fills_its_disk", [_OWN]),
    Attack("links beside its socket", "links_beside_its_socket"),
    Attack("200 threads spin", "threads_that_spin", [200, _OWN], 3),
)
