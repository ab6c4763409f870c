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
