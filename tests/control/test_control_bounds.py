"""Tests of the bounds of the control surface: the last accepted value, the first refused one, and the messages."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from fakekounta import FakeKounta
from fakekounta.control import clock as clock_calls
from tests.lab import CREATED, HOOK, customer

TOKEN = "t0ken"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def kounta() -> FakeKounta:
    """A fake with three customers, three exchanges, and three deliveries that were tried."""
    kounta = FakeKounta(webhook_mode="collect")
    kounta.webhooks.add(CREATED, HOOK)
    for name in ("Ada", "Bea", "Cleo"):
        customer(kounta, name)
        kounta.httpx_client().get("/v1/companies/me.json", auth=kounta.auth)
    return kounta


def ask(kounta: FakeKounta, method: str, path: str, sent: Any = None, headers: Any = None) -> TestResponse:
    """Make a call by WSGI, as another server would, without the mark of an in-process client."""
    data = b"" if sent is None else json.dumps(sent).encode()
    return Client(kounta.wsgi_app).open(
        f"/_fakekounta/{path}", method=method, data=data, headers={**JSON, **(headers or {})}
    )


def says(answer: TestResponse) -> tuple[int, str]:
    document = answer.get_json()
    assert document["error"] == "refused"
    return answer.status_code, str(document["error_description"])


BOUNDS: tuple[tuple[str, str, int, int, str], ...] = (
    ("requests", "after", 0, 10**18, "1000000000000000000"),
    ("requests", "limit", 1, 1_000, "1000"),
    ("requests", "status", 0, 999, "999"),
    ("deliveries", "limit", 1, 10**12, "1000000000000"),
    ("customers", "limit", 1, 10_000, "10000"),
    ("customers", "offset", 0, 10**12, "1000000000000"),
)


@pytest.mark.parametrize("path, name, least, most, shown", BOUNDS)
def test_a_number_of_the_query(kounta: FakeKounta, path: str, name: str, least: int, most: int, shown: str) -> None:
    """The bounds are accepted; the next numbers, and a text that is not a number, are 400 with the bounds."""
    for number in (least, most):
        assert ask(kounta, "GET", f"{path}?{name}={number}").status_code == 200
    for text in (str(least - 1), str(most + 1), "", "x", "1.0", "\u0661", "9" * 19, "9" * 20, "9" * 5_000):
        expected = f"{name}: must be a whole number from {least} to {shown}, not {text!r}"
        assert says(ask(kounta, "GET", f"{path}?{name}={text}")) == (400, expected)


def test_limit_returns_the_newest(kounta: FakeKounta) -> None:
    """`limit` returns the newest, in the order of arrival."""
    for limit in (1, 2, 3, 4):
        found = ask(kounta, "GET", f"requests?limit={limit}").get_json()
        assert ([one["number"] for one in found["requests"]], found["total"]) == ([1, 2, 3][-limit:], 3)
        assert [one["id"] for one in ask(kounta, "GET", f"deliveries?limit={limit}").get_json()] == [1, 2, 3][-limit:]
        page = ask(kounta, "GET", f"customers?limit={limit}").get_json()
        assert [one["first_name"] for one in page["customers"]] == ["Ada", "Bea", "Cleo"][:limit]
    assert [one["id"] for one in ask(kounta, "GET", "deliveries").get_json()] == [1, 2, 3]


@pytest.mark.parametrize("path", ["requests?summary", "deliveries?full", "customers/389427?announce"])
def test_a_flag_of_the_query(kounta: FakeKounta, path: str) -> None:
    """A flag is true or false, and nothing else."""
    path, name = path.split("?")
    method = "PUT" if path.startswith("customers") else "GET"
    sent: Any = {} if method == "PUT" else None
    for text in ("true", "false"):
        assert ask(kounta, method, f"{path}?{name}={text}", sent).status_code == 200
    for text in ("", "1", "True", "yes", "null"):
        assert says(ask(kounta, method, f"{path}?{name}={text}", sent)) == (400, f"{name}: must be true or false")


NOT_THERE = (
    ("GET", "requests/{}", "no exchange has this number, or the journal no longer keeps it"),
    ("GET", "deliveries/{}/signatures", "no delivery has this id"),
    ("POST", "deliveries/{}/redeliver", "no delivery has this id"),
    ("DELETE", "faults/{}", "no fault has this id"),
    ("GET", "customers/{}", "company 5678 has no customer with this id"),
    ("PUT", "customers/{}", "company 5678 has no customer with this id"),
    ("DELETE", "customers/{}", "company 5678 has no customer with this id"),
)


@pytest.mark.parametrize("method, path, reason", NOT_THERE)
def test_unknown_numbers_are_404(kounta: FakeKounta, method: str, path: str, reason: str) -> None:
    """The number before the first, and any text that is not a number, are 404 with the reason."""
    kounta.customers.add(id=1, first_name="Kim", phone="1")
    for number in ("0", "4", "-1", "x", "1x", "1.0", "%D9%A1", "9" * 19, "9" * 20):
        assert says(ask(kounta, method, path.format(number), {} if method == "PUT" else None)) == (404, reason)


def test_a_number_may_have_zeros_before_it(kounta: FakeKounta) -> None:
    """A number may have leading zeros, up to nineteen digits in total."""
    for digits in (1, 18, 19):
        assert ask(kounta, "GET", f"requests/{'1'.zfill(digits)}").get_json()["number"] == 1
    assert ask(kounta, "GET", f"requests/{'1'.zfill(20)}").status_code == 404


OUTCOME = "outcome: must be one of pending, delivered, failed, blocked, dropped"
UNKNOWN = "x: is unknown; known are method, path, status, client_id, quirk, record_id, after, limit, summary"
WRONG = "Method Not Allowed: /_fakekounta/control.openapi.json and docs/control.md list the calls"
OF_CLOCK = {"GET", "HEAD", "OPTIONS", "PUT"}
FIELDS = "topic, address, format, filter, headers, client_id, company_id"
HOOKS: tuple[tuple[Any, int, str], ...] = (
    ([], 400, "webhook: must be an object"),
    ("x", 400, "webhook: must be an object"),
    ({"colour": 1}, 400, f"colour: is unknown; known are {FIELDS}"),
    ({}, 400, "topic: is required"),
    ({"topic": CREATED}, 400, "address: is required"),
    ({"address": HOOK}, 400, "topic: is required"),
    ({"topic": CREATED, "address": HOOK, "client_id": 5}, 400, "client_id: must be a text"),
    ({"topic": CREATED, "address": HOOK, "client_id": None}, 400, "client_id: must be a text"),
    ({"topic": CREATED, "address": HOOK, "company_id": 1}, 404, "company_id: the companies are 5678"),
    ({"topic": CREATED, "address": HOOK, "company_id": "5678"}, 404, "company_id: the companies are 5678"),
)


@pytest.mark.parametrize("sent, status, reason", HOOKS)
def test_an_invalid_webhook_is_refused(kounta: FakeKounta, sent: Any, status: int, reason: str) -> None:
    """The refusal names the field and the reason, and no webhook is added."""
    assert says(ask(kounta, "POST", "webhooks", sent)) == (status, reason)
    assert len(kounta.webhooks.all()) == 1


def test_a_valid_webhook_is_added(kounta: FakeKounta) -> None:
    """The company may be an id, or null for the default one."""
    for company_id in (5678, None):
        sent = {"topic": CREATED, "address": HOOK, "company_id": company_id}
        answer = ask(kounta, "POST", "webhooks", sent)
        assert (answer.status_code, answer.get_json()["company_id"]) == (201, 5678)


@pytest.mark.parametrize(
    "method, path, sent, reason",
    [
        ("GET", "deliveries?outcome=lost", None, OUTCOME),
        ("GET", "deliveries?outcome=", None, OUTCOME),
        ("GET", "health?x=1", None, "x: is unknown; this call has no parameters"),
        ("GET", "requests?x=1", None, UNKNOWN),
        ("PUT", "disturbances", [], "disturbances: must be an object"),
        ("PUT", "disturbances", {"drop": 2}, "drop: must be a number from 0 to 1, not 2"),
        ("PUT", "clock", [], "clock: must be an object"),
        ("PUT", "clock", {"time": 1}, "time: is unknown; known are frozen, now, rate, advance_seconds"),
        ("PUT", "clock", {"frozen": 1}, "frozen: must be true or false"),
        ("PUT", "clock", {"now": 1}, "now: must be an ISO 8601 date and time with an offset"),
        ("PUT", "clock", {"rate": True}, "rate: must be a number"),
        ("PUT", "clock", {"rate": "1"}, "rate: must be a number"),
        ("PUT", "clock", {"advance_seconds": False}, "advance_seconds: must be a number"),
        ("PUT", "customers/389427", [], "customer: must be an object"),
    ],
)
def test_invalid_values_are_400(kounta: FakeKounta, method: str, path: str, sent: Any, reason: str) -> None:
    """An invalid value is 400 with the field and the reason."""
    assert says(ask(kounta, method, path, sent)) == (400, reason)


def test_a_pending_delivery_cannot_be_redelivered(kounta: FakeKounta) -> None:
    """A pending delivery is 409, because it will still be tried."""
    status, reason = says(ask(kounta, "POST", "deliveries/1/redeliver"))
    assert status == 409
    assert "pending" in reason


# --- the application itself --------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["path", "header"])
@pytest.mark.parametrize("headers", [{}, {"X-Fakekounta-Token": "wrong"}, {"Authorization": "Bearer wrong"}])
@pytest.mark.parametrize(
    "method, path", [("GET", "state"), ("POST", "reset"), ("GET", "nothing"), ("OPTIONS", "clock")]
)
def test_a_call_without_the_token_makes_no_namespace(way: str, headers: dict[str, str], method: str, path: str) -> None:
    """Without the token a call makes no namespace; with it the namespace exists."""
    kounta = FakeKounta(control_token=TOKEN)
    where = f"ns/one/_fakekounta/{path}" if way == "path" else path
    named = {"X-Fakekounta-Namespace": "one"} if way == "header" else {}
    answer = ask(kounta, method, where, headers={**named, **headers})
    assert says(answer) == (401, "The control token is missing or wrong: send it as Authorization: Bearer TOKEN")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="fakekounta"'
    assert list(kounta.namespaces) == []
    ask(kounta, method, where, headers={**named, "X-Fakekounta-Token": TOKEN})
    assert list(kounta.namespaces) == ["one"]


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Content-Type": "text/plain"}],
)
def test_a_call_that_is_refused_makes_no_namespace(headers: dict[str, str]) -> None:
    """A call refused for another reason makes none either; only the challenge for a token adds a header."""
    kounta = FakeKounta()
    answer = ask(kounta, "POST", "reset", headers={"X-Fakekounta-Namespace": "one", **headers})
    assert answer.status_code == 403
    assert "WWW-Authenticate" not in answer.headers
    assert list(kounta.namespaces) == []


def test_a_bug_of_the_fake_is_in_the_log_only(
    kounta: FakeKounta, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The client gets a 500 in the shape of refusals without the traceback, which is in the log."""

    def fail(*_: object) -> None:
        raise RuntimeError("the secret of the inside")

    monkeypatch.setattr(clock_calls, "answer", fail)
    answer = ask(kounta, "GET", "clock")
    assert says(answer) == (500, "Internal error of the fake; its log has the traceback")
    assert "secret" not in answer.text
    (record,) = [one for one in caplog.records if one.name == "fakekounta.control"]
    assert (record.levelno, record.getMessage()) == (logging.ERROR, "a control call failed")
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], RuntimeError)


@pytest.mark.parametrize(
    "method, path, status, reason, allow",
    [
        (
            "GET",
            "nothing",
            404,
            "Not Found: /_fakekounta/control.openapi.json and docs/control.md list the calls",
            None,
        ),
        ("GET", "reset", 405, WRONG, {"OPTIONS", "POST"}),
        ("PATCH", "clock", 405, WRONG, OF_CLOCK),
        ("TRACE", "clock", 405, WRONG, OF_CLOCK),
    ],
)
def test_unknown_paths_and_methods(
    kounta: FakeKounta, method: str, path: str, status: int, reason: str, allow: set[str] | None
) -> None:
    """404 and 405 have the shape of refusals, and 405 names the methods."""
    answer = ask(kounta, method, path)
    assert says(answer) == (status, reason)
    allowed = answer.headers.get("Allow")
    assert (None if allowed is None else set(allowed.split(", "))) == allow
