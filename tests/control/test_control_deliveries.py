"""Tests of control calls for deliveries: filters, redeliver, deliver, announce; no secrets are shown."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from fakekounta import FakeKounta, Receiver
from fakekounta.signing import HEADER
from tests.lab import CREATED, DELETED, HOOK, UPDATED, calling, customer, outcomes

AT = "2026-11-23T18:40:00+11:00"
SECRET = "Bearer s3cret-of-the-receiver"


def control(kounta: FakeKounta, method: str, path: str, document: Any = None) -> httpx.Response:
    with kounta.httpx_client() as client:
        headers = {"Content-Type": "application/json"}
        return client.request(method, f"/_fakekounta/{path}", json=document, headers=headers)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    assert set(answer.json()) == {"error", "error_description"}
    return answer.status_code, answer.json()["error_description"]


@pytest.fixture
def kounta() -> FakeKounta:
    """A fake with webhooks 1 and 2 (created) and 3 (updated), and delivered, failed, dropped and pending deliveries."""
    kounta = FakeKounta(webhook_mode="collect", webhook_schedule={"minutes": [0]})
    kounta.clock.freeze(AT)
    for topic, path in ((CREATED, "well"), (CREATED, "ill"), (UPDATED, "well")):
        kounta.webhooks.add(topic, f"http://shop.example/{path}", headers={"Authorization": SECRET})
    known = customer(kounta)
    kounta.webhooks.deliver_to(calling(lambda path, _: 1 / (path == "/well")))
    kounta.webhooks.disturb(drop=1)
    kounta.customers.change(known, announce=True, first_name="Kim")
    kounta.webhooks.disturb()
    kounta.customers.change(known, announce=True, first_name="Lee")
    assert outcomes(kounta) == ["delivered", "failed", "dropped", "pending"]
    return kounta


# --- GET deliveries --------------------------------------------------------------------------------------------


def test_a_delivery_as_it_is_shown(fakekounta_receiver: Receiver) -> None:
    """The document has the delivery and its attempts, with times in ISO 8601 and hidden credentials of the receiver."""
    kounta = FakeKounta()
    kounta.clock.freeze(AT)
    kounta.webhooks.add(CREATED, fakekounta_receiver.url, headers={"Authorization": SECRET, "X-Key": "k3y"})
    known = customer(kounta)
    (shown,) = control(kounta, "GET", "deliveries").json()
    made = kounta.webhooks.deliveries[0].attempts[0]
    (attempt,) = shown.pop("attempts")
    assert shown == {
        "id": 1,
        "webhook_id": 1,
        "company_id": 5678,
        "client_id": "fake-client-id",
        "topic": CREATED,
        "customer_id": known,
        "record_id": known,
        "address": fakekounta_receiver.url,
        "outcome": "delivered",
        "occurred_at": "2026-11-23T07:40:00+00:00",
        "due_at": "2026-11-23T07:40:00+00:00",
        "earlier_attempts": 0,
    }
    assert attempt.pop("duration_seconds") == pytest.approx(made.duration_seconds, abs=0.001)
    headers = {**dict(made.headers), "Authorization": "***", "X-Key": "***"}
    assert attempt == {
        "number": 1,
        "at": "2026-11-23T07:40:00+00:00",
        "status": 204,
        "error": None,
        "headers": headers,
        "body": fakekounta_receiver.received[0].body.decode("utf-8"),
    }
    assert attempt["headers"][HEADER] == fakekounta_receiver.received[0].headers[HEADER.lower()]


def test_no_secret_is_shown(kounta: FakeKounta) -> None:
    """The values of a webhook's headers, and the token and secret of its application, are hidden."""
    shown = control(kounta, "GET", "deliveries").text
    application = kounta.application
    for secret in (SECRET, application.signature_token, application.client_secret, str(application.access_token)):
        assert secret not in shown
    assert shown.count('"Authorization": "***"') == 2


@pytest.mark.parametrize(
    "query, found",
    [
        ("", [1, 2, 3, 4]),
        (f"topic={CREATED}", [1, 2]),
        (f"topic={UPDATED}", [3, 4]),
        (f"topic={DELETED}", []),
        ("topic=", []),
        ("webhook_id=1", [1]),
        ("webhook_id=2", [2]),
        ("webhook_id=3", [3, 4]),
        ("webhook_id=4", []),
        ("webhook_id=x", []),
        ("outcome=delivered", [1]),
        ("outcome=failed", [2]),
        ("outcome=dropped", [3]),
        ("outcome=pending", [4]),
        ("outcome=blocked", []),
        (f"topic={UPDATED}&outcome=pending", [4]),
        (f"topic={CREATED}&outcome=pending", []),
        (f"topic={CREATED}&webhook_id=2&outcome=failed", [2]),
        ("webhook_id=1&outcome=failed", []),
    ],
)
def test_each_filter_and_all_together(kounta: FakeKounta, query: str, found: list[int]) -> None:
    """Only deliveries that match every filter are returned, the oldest first."""
    answer = control(kounta, "GET", f"deliveries?{query}")
    assert answer.status_code == 200
    assert [one["id"] for one in answer.json()] == found


KNOWN_FILTERS = "known are topic, webhook_id, record_id, outcome, limit, full"


@pytest.mark.parametrize(
    "query, reason",
    [
        ("webhook=1", f"webhook: is unknown; {KNOWN_FILTERS}; did you mean webhook_id?"),
        ("outcome=pending&first=5", f"first: is unknown; {KNOWN_FILTERS}"),
        ("outcome=lost", "outcome: must be one of pending, delivered, failed, blocked, dropped"),
    ],
)
def test_filters_that_there_are_not(kounta: FakeKounta, query: str, reason: str) -> None:
    """An unknown filter is refused by name."""
    assert refusal(control(kounta, "GET", f"deliveries?{query}")) == (400, reason)


def test_what_is_blocked_shows_how_to_allow_it() -> None:
    """A delivery to another machine has its outcome and the option that allows it."""
    kounta = FakeKounta()
    kounta.webhooks.add(CREATED, "http://192.0.2.1/hook")
    customer(kounta)
    (shown,) = control(kounta, "GET", "deliveries?outcome=blocked").json()
    assert "--allow-webhook-host 192.0.2.1" in shown["attempts"][0]["error"]


def test_xml_is_shown_as_text() -> None:
    """The body of a delivery in XML is shown as it was sent."""
    kounta = FakeKounta()
    kounta.webhooks.add(CREATED, HOOK, format="xml")
    kounta.webhooks.deliver_to(calling(lambda *_: None))
    customer(kounta, "Zoë")
    (shown,) = control(kounta, "GET", "deliveries").json()
    assert "<first_name>Zoë</first_name>" in shown["attempts"][0]["body"]


# --- redeliver and deliver -------------------------------------------------------------------------------------


def test_redeliver_by_control_call(kounta: FakeKounta) -> None:
    """The call is 201 with the new delivery to the same webhook; the old one stays."""
    answer = control(kounta, "POST", "deliveries/1/redeliver")
    assert answer.status_code == 201
    again = answer.json()
    assert (again["id"], again["webhook_id"], again["topic"], again["outcome"]) == (5, 1, CREATED, "pending")
    assert control(kounta, "POST", "deliver").json() == {"attempts": 2}
    assert outcomes(kounta) == ["delivered", "failed", "dropped", "delivered", "delivered"]


def test_redeliver_of_an_immediate_fake(fakekounta_receiver: Receiver) -> None:
    """In `immediate` the response has the result of the first attempt."""
    kounta = FakeKounta()
    kounta.webhooks.add(CREATED, fakekounta_receiver.url)
    customer(kounta)
    answer = control(kounta, "POST", "deliveries/1/redeliver").json()
    assert (answer["outcome"], len(answer["attempts"]), len(fakekounta_receiver.received)) == ("delivered", 1, 2)


@pytest.mark.parametrize("number", ["5", "0", "-1", "x", "1.0", "99999999999999999999", "\u0661"])
def test_redeliver_of_what_is_not_there(kounta: FakeKounta, number: str) -> None:
    """An unknown id in any form is 404."""
    answer = control(kounta, "POST", f"deliveries/{number}/redeliver")
    assert refusal(answer) == (404, "no delivery has this id")


def test_redeliver_of_what_is_pending(kounta: FakeKounta) -> None:
    """A pending delivery is 409, because it will still be tried."""
    assert refusal(control(kounta, "POST", "deliveries/4/redeliver")) == (409, "delivery 4 is still pending")
    assert len(kounta.webhooks.deliveries) == 4


def test_deliver_makes_all_that_is_due(kounta: FakeKounta) -> None:
    """The response is the number of attempts; deliveries that are not due are left."""
    kounta.webhooks.disturb(delay=1, delay_seconds=60)
    customer(kounta)
    assert control(kounta, "POST", "deliver").json() == {"attempts": 1}
    assert control(kounta, "POST", "deliver").json() == {"attempts": 0}
    control(kounta, "PUT", "clock", {"advance_seconds": 60})
    assert control(kounta, "POST", "deliver").json() == {"attempts": 2}
    assert outcomes(kounta) == ["delivered", "failed", "dropped", "delivered", "delivered", "failed"]


@pytest.mark.parametrize(
    "method, path",
    [("GET", "deliver"), ("POST", "deliveries"), ("GET", "deliveries/1/redeliver"), ("POST", "disturbances")],
)
def test_other_methods(kounta: FakeKounta, method: str, path: str) -> None:
    """Other methods are 405, and nothing is sent."""
    assert control(kounta, method, path).status_code == 405
    assert outcomes(kounta)[3] == "pending"


@pytest.mark.parametrize("path", ["deliver", "deliveries/1/redeliver", "disturbances"])
def test_a_foreign_page_can_send_nothing(kounta: FakeKounta, path: str) -> None:
    """A change needs a JSON content type and no foreign origin, as everywhere on the control surface."""
    method = "PUT" if path == "disturbances" else "POST"
    json_type = {"Content-Type": "application/json"}
    with kounta.httpx_client() as client:
        for headers in ({"Content-Type": "text/plain"}, {**json_type, "Origin": "http://shop.example"}):
            answer = client.request(method, f"/_fakekounta/{path}", content="{}", headers=headers)
            assert answer.status_code == 403
    assert outcomes(kounta) == ["delivered", "failed", "dropped", "pending"]


# --- announce --------------------------------------------------------------------------------------------------


def announced(kounta: FakeKounta) -> list[tuple[str, int]]:
    return [(one.topic, one.customer.id) for one in kounta.webhooks.deliveries]


@pytest.fixture
def listening() -> FakeKounta:
    """A fake with a webhook for every topic."""
    kounta = FakeKounta(webhook_mode="collect")
    for topic in (CREATED, UPDATED, DELETED):
        kounta.webhooks.add(topic, HOOK)
    return kounta


@pytest.mark.parametrize("query, is_announced", [("", False), ("?announce=false", False), ("?announce=true", True)])
def test_announce(listening: FakeKounta, query: str, is_announced: bool) -> None:
    """Adding or removing customers causes deliveries with `announce=true` only."""
    documents = [{"id": 7, "first_name": "A", "phone": "1"}, {"id": 8, "first_name": "B", "phone": "2"}]
    assert control(listening, "POST", f"customers{query}", documents).status_code == 201
    assert control(listening, "DELETE", f"customers/7{query}").status_code == 200
    assert announced(listening) == ([(CREATED, 7), (CREATED, 8), (DELETED, 7)] if is_announced else [])


def test_announce_tells_of_what_was_deleted(listening: FakeKounta) -> None:
    """W10: the payload of a deletion is the complete customer as it was."""
    control(listening, "POST", "customers", {"id": 7, "first_name": "A", "phone": "1"})
    control(listening, "DELETE", "customers/7?announce=true")
    (delivery,) = listening.webhooks.deliveries
    payload = listening.webhooks.payload(delivery)
    assert (payload["id"], payload["first_name"], payload["phone"]) == (7, "A", "1")


@pytest.mark.parametrize("value", ["", "yes", "1", "True", "TRUE"])
def test_announce_is_true_or_false(listening: FakeKounta, value: str) -> None:
    """Any other value is refused by name, and nothing is added or removed."""
    control(listening, "POST", "customers", {"id": 7, "first_name": "A", "phone": "1"})
    document = {"first_name": "B", "phone": "2"}
    for method, path in (("POST", "customers"), ("DELETE", "customers/7")):
        answer = control(listening, method, f"{path}?announce={value}", document)
        assert refusal(answer) == (400, "announce: must be true or false")
    assert [one.id for one in listening.customers] == [7]


def test_what_is_refused_is_not_announced(listening: FakeKounta) -> None:
    """An array with a wrong customer, and the removal of an unknown one, cause no delivery."""
    documents = [{"first_name": "A", "phone": "1"}, {"first_name": "B"}]
    assert control(listening, "POST", "customers?announce=true", documents).status_code == 400
    assert control(listening, "DELETE", "customers/7?announce=true").status_code == 404
    assert announced(listening) == []


def test_announce_over_a_socket(fakekounta_receiver: Receiver) -> None:
    """From another process the receiver also gets the delivery before the response arrives."""
    with FakeKounta() as kounta:
        kounta.webhooks.add(CREATED, fakekounta_receiver.url)
        document = json.dumps({"first_name": "A", "phone": "1"})
        url = f"{kounta.url}/_fakekounta/customers?announce=true"
        with httpx.Client(verify=False) as client:
            answer = client.post(url, content=document, headers={"Content-Type": "application/json"})
        assert (answer.status_code, len(fakekounta_receiver.received)) == (201, 1)
