"""Time that goes on steadily."""

from __future__ import annotations

import logging

import pytest

from orchestrator.host.clock import SteadyClock, uptime_ms, wall_ms


class Host:
    """A host whose clock can be set."""

    wall_ms = 1_000_000
    uptime_ms = 5_000

    def pass_time(self, ms: int) -> None:
        self.wall_ms += ms
        self.uptime_ms += ms

    def clock(self, not_before_ms: int = 0) -> SteadyClock:
        return SteadyClock(not_before_ms, lambda: self.wall_ms, lambda: self.uptime_ms)


def test_it_begins_with_the_hosts_time() -> None:
    assert Host().clock().now_ms() == 1_000_000


def test_it_goes_on_with_the_time_that_passes() -> None:
    host = Host()
    clock = host.clock()
    host.pass_time(250)
    assert clock.now_ms() == 1_000_250


@pytest.mark.parametrize("step_ms", [3_600_000, -3_600_000])
def test_setting_the_hosts_clock_changes_nothing(step_ms: int) -> None:
    host = Host()
    clock = host.clock()
    host.wall_ms += step_ms
    host.pass_time(250)
    assert clock.now_ms() == 1_000_250


def test_a_clock_set_back_while_nobody_looked_goes_on_from_the_newest_time_known() -> None:
    assert Host().clock(not_before_ms=1_500_000).now_ms() == 1_500_000


def test_times_far_ahead_of_the_hosts_are_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        Host().clock(not_before_ms=1_500_000)
    assert "500 s ahead" in caplog.text


def test_the_hosts_clocks_are_in_milliseconds() -> None:
    assert wall_ms() > 1_700_000_000_000
    assert uptime_ms() < wall_ms() // 10
