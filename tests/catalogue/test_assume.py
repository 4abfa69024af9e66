"""Tests of `assume` during a test: it changes the behaviour of its choice, and no data."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from flask import Flask

from fakekounta import FakeKounta
from tests.choices import LAST, LENIENT

LIST = "/v1/companies/me/customers.json"


def ask(kounta: FakeKounta, method: str, path: str = LIST, **more: Any) -> requests.Response:
    more.setdefault("auth", kounta.auth)
    return kounta.requests_session().request(method, kounta.url + path, allow_redirects=False, **more)


def test_deliveries_are_kept() -> None:
    """Deliveries are kept with their attempts, pending ones are made once, and ids continue."""
    kounta, app, got = FakeKounta(webhook_mode="collect"), Flask("receiver"), []

    @app.post("/hook")
    def hook() -> str:
        got.append(1)
        return ""

    kounta.webhooks.deliver_to(app)
    kounta.webhooks.add("customers/created", "http://127.0.0.1/hook")
    kounta.customers.add(first_name="Ada", phone="1", announce=True)
    kounta.webhooks.deliver()
    kounta.customers.add(first_name="Bea", phone="2", announce=True)
    done, pending = kounta.webhooks.deliveries
    kounta.assume(A01="customer")
    assert [one.outcome for one in kounta.webhooks.deliveries] == ["delivered", "pending"]
    assert kounta.webhooks.deliveries == [done, pending]
    kounta.customers.add(first_name="Cleo", phone="3", announce=True)
    kounta.webhooks.deliver()
    assert [(one.id, one.outcome, len(one.attempts)) for one in kounta.webhooks.deliveries] == [
        (number, "delivered", 1) for number in (1, 2, 3)
    ]
    assert len(got) == 3


def test_handles_stay_valid() -> None:
    """Handles such as clock, faults and webhooks work after `assume`."""
    kounta = FakeKounta()
    clock, fault = kounta.clock, kounta.faults.add(status=503, nth=2)
    kounta.assume(**LAST)
    clock.freeze("2030-01-01T00:00:00Z")
    assert ask(kounta, "GET").headers["Date"] == "Tue, 01 Jan 2030 00:00:00 GMT"
    assert (ask(kounta, "GET").status_code, fault.fired) == (503, 1)


def test_tokens_and_the_rate_limit_are_kept() -> None:
    """A token stays valid, and the minute of the rate limit continues."""
    kounta = FakeKounta(rate_limit={"basic": 5, "oauth": 5})
    form = {"grant_type": "client_credentials"}
    token = ask(kounta, "POST", "/v1/token.json", data=form).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    remaining = [ask(kounta, "GET", headers=headers, auth=None).headers["X-Ratelimit-Remaining"]]
    kounta.assume(O07="expired_token")
    remaining.append(ask(kounta, "GET", headers=headers, auth=None).headers["X-Ratelimit-Remaining"])
    assert remaining == ["4", "3"]
    kounta.clock.advance(seconds=3_601)
    assert ask(kounta, "GET", headers=headers, auth=None).json()["error"] == "expired_token"


def test_customers_that_the_new_choice_would_refuse_are_kept() -> None:
    """A customer created under a lenient choice is kept under a strict one; no id is used twice."""
    kounta = FakeKounta(assumptions=LENIENT)
    made = kounta.customers.add(first_name="Ada", phone="1", primary_address={"country": "au"})
    kounta.customers.remove(kounta.customers.add(first_name="Bea", phone="2").id)
    kounta.assume(**dict.fromkeys(LENIENT, "refused"))
    assert kounta.customers.all() == [made]
    assert kounta.customers.add(first_name="Cleo", phone="3").id == made.id + 2
    with pytest.raises(ValueError, match="country"):
        kounta.customers.add(first_name="Dora", phone="4", primary_address={"country": "au"})


def test_look_ups_and_lists_follow_the_new_choice() -> None:
    """Indexes are rebuilt for the new choices: digits, the newest, the order by first name."""
    kounta = FakeKounta()
    for name in ("Zoe", "Ada"):
        kounta.customers.add(first_name=name, email="same@example.com", mobile=f"04 {len(name)} {name == 'Ada':d}")
    kounta.assume(A10="newest", A11="digits", A15="first_name")
    oldest, newest = (one.id for one in sorted(kounta.customers.all(), key=lambda one: one.id))
    assert [one["first_name"] for one in ask(kounta, "GET").json()] == ["Ada", "Zoe"]
    assert ask(kounta, "GET", params={"email": "same@example.com"}).headers["Location"].endswith(f"/{newest}.json")
    assert ask(kounta, "GET", params={"mobile": "0430"}).headers["Location"].endswith(f"/{oldest}.json")
