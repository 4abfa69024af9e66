"""Tests of which rules a request matches, and how often each fires."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from threading import Barrier, Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekounta.core.fault_book import MOST_RULES, FaultBook, FaultRule
from fakekounta.core.fault_fields import read_fault
from fakekounta.core.faults import METHODS, Asker, Hit, chance
from fakekounta.core.paths import path_matches, path_test
from tests.fault_draws import COUNTS, MATCHES, PATHS
from tests.sockets import unhurried

NOW = datetime(2026, 11, 23, 7, 40, tzinfo=timezone.utc)
CUSTOMERS = "/v1/companies/5678/customers"
ASKER = Asker(client_id="fake-client-id", company_id=5678, scheme="oauth")


def book_of(*faults: dict[str, Any]) -> FaultBook:
    book = FaultBook()
    book.add([read_fault(fault) for fault in faults], NOW)
    return book


def ask(
    book: FaultBook, method: str = "GET", path: str = CUSTOMERS, *, after: float = 0, asker: Asker = ASKER
) -> Hit | None:
    """Return the hit of one request, as the web layer gets it."""
    now, hit = NOW + timedelta(seconds=after), None
    if book.early is not None:
        hit = book.early.strike(book.early.about(method, path), now)
    if book.late is not None and (hit is None or hit.fault is None):
        hit = book.late.strike(book.late.about(method, path), now, asker, hit)
    return hit


def fired(book: FaultBook, count: int, **request: Any) -> list[int]:
    """Return which of so many requests, counted from 1, got a fault."""
    return [number for number in range(1, count + 1) if ask(book, **request) is not None]


@pytest.mark.parametrize(
    "counts, expected",
    [
        ({}, [1, 2, 3, 4, 5, 6, 7]),
        ({"nth": 3}, [3]),
        ({"every": 3}, [3, 6]),
        ({"times": 2}, [1, 2]),
        ({"every": 2, "times": 2}, [2, 4]),
        ({"probability": 1}, [1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_which_of_its_matches_a_rule_fires_on(counts: dict[str, Any], expected: list[int]) -> None:
    """nth, every and times count the matching requests from 1."""
    book = book_of({"method": "POST", "status": 503, **counts})
    found = []
    for number in range(1, 8):
        assert ask(book, "GET") is None
        if ask(book, "POST") is not None:
            found.append(number)
    assert found == expected
    (rule,) = book.all()
    assert (rule.matched, rule.fired) == (7, len(expected))


@unhurried
@given(counts=COUNTS, count=st.integers(0, 40))
def test_rules_fire_as_a_plain_reading_says(counts: dict[str, Any], count: int) -> None:
    """A rule fires on the same requests as a simple implementation of its fields."""
    expected: list[int] = []
    for number in range(1, count + 1):
        fires = counts.get("nth", number) == number and number % counts.get("every", 1) == 0
        fires = fires and len(expected) < counts.get("times", count)
        if fires and chance(counts.get("seed", 0), number) < counts.get("probability", 2):
            expected.append(number)
    assert fired(book_of({"status": 503, **counts}), count) == expected


@unhurried
@given(seed=st.integers(0, 2**63), probability=st.floats(0.01, 1))
def test_chance_is_the_same_for_the_same_seed(seed: int, probability: float) -> None:
    """Two rules with one seed fire on the same requests."""
    one = {"status": 503, "probability": probability, "seed": seed}
    assert fired(book_of(one), 30) == fired(book_of(one), 30)


def test_a_probability_holds_on_average() -> None:
    """The share of requests is about the probability; each seed has its own, always the same ones."""
    some = fired(book_of({"status": 503, "probability": 0.25, "seed": 7}), 4_000)
    assert 900 < len(some) < 1_100
    assert some[:5] == fired(book_of({"status": 503, "probability": 0.25, "seed": 7}), 4_000)[:5]
    assert some != fired(book_of({"status": 503, "probability": 0.25, "seed": 8}), 4_000)
    assert chance(7, 1) == 0.05507912152868766


@pytest.mark.parametrize(
    "window",
    [{"since": "2026-11-23T18:40:10+11:00", "until": "2026-11-23T07:40:20Z"}, {"since": 10, "until": 20}],
)
def test_a_window_is_of_the_fakes_clock(window: dict[str, Any]) -> None:
    """A rule matches from `since` until before `until`; seconds count from the time it was added."""
    book = book_of({"status": 503, **window})
    met = [seconds for seconds in (0, 9.9, 10, 19.9, 20, 10) if ask(book, after=seconds)]
    assert met == [10, 19.9, 10]
    (rule,) = book.all()
    assert (rule.matched, rule.fault.since) == (3, NOW + timedelta(seconds=10))


def test_a_window_beyond_the_calendar_is_refused() -> None:
    """A window that ends beyond the calendar is refused before anything is added."""
    book = FaultBook()
    faults = [read_fault({"status": 503}), read_fault({"status": 503, "until": 31_536_000})]
    with pytest.raises(ValueError, match=r"^until: leads beyond the end of the calendar$"):
        book.add(faults, datetime(9999, 12, 1, tzinfo=timezone.utc))
    assert book.all() == []


def test_the_first_rule_that_does_something_is_the_only_one() -> None:
    """Rules after the one that fires do not count the request."""
    book = book_of({"status": 500, "times": 1}, {"status": 502}, {"status": 503})
    hits = [ask(book), ask(book)]
    assert [hit.fault.status for hit in hits if hit and hit.fault] == [500, 502]
    assert [(rule.matched, rule.fired) for rule in book.all()] == [(2, 1), (1, 1), (0, 0)]


def test_delays_add_up_and_end_nothing() -> None:
    """After a rule that only delays, the next rules are checked."""
    book = book_of(
        {"latency_seconds": 1},
        {"latency_seconds": 2, "clock": True},
        {"latency_seconds": 4, "status": 503},
        {"latency_seconds": 8},
    )
    hit = ask(book)
    assert hit is not None
    assert hit.fault is not None
    assert (hit.delay_seconds, hit.clock_seconds, hit.fault.status) == (5, 2, 503)
    assert hit.texts == ["#1 1 s late", "#2 2 s late on the clock", "#3 4 s late, status 503"]


def test_a_range_of_delays_is_drawn_by_the_seed() -> None:
    """The delays are in the range, differ, and are the same for a seed."""

    def delays(seed: int) -> list[float]:
        book = book_of({"latency_seconds": [1, 3], "seed": seed})
        return [hit.delay_seconds for hit in (ask(book) for _ in range(50)) if hit]

    drawn = delays(7)
    assert all(1 <= seconds <= 3 for seconds in drawn)
    assert max(drawn) - min(drawn) > 1
    assert drawn == delays(7) != delays(8)


@pytest.mark.parametrize(
    "fault, asker, expected",
    [
        ({"status": 503, "client_id": "fake-client-id"}, ASKER, True),
        ({"status": 503, "client_id": "other"}, ASKER, False),
        ({"status": 503, "company_id": 5678}, ASKER, True),
        ({"status": 503, "company_id": 6789}, ASKER, False),
        ({"rate_limited": True}, ASKER, True),
        ({"token_expired": True}, ASKER, True),
        ({"token_expired": True}, Asker(client_id="fake-client-id", company_id=5678, scheme="basic"), False),
    ],
)
def test_some_rules_need_the_application(fault: dict[str, Any], asker: Asker, expected: bool) -> None:
    """Rules by application or company need one; a token expires only if there is one (O07)."""
    book = book_of(fault)
    assert book.early is None
    assert (ask(book, asker=asker) is not None) is expected
    assert book.all()[0].matched == expected


def test_rules_without_application_come_first() -> None:
    """Rules that do not need the application are matched first, in any order of adding."""
    book = book_of({"status": 500, "client_id": "fake-client-id"}, {"latency_seconds": 1}, {"status": 502})
    hit = ask(book)
    assert hit is not None
    assert hit.texts == ["#2 1 s late", "#3 status 502"]


REQUESTS = st.tuples(
    st.sampled_from([*METHODS, "PROPFIND"]),
    st.sampled_from(
        [
            "/",
            CUSTOMERS,
            f"{CUSTOMERS}.json",
            f"{CUSTOMERS}/389427.json",
            "/v1/token",
            "/customers",
            "/v1/customers/1/2",
        ]
    ),
)


@unhurried
@given(faults=st.lists(MATCHES, max_size=8), requests=st.lists(REQUESTS, min_size=1, max_size=12))
def test_the_index_finds_the_same_rules_as_a_search(
    faults: Sequence[dict[str, Any]], requests: Sequence[tuple[str, str]]
) -> None:
    """The index finds the same rules in the same order, whatever was matched before."""
    book = book_of(*({**fault, "latency_seconds": 1} for fault in faults))
    for method, path in requests:
        for rules, late in ((book.early, False), (book.late, True)):
            wanted = [
                rule
                for rule in book.all()
                if rule.fault.needs_application is late
                and (not rule.fault.methods or method in rule.fault.methods)
                and (rule.fault.path is None or path_matches(rule.fault.path, path))
            ]
            assert ([] if rules is None else list(rules.about(method, path))) == wanted


@unhurried
@given(
    pattern=st.sampled_from(["/a.json.json", "/a.json", "**.json", "/*/b", *PATHS]),
    path=st.sampled_from(["/a", "/a.json", "/a.json.json", "/x/b.json", "/x/y/b", "/v1/companies/5/a.json"]),
)
def test_the_quick_test_of_a_path_says_the_same(pattern: str, path: str) -> None:
    """The quick test never refuses a path that the pattern matches."""
    assert path_test(pattern)(path) is path_matches(pattern, path)


def test_the_cache_of_paths_is_bounded() -> None:
    """The cache does not keep thousands of paths, or a very long one."""
    book = book_of({"path": "/customers/*", "status": 503})
    assert book.early is not None
    for number in range(2_500):
        assert len(book.early.about("GET", f"{CUSTOMERS}/{number}")) == 1
    book.early.about("GET", "/" * 300)
    assert 0 < len(book.early._found) <= 1_000
    assert all(len(path) < 300 for _, path in book.early._found)


def test_rules_are_added_and_removed() -> None:
    """Ids are never repeated, a removed rule counts no more, and an unknown id is an error."""
    book = book_of({"status": 500}, {"status": 502})
    first, second = book.all()
    assert book.remove(first.id)
    assert not book.remove(first.id)
    (third,) = book.add([read_fault({"status": 503})], NOW)
    assert [rule.id for rule in book.all()] == [2, 3] == [second.id, third.id]
    ask(book)
    assert (first.matched, second.matched) == (0, 1)
    book.clear()
    assert ask(book) is None
    assert (book.all(), book.early, book.late) == ([], None, None)
    (fourth,) = book.add([read_fault({"status": 503})], NOW)
    assert fourth.id == 4


def test_a_rule_lasts_as_long_as_its_block() -> None:
    """`with` removes the rule at its end, and its counts can still be read."""
    book = book_of({"status": 503})
    (rule,) = book.all()
    with rule as same:
        assert same is rule
        ask(book)
    assert (book.all(), rule.matched, rule.fired) == ([], 1, 1)
    assert repr(rule).startswith("<fault 1: Fault(status=503), matched 1, fired 1>")


def test_threads_lose_no_count() -> None:
    """Simultaneous requests are all counted, and `times` is exact."""
    book = book_of({"status": 503, "every": 2, "times": 500})
    rule: FaultRule = book.all()[0]
    barrier = Barrier(8)

    def work() -> None:
        barrier.wait()
        for _ in range(500):
            ask(book)

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (rule.matched, rule.fired) == (4_000, 500)


def test_the_number_of_rules_is_bounded() -> None:
    """One rule too many is refused with the reason, and so is its whole list."""
    book = book_of({"status": 503})
    (fault,) = [rule.fault for rule in book.all()]
    with pytest.raises(ValueError, match="10,000 rules at most"):
        book.add([fault] * MOST_RULES, NOW)
    assert len(book.all()) == 1


def test_unknown_methods_are_not_cached() -> None:
    """A method may have thousands of characters."""
    rules = book_of({"status": 503}).early
    assert rules is not None
    for number in range(3):
        assert len(rules.about("X" * 10_000 + str(number), "/")) == 1
    rules.about("GET", "/")
    assert list(rules._found) == [("GET", "/")]
