"""Tests of numbers and names at the bounds of the control surface, and of the refusals beyond."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from fakekounta import FakeKounta
from tests.control.test_control import control, refusal
from tests.lab import CREATED, HOOK

A_TRILLION = 10**12
COLLECTED: dict[str, Any] = {"webhook_mode": "collect"}


@pytest.fixture
def fake(fakekounta_server: FakeKounta) -> Iterator[FakeKounta]:
    with fakekounta_server.fresh(companies=[{"id": 6789, "name": "Other"}], **COLLECTED) as kounta:
        yield kounta


@pytest.fixture
def delivering(fake: FakeKounta) -> FakeKounta:
    """A fake with three pending deliveries."""
    fake.webhooks.add(CREATED, HOOK)
    for name in ("Ada", "Bea", "Cleo"):
        fake.customers.add(first_name=name, phone="1", announce=True)
    return fake


# --- numbers of the query ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path, least, most",
    [
        ("customers?limit=", 0, 10_000),
        ("customers?offset=", 0, None),
        ("requests?limit=", 1, None),
        ("deliveries?limit=", 1, A_TRILLION),
    ],
)
def test_a_number_of_the_query_has_bounds(fake: FakeKounta, path: str, least: int, most: int | None) -> None:
    """The numbers at both bounds are accepted, the next ones refused, and the message has the bounds."""
    name = path.partition("?")[2][:-1]
    refused = refusal(control(fake, "GET", f"{path}none"))
    ends = refused.removeprefix(f"{name}: must be a whole number from ").removesuffix(", not 'none'").split(" to ")
    lowest, highest = map(int, ends)
    assert most in (None, highest)
    assert lowest in (least, 1)
    for number in (lowest, highest):
        assert control(fake, "GET", f"{path}{number}").status_code == 200
    for number in (lowest - 1, highest + 1):
        description = f"{name}: must be a whole number from {lowest} to {highest}, not '{number}'"
        assert refusal(control(fake, "GET", f"{path}{number}")) == description


@pytest.mark.parametrize("text", ["", " 1", "+1", "-1", "1.0", "1e3", "\u0661", "\u00b2", "0x1", "1" * 20, "9" * 4_000])
def test_an_invalid_number_is_refused(fake: FakeKounta, text: str) -> None:
    """A number has up to nineteen ASCII digits; a longer text is never converted."""
    assert "limit: must be a whole number" in refusal(
        control(fake, "GET", f"deliveries?limit={text}".replace("+", "%2B"))
    )


def test_nineteen_digits_are_a_number(fake: FakeKounta) -> None:
    """Nineteen digits are read, and are over the bound or an unknown id."""
    assert "must be a whole number from 1" in refusal(control(fake, "GET", f"deliveries?limit={10**18}"))
    assert "no customer with this id" in refusal(control(fake, "GET", f"customers/{10**18}"), 404)


# --- deliveries -------------------------------------------------------------------------------------------------


def test_a_limit_leaves_the_newest(delivering: FakeKounta) -> None:
    """`limit` returns the newest, the oldest of them first."""
    every = [one["id"] for one in control(delivering, "GET", "deliveries").json()]
    assert len(every) == 3
    for limit in (1, 2, 3, 4):
        found = control(delivering, "GET", f"deliveries?limit={limit}").json()
        assert [one["id"] for one in found] == every[-limit:]


def test_deliveries_are_filtered_by_webhook_topic_and_outcome(delivering: FakeKounta) -> None:
    """Each filter works alone, and one can match nothing."""
    webhook_id = delivering.webhooks.all()[0].id
    counts = {
        f"webhook_id={webhook_id}": 3,
        f"webhook_id={webhook_id + 1}": 0,
        f"topic={CREATED}": 3,
        "topic=customers/deleted": 0,
        "outcome=pending": 3,
        "outcome=failed": 0,
    }
    for query, count in counts.items():
        assert len(control(delivering, "GET", f"deliveries?{query}").json()) == count
    assert refusal(control(delivering, "GET", "deliveries?outcome=lost")).startswith(
        "outcome: must be one of pending, "
    )


@pytest.mark.parametrize("number", ["0", "4", "-1", "x", "1" * 20])
@pytest.mark.parametrize("method, path", [("POST", "redeliver"), ("GET", "signatures")])
def test_a_delivery_that_is_not_there(delivering: FakeKounta, number: str, method: str, path: str) -> None:
    answer = control(delivering, method, f"deliveries/{number}/{path}")
    assert refusal(answer, 404) == "no delivery has this id"


def test_one_that_is_pending_is_not_sent_again(delivering: FakeKounta) -> None:
    """A pending delivery is 409, and none is added."""
    refusal(control(delivering, "POST", "deliveries/1/redeliver"), 409)
    assert len(control(delivering, "GET", "deliveries").json()) == 3


# --- webhooks and disturbances ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "document, status, description",
    [
        ([], 400, "webhook: must be an object"),
        ({"topic": CREATED}, 400, "address: is required"),
        ({"address": HOOK}, 400, "topic: is required"),
        ({"topic": CREATED, "address": HOOK, "client_id": 1}, 400, "client_id: must be a text"),
        ({"topic": CREATED, "address": HOOK, "company_id": 1}, 404, "company_id: the companies are 5678, 6789"),
        ({"topic": CREATED, "address": HOOK, "company_id": "5678"}, 404, "company_id: the companies are 5678, 6789"),
    ],
)
def test_a_webhook_that_is_refused(fake: FakeKounta, document: Any, status: int, description: str) -> None:
    """The refusal has the reason, and no webhook is made."""
    assert refusal(control(fake, "POST", "webhooks", document), status) == description
    assert control(fake, "GET", "webhooks").json() == []


def test_an_unknown_field_of_a_webhook(fake: FakeKounta) -> None:
    description = refusal(control(fake, "POST", "webhooks", {"topic": CREATED, "address": HOOK, "adress": HOOK}))
    known = "topic, address, format, filter, headers, client_id, company_id"
    assert description == f"adress: is unknown; known are {known}; did you mean address?"


def test_a_webhook_of_another_company_or_of_none_that_is_named(fake: FakeKounta) -> None:
    fields = {"topic": CREATED, "address": HOOK}
    assert control(fake, "POST", "webhooks", {**fields, "company_id": None}).status_code == 201
    assert control(fake, "POST", "webhooks", {**fields, "company_id": 5678}).status_code == 201
    assert len(control(fake, "GET", "webhooks").json()) == 2


@pytest.mark.parametrize("document", [[], 1, None, {"drop": 2}, {"dorp": 0.5}, {"drop": "much"}])
def test_invalid_disturbances(fake: FakeKounta, document: Any) -> None:
    """Invalid disturbances are refused, and the earlier ones stay."""
    assert control(fake, "PUT", "disturbances", {"drop": 0.5}).status_code == 200
    description = refusal(control(fake, "PUT", "disturbances", document))
    assert "webhook_disturbances." not in description
    assert control(fake, "GET", "disturbances").json()["drop"] == 0.5


# --- without the token --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["clock", "state", "nothing", "ns/stranger/_fakekounta/clock"])
@pytest.mark.parametrize("token", ["", "wrong"])
def test_a_call_without_the_token_makes_no_namespace(path: str, token: str) -> None:
    """Without the token neither header nor path makes a namespace; with it they do."""
    kounta = FakeKounta(control_token="right")
    headers = {"X-Fakekounta-Namespace": "stranger", "X-Fakekounta-Token": token}
    with kounta.httpx_client() as client:
        assert client.get(f"/_fakekounta/{path}", headers=headers).status_code == 401
        assert list(kounta.namespaces) == []
        client.get("/_fakekounta/clock", headers={**headers, "X-Fakekounta-Token": "right"})
    assert list(kounta.namespaces) == ["stranger"]


# --- errors of the fake -----------------------------------------------------------------------------------------


def test_a_mistake_of_our_own_is_a_500_that_says_so(
    fake: FakeKounta, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The client learns only that the log has the details."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError("inside")

    monkeypatch.setattr("fakekounta.control.webhooks.DISTURBANCES.document", broken)
    with caplog.at_level(logging.ERROR, "fakekounta.control"):
        answer = control(fake, "GET", "disturbances")
    assert refusal(answer, 500) == "Internal error of the fake; its log has the traceback"
    assert answer.headers["Content-Type"] == "application/json"
    [record] = [one for one in caplog.records if one.name == "fakekounta.control"]
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError


def test_a_method_that_a_call_does_not_have(fake: FakeKounta) -> None:
    """A wrong method is 405 with the right ones; an unknown call is 404."""
    answer = control(fake, "PUT", "webhooks", {})
    assert (
        refusal(answer, 405)
        == "Method Not Allowed: /_fakekounta/control.openapi.json and docs/control.md list the calls"
    )
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))
    assert "Allow" not in control(fake, "GET", "nothing").headers
    assert refusal(control(fake, "GET", "nothing"), 404).startswith("Not Found: ")
