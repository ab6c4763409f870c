from __future__ import annotations

from orchestrator.cli.views.forensics import lines

ATTEMPT = {
    "exitCode": 137,
    "enqueuedAt": "2026-01-01T10:00:00.000Z",
    "completedAt": "2026-01-01T10:00:05.000Z",
    "forensics": {
        "image": "sha256:0123456789abcdef",
        "signal": "SIGKILL",
        "memoryLimitBytes": 512 << 20,
        "peakMemoryBytes": 500 << 20,
        "cpuMs": 1500,
        "throttledMs": 0,
        "timings": {"claimedAt": "2026-01-01T10:00:00.250Z", "readyAt": "2026-01-01T10:00:02.250Z"},
        "advice": ["choose a larger plan"],
    },
}


def test_an_attempt_tells_how_it_ended_what_it_used_and_what_to_do() -> None:
    assert lines(ATTEMPT) == [
        "exit 137 (SIGKILL) · memory 500 of 512 MiB · CPU 1.50 s · image 0123456789ab",
        "queued 250 ms · ready 2.00 s · worked 2.75 s",
        "choose a larger plan",
    ]


def test_an_older_server_says_nothing() -> None:
    assert lines({"attempt": 0}) == []


def test_an_attempt_in_a_warm_container_says_so_and_leaves_out_what_came_before_it() -> None:
    timings = {
        "queuedAt": "2026-01-01T10:00:00.000Z",
        "createdAt": "2026-01-01T09:00:00.000Z",
        "claimedAt": "2026-01-01T10:00:00.002Z",
        "readyAt": "2026-01-01T10:00:00.003Z",
        "assignedAt": "2026-01-01T10:00:00.004Z",
        "firstLineAt": "2026-01-01T10:00:00.006Z",
        "acknowledgedAt": "2026-01-01T10:00:05.001Z",
        "removedAt": "2026-01-01T10:00:05.101Z",
    }
    warm = {"completedAt": "2026-01-01T10:00:05.000Z", "forensics": {"startedAhead": True, "timings": timings}}
    assert lines(warm) == [
        "warm · queued 2 ms · ready 1 ms · assigned 1 ms · first line 2 ms · worked 4.99 s · acknowledged 1 ms · removed 100 ms"
    ]
