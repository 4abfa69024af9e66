"""Tests of the order of requests."""

from __future__ import annotations

from threading import Event, Thread

from fakekounta.keep.gate import Gate


def test_a_change_alone_waits_for_reads_and_reads_wait_for_it() -> None:
    """A change that is made alone begins after the reads under way, and reads begin after it."""
    gate, order, may_end, began = Gate(), [], Event(), Event()

    def change() -> None:
        with gate.changing(alone=True):
            order.append("change")
            began.set()
            may_end.wait(10)

    def read() -> None:
        gate.end_reading(gate.begin_reading())
        order.append("read")

    ticket = gate.begin_reading()
    changing, reading = Thread(target=change), Thread(target=read)
    changing.start()
    changing.join(0.1)
    assert order == []
    gate.end_reading(ticket)
    assert began.wait(10)
    reading.start()
    reading.join(0.1)
    assert order == ["change"]
    may_end.set()
    changing.join(10)
    reading.join(10)
    assert order == ["change", "read"]
