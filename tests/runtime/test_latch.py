"""An event that happens once."""

from __future__ import annotations

import threading

from orchestrator_runtime.latch import Latch


def test_listeners_are_told_once_when_it_happens_and_those_who_come_later_at_once() -> None:
    latch, told = Latch(), list[str]()
    latch.listen(lambda: told.append("before"))
    assert (latch.is_set, told) == (False, [])
    latch.set()
    latch.set()
    latch.listen(lambda: told.append("after"))
    assert (latch.is_set, told) == (True, ["before", "after"])


def test_who_is_forgotten_is_not_told() -> None:
    latch, told = Latch(), list[int]()

    def tell() -> None:
        told.append(1)

    latch.listen(tell)
    latch.forget(tell)
    latch.forget(tell)
    latch.set()
    latch.forget(tell)
    assert told == []


def test_a_thread_may_wait_for_it() -> None:
    latch = Latch()
    assert not latch.wait(0)
    threading.Thread(target=latch.set).start()
    assert latch.wait(10)
    assert latch.wait()


def test_a_wait_that_was_given_up_leaves_nothing_behind() -> None:
    latch = Latch()
    assert not latch.wait(0)
    latch.set()
    assert latch.wait(0)
