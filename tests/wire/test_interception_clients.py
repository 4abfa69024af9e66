"""Tests that each client of docs/intercept.md reaches the fake by the real address, and is refused by the guard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fakekounta import FakeKounta
from fakekounta.wire.interception.guard import Guard
from tests.doors import DOORS, HOST, URL, guarding, with_jamie

ORDERS = pytest.mark.parametrize("made_before", [True, False], ids=["made before", "made within"])
EACH = pytest.mark.parametrize("name", DOORS)


@pytest.fixture(scope="module")
def kounta() -> Iterator[FakeKounta]:
    with with_jamie() as kounta:
        yield kounta


@EACH
@ORDERS
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_it_reaches_the_fake(name: str, made_before: bool, scheme: str, kounta: FakeKounta) -> None:
    """A client reaches the fake with and without TLS, made before or after, and follows a look-up's redirect (C04)."""
    url = URL.replace("https", scheme)
    before = len(kounta.requests)
    seen = DOORS[name].through(kounta.intercept, url, made_before=made_before)
    assert (seen.status, seen.first_name) == (200, "Jamie")
    assert seen.url is None or seen.url.startswith(f"{scheme}://{HOST}/v1/companies/5678/customers/")
    assert len(kounta.requests) == before + 2


@EACH
@ORDERS
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_the_guard_refuses_it(name: str, made_before: bool, scheme: str) -> None:
    """The guard raises a connection error at once, which says what to do."""
    guard = Guard("do this")
    with pytest.raises(Exception, match="is the real service, which tests do not reach: do this"):
        DOORS[name].through(lambda: guarding(guard), URL.replace("https", scheme), made_before=made_before)
    assert set(guard.refused) == {HOST}
