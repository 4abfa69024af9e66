"""Tests of the bounds of the core: the last accepted value, the first refused one, and the messages."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address
from itertools import pairwise
from typing import Any

import pytest

from fakekounta import FakeKounta
from fakekounta.core.budget import RetentionBudget
from fakekounta.core.clock import Clock
from fakekounta.core.deliveries import FAILED, Disturbances, Schedule
from fakekounta.core.fault_fields import read_fault
from fakekounta.core.outbox import Outbox
from fakekounta.core.web_urls import WEB_URL
from fakekounta.core.webhooks import address_problem
from tests.caller import COMPANY, Caller, exactly
from tests.outboxes import CALM, NOW, attempt, event, webhook

OK: dict[str, Any] = {"status": 503}
A_YEAR = 31_536_000


# --- faults ------------------------------------------------------------------------------------------------------

WHOLE = {
    "company_id": (1, 2**63 - 1, OK),
    "nth": (1, 10**9, OK),
    "every": (1, 10**9, OK),
    "times": (1, 10**9, OK),
    "seed": (0, 2**63, {**OK, "probability": 0.5}),
    "status": (200, 599, {}),
}


@pytest.mark.parametrize("name", WHOLE)
def test_whole_numbers_of_a_fault(name: str) -> None:
    """Both bounds are accepted, and the next numbers are refused."""
    least, most, more = WHOLE[name]
    for number in (least, most):
        assert getattr(read_fault({**more, name: number}), name) == number
    for wrong in (least - 1, most + 1, str(least), float(most), True):
        with pytest.raises(
            ValueError, match=exactly(f"{name}: must be a whole number from {least} to {most}, not {wrong!r}")
        ):
            read_fault({**more, name: wrong})


@pytest.mark.parametrize("name", ["drip_seconds", "latency_seconds"])
def test_seconds_of_a_fault(name: str) -> None:
    """Seconds may be above 0, up to a year."""
    more = {"connection": "drip"} if name == "drip_seconds" else {}
    for seconds in (1e-9, 1, A_YEAR):
        found = getattr(read_fault({**more, name: seconds}), name)
        assert found == (seconds if name == "drip_seconds" else (seconds, seconds))
    for wrong in (0, -1, A_YEAR + 1, A_YEAR + 0.001, "1", True, float("nan")):
        message = f"{name}: must be a number of seconds above 0, at most {A_YEAR}, not {wrong!r}"
        with pytest.raises(ValueError, match=exactly(message)):
            read_fault({**more, name: wrong})


def test_latency_from_to() -> None:
    """A latency may be two numbers from 0 up to a year, the smaller one first."""
    for pair in ([0, 1], [1, 1], (0.5, A_YEAR)):
        assert read_fault({"latency_seconds": pair}).latency_seconds == tuple(pair)
    refused: tuple[Any, ...] = ([-1, 1], [2, 1], [1], [1, 2, 3], [], ["1", 2], [1, "2"], [True, 2], [0, None])
    for wrong in refused:
        message = f"latency_seconds: must be a number of seconds, or a list of the least and the most, not {wrong!r}"
        with pytest.raises(ValueError, match=exactly(message)):
            read_fault({"latency_seconds": wrong})


def test_moments_in_seconds() -> None:
    """Times in seconds count from now, from 0 up to a year."""
    for seconds in (0, 0.5, A_YEAR):
        assert read_fault({**OK, "since": seconds}).since == seconds
    refused: tuple[Any, ...] = (-0.001, A_YEAR + 1, True, [])
    for wrong in refused:
        with pytest.raises(ValueError, match="since: must be a moment"):
            read_fault({**OK, "since": wrong})


@pytest.mark.parametrize(
    "asks",
    [
        {**OK, "client_id": "a"},
        {**OK, "company_id": 1},
        {"rate_limited": True},
        {"token_expired": True},
    ],
    ids=lambda asks: [*asks][-1],
)
@pytest.mark.parametrize("path", ["/authorize", "/authorize.json"])
def test_conditions_about_applications_are_refused_at_the_authorize_page(asks: dict[str, Any], path: str) -> None:
    """Each condition that needs an application is refused at that path and accepted at others."""
    name = [*asks][-1]
    message = f"path: no application is known at /authorize, so {name} can never match there"
    with pytest.raises(ValueError, match=exactly(message)):
        read_fault({**asks, "path": path})
    assert read_fault({**asks, "path": "/customers"}).path == "/customers"


@pytest.mark.parametrize("field, value", [("methods", "GET"), ("method", ["GET", "get", "POST"]), ("method", "post")])
def test_methods_of_a_fault(field: str, value: Any) -> None:
    """A rule has one or several methods, in any case, each once; `methods` is not a field."""
    if field == "methods":
        with pytest.raises(ValueError, match="methods: is unknown"):
            read_fault({**OK, field: value})
    else:
        assert read_fault({**OK, field: value}).methods == tuple({"GET": 0, "POST": 0} if len(value) == 3 else ["POST"])


def test_a_fault_with_nth_fires_once() -> None:
    """With `nth`, `times` may only be 1, and `every` is refused."""
    for more in ({}, {"times": 1}):
        assert read_fault({**OK, "nth": 2, **more}).nth == 2
    with pytest.raises(ValueError, match=exactly("times: with nth it fires once only")):
        read_fault({**OK, "nth": 2, "times": 2})


def test_latency_is_drawn_between_its_ends() -> None:
    """The latencies differ, and are repeated by the same seed."""

    def drawn(seed: int) -> list[float]:
        kounta = FakeKounta()
        kounta.clock.freeze("2026-01-01T00:00:00Z")
        kounta.faults.add(latency_seconds=[1, 4], clock=True, seed=seed)
        caller, moments = Caller(kounta), [kounta.clock.now()]
        for _ in range(8):
            assert caller.get(COMPANY).status_code == 200
            moments.append(kounta.clock.now())
        return [(after - before).total_seconds() for before, after in pairwise(moments)]

    first = drawn(1)
    assert all(1 <= seconds <= 4 for seconds in first)
    assert len(set(first)) == 8
    assert drawn(1) == first != drawn(2)


# --- addresses ---------------------------------------------------------------------------------------------------


def addresses() -> list[str]:
    """Draw IPv6 addresses with any number of pieces before and after `::`, in hexadecimal or with IPv4 at the end."""
    found = []
    for before in range(9):
        for after in range(9):
            head, tail = ":".join(["1f"] * before), ["AB12"] * after
            found += [f"{head}::{':'.join(tail)}", f"{head}::{':'.join([*tail, '1.2.3.255'])}"]
        found += [":".join(["ffff"] * before), ":".join([*["0"] * before, "255.0.99.100"])]
    return found


def is_ipv6(host: str) -> bool:
    """Return what the standard library says."""
    try:
        return ip_address(host).version == 6
    except ValueError:
        return False


def test_an_address_in_brackets() -> None:
    """The result is that of the standard library."""
    urls = {f"https://[{host}]:8443/hook": is_ipv6(host) for host in addresses()}
    assert {url: bool(re.fullmatch(WEB_URL, url)) for url in urls} == urls
    assert {url: address_problem(url) is None for url in urls} == urls


@pytest.mark.parametrize(
    "port, taken",
    [("", True), ("0", False), ("1", True), ("80", True), ("65535", True), ("65536", False), ("x", False)],
)
def test_a_port(port: str, taken: bool) -> None:
    assert (address_problem(f"http://shop.example:{port}/hook") is None) == taken


# --- the clock ---------------------------------------------------------------------------------------------------

ADJUSTED: list[tuple[dict[str, Any], str]] = [
    ({"rate": 0}, "rate: must be above 0 and at most 1,000,000"),
    ({"rate": 1_000_001}, "rate: must be above 0 and at most 1,000,000"),
    ({"now": "soon"}, "now: 'soon' is not an ISO 8601 date and time"),
    ({"now": "2026-01-01T00:00:00"}, "now: the moment needs an offset from UTC, such as 2026-11-23T18:40:00+11:00"),
    ({"now": "1969-12-31T23:59:59Z"}, "now: the moment must lie between 1970 and the year 9998"),
    ({"now": "9999-01-01T00:00:00Z"}, "now: the moment must lie between 1970 and the year 9998"),
    ({"advance_seconds": -1}, "advance_seconds: time moves forward only; freeze at an earlier moment instead"),
    ({"advance_seconds": 1e12}, "advance_seconds: leads beyond the end of the calendar"),
]


@pytest.mark.parametrize("given, message", ADJUSTED)
def test_a_clock_that_is_not_adjusted(given: dict[str, Any], message: str) -> None:
    """The error names the argument and the reason, and nothing changes."""
    clock = Clock()
    clock.freeze("2026-01-01T00:00:00Z")
    with pytest.raises(ValueError, match=exactly(message)):
        clock.adjust(**{"frozen": False, "rate": 2, **given})
    assert (clock.frozen, clock.rate, clock.now()) == (True, 1, datetime(2026, 1, 1, tzinfo=timezone.utc))


@pytest.mark.parametrize(
    "given", [{"rate": 1e-9}, {"rate": 1_000_000}, {"now": "1970-01-01T00:00:00Z"}, {"advance_seconds": 0}]
)
def test_a_clock_that_is_adjusted_at_its_bounds(given: dict[str, Any]) -> None:
    Clock().adjust(**given)


def test_a_clock_that_is_adjusted_while_it_stands() -> None:
    """`advance_seconds` is applied after `now`, and other values stay."""
    clock = Clock()
    clock.adjust(frozen=True, now="2026-01-01T00:00:00Z", advance_seconds=5, rate=3)
    start = datetime(2026, 1, 1, 0, 0, 5, tzinfo=timezone.utc)
    assert (clock.frozen, clock.rate, clock.now()) == (True, 3, start)
    clock.adjust(advance_seconds=5)
    assert (clock.frozen, clock.rate, clock.now()) == (True, 3, start + timedelta(seconds=5))
    clock.adjust(frozen=False)
    assert (clock.frozen, clock.rate) == (False, 3)
    assert clock.now() >= start + timedelta(seconds=5)


# --- deliveries --------------------------------------------------------------------------------------------------


def test_there_are_no_disturbances_by_default() -> None:
    """The defaults of the disturbances and of the schedule are these."""
    calm = Disturbances()
    assert (calm.duplicate, calm.reorder, calm.drop, calm.delay) == (0, 0, 0, 0)
    assert (calm.delay_seconds, calm.seed) == (60, 0)
    assert (Schedule().minutes, Schedule().timeout_seconds) == ((0, 1, 5, 30, 120), 5)


def test_what_is_kept_is_counted_after_each_step() -> None:
    """The retention budget changes with each new delivery, attempt, redelivery and restored one."""
    budget = RetentionBudget(10**9)
    outbox = Outbox(Schedule(minutes=(0,)), CALM, kept=2, budget=budget)

    def is_counted() -> bool:
        return budget.kept == sum(one.kept_bytes for one in outbox.all()) > 0

    for number in (1, 2, 3):
        outbox.append(event(number), [webhook()], NOW)
        assert is_counted()
        delivery = outbox.take(NOW)
        assert delivery is not None
        outbox.record_result(delivery, attempt(delivery, NOW), FAILED)
        assert is_counted()
        outbox.redeliver(delivery.id, NOW)
        assert is_counted()
        again = outbox.take(NOW)
        assert again is not None
        assert (again.id, again.due_at, again.occurred_at) == (delivery.id + 1, NOW, NOW)
        outbox.record_result(again, attempt(again, NOW), FAILED)
        assert is_counted()
    other = Outbox(Schedule(), CALM, budget=RetentionBudget(10**9))
    other.restore(outbox.all(), 1)
    assert other.next_id == 7
