"""Tests that all that clients can add is bounded in number and in bytes, with a clear refusal."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from fakekounta import FakeKounta
from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.core import subscriptions
from fakekounta.core.bounded import Bounded
from fakekounta.core.customers import Address, _seen, new_customer
from fakekounta.core.errors import BadField
from fakekounta.core.indexes import Indexes, Keying
from fakekounta.core.rate_limit import RateLimit, RequestsPerMinute
from fakekounta.core.subscriptions import MOST, MOST_BYTES, Subscriptions
from tests.caller import Caller

NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
WEBHOOK: dict[str, Any] = {"topic": "customers/created", "address": "http://127.0.0.1/"}


def bounded(most: int, most_bytes: int) -> Bounded[str, str]:
    return Bounded(most, most_bytes, lambda key, value: (key, value))


def test_the_newest_items_are_kept() -> None:
    """The number of items is limited; an item that is put again is the newest."""
    kept = bounded(3, 10_000)
    for key in ("a", "b", "c", "a", "d"):
        kept.put(key, key * 2)
    assert kept.all() == {"c": "cc", "a": "aa", "d": "dd"}
    kept.discard("a")
    kept.discard("a")
    assert (kept.get("a"), kept.get("d"), len(kept.all())) == (None, "dd", 2)


def test_items_are_bounded_by_their_texts() -> None:
    """The bytes of items are limited; dropped items make room, and one that is too large is not kept."""
    kept = bounded(100, 1_000)
    for key in ("a", "b", "c"):
        kept.put(key, "x" * 300)
    assert list(kept.all()) == ["b", "c"]
    kept.discard("b")
    kept.put("d", "x" * 300)
    assert list(kept.all()) == ["c", "d"]
    kept.put("c", "y")
    kept.put("e", "x" * 300)
    assert list(kept.all()) == ["d", "c", "e"]
    kept.put("f", "x" * 2_000)
    assert kept.all() == {}
    kept.clear()
    kept.put("a", "x" * 800)
    assert list(kept.all()) == ["a"]


def test_webhooks_are_bounded_in_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """One webhook too many is refused like a wrong field; removing one makes room."""
    monkeypatch.setattr(subscriptions, "MOST", 2)
    api = Caller(FakeKounta())
    sent = {**WEBHOOK, "format": "json"}
    place = "/v1/companies/5678/webhooks.json"
    assert [api.http.post(place, json=sent).status_code for _ in range(3)] == [201, 201, 400]
    assert "keeps at most" in api.http.post(place, json=sent).json()["error_description"]
    assert api.http.delete("/v1/companies/5678/webhooks/1.json").status_code == 204
    assert api.http.post(place, json=sent).status_code == 201
    assert MOST == 10_000


def test_webhooks_are_bounded_in_bytes() -> None:
    """All texts from a client are counted; a change counts with its result."""
    here, large = Subscriptions(1), {**WEBHOOK, "headers": {"X-A": "x" * (MOST_BYTES // 3)}}
    first = here.create("me", large, NOW)
    here.create("me", large, NOW)
    with pytest.raises(BadField, match="webhook: cannot be kept"):
        here.create("me", large, NOW)
    small = here.create("me", WEBHOOK, NOW)
    with pytest.raises(BadField, match="webhook: cannot be kept"):
        here.change("me", small.id, {"headers": large["headers"]}, NOW)
    assert here.get("me", small.id) is small
    here.change("me", first.id, {"headers": {}}, NOW)
    here.change("me", small.id, {"headers": large["headers"]}, NOW)
    here.remove("me", small.id)
    again = Subscriptions(1)
    again.restore(here.all(), here.next_id)
    again.create("me", large, NOW)
    with pytest.raises(BadField):
        again.create("me", large, NOW)


def test_long_texts_of_customers_are_not_remembered() -> None:
    """The cache of equal cities and tags outlives every reset, so it takes no long texts."""
    _seen.cache_clear()
    fields = {"first_name": "Al", "phone": "1", "primary_address": {"city": "c" * 100}}
    made = new_customer(1, "me", {**fields, "tags": ["t" * 100, *("ab" for _ in range(100))]}, Assumptions())
    assert made.primary_address == Address(city="c" * 100)
    assert made.tags[0] == "t" * 100
    assert _seen.cache_info().currsize == 1
    cities = [Address(city=_seen("".join("ab"))).city for _ in range(2)]
    assert cities[0] is cities[1]


def test_removed_reference_ids_leave_no_index() -> None:
    """An application without reference ids has no index."""
    indexes = Indexes(Keying())
    for number in range(5):
        customer = new_customer(
            1, f"app {number}", {"first_name": "Al", "phone": "1", "reference_id": "R"}, Assumptions()
        )
        indexes.insert((customer,))
        assert list(indexes.with_reference(f"app {number}", "R")) == [1]
        indexes.discard(customer)
    assert indexes._references == {}


def test_minutes_of_the_rate_limit_are_bounded() -> None:
    """Under open authentication any client id is an application; only the newest are counted."""
    limit = RateLimit(RequestsPerMinute(basic=2))
    for number in range(10_000):
        limit.take(f"{number}", "basic", NOW)
    assert limit.take("9999", "basic", NOW).remaining == 0
    assert limit.take("0", "basic", NOW).remaining == 1
    assert len(limit._windows.all()) == 4_096
