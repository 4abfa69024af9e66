"""Reading faults: which rules are accepted, and the messages for those that are refused."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given

from fakekounta.core.fault_fields import fault_fields, read_fault
from fakekounta.core.faults import Fault
from tests.caller import exactly
from tests.fault_draws import FAULTS
from tests.sockets import unhurried

KNOWN = (
    "method, path, client_id, company_id, since, until, nth, every, probability, seed, times, status, headers, body, "
    "rate_limited, token_expired, connection, handshake, drip_seconds, after_change, latency_seconds, clock, disabled"
)
METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
MOMENT = "a moment (ISO 8601 with an offset), or seconds from now, at most 31536000"
OK: dict[str, Any] = {"status": 503}


def test_a_fault_of_handshakes_is_written_as_it_is_read() -> None:
    """JSON has the fields of a rule about handshakes, too."""
    given = {"handshake": "in", "nth": 2, "since": 5.0}
    assert fault_fields(read_fault(given)) == {"since": 5.0, "nth": 2, "handshake": "in"}
    assert read_fault(given).summary == "cut in the TLS handshake"


@unhurried
@given(FAULTS)
def test_a_fault_is_written_as_it_is_read(given: dict[str, Any]) -> None:
    """The JSON of a fault describes the same fault."""
    fault = read_fault(given)
    assert read_fault(json.loads(json.dumps(fault_fields(fault)))) == fault


def test_written_faults_have_no_defaults() -> None:
    """The JSON of a fault has only the given fields."""
    given = {
        "method": "POST",
        "path": "/customers",
        "client_id": "fake-client-id",
        "until": "2026-11-23T07:40:00+00:00",
        "every": 2,
        "status": 503,
        "headers": {"Retry-After": "1"},
        "latency_seconds": [0.0, 2.5],
    }
    assert fault_fields(read_fault(given)) == given


def test_none_and_false_count_as_absent() -> None:
    """A field that is None or False counts as absent."""
    given = {"method": None, "path": None, "nth": None, "rate_limited": False, "clock": False, "after_change": False}
    assert read_fault({**given, "status": 503}) == Fault(status=503)


def test_a_body_of_json_says_that_it_is() -> None:
    """An object or list is sent as JSON and a text as text, unless the headers have a type."""
    as_json, as_text = read_fault({**OK, "body": {"a": [1, "é"]}}), read_fault({**OK, "body": "no"})
    assert (as_json.body, as_json.headers) == ('{"a":[1,"é"]}', (("Content-Type", "application/json"),))
    assert (as_text.body, as_text.headers) == ("no", (("Content-Type", "text/plain; charset=utf-8"),))
    own = read_fault({**OK, "body": "<p>", "headers": {"content-type": "text/html"}})
    assert own.headers == (("content-type", "text/html"),)
    assert read_fault({**OK, "body": ""}).headers == ()


def test_moments_come_as_text_or_as_dates() -> None:
    """Times may be text or dates of TOML; all are stored in UTC."""
    there = timezone(timedelta(hours=11))
    fault = read_fault({**OK, "since": datetime(2026, 11, 23, 18, 40, tzinfo=there), "until": "2026-11-23T07:41:00Z"})
    assert fault.since == datetime(2026, 11, 23, 7, 40, tzinfo=timezone.utc)
    assert fault.until == datetime(2026, 11, 23, 7, 41, tzinfo=timezone.utc)


WRONG: list[tuple[Any, str]] = [
    ([], f"fault: must be a mapping of {KNOWN}, not []"),
    ({"statuss": 1}, f"statuss: is unknown; known are {KNOWN}; did you mean status?"),
    (
        {"path": "/customers"},
        (
            "latency_seconds: is required, or one of "
            "status, rate_limited, token_expired, connection, handshake: say what happens"
        ),
    ),
    ({**OK, "rate_limited": True}, "rate_limited: cannot be combined with status"),
    ({"rate_limited": True, "connection": "close"}, "connection: cannot be combined with rate_limited"),
    ({"rate_limited": 1}, "rate_limited: must be true or false, not 1"),
    ({**OK, "method": "FETCH"}, f"method: 'FETCH' is not one of {METHODS}"),
    ({**OK, "method": []}, "method: must be a method or a list of methods, not []"),
    ({**OK, "method": ["GET", 1]}, "method: must be a method or a list of methods, not ['GET', 1]"),
    ({**OK, "path": "customers"}, "path: must begin with / or *, such as /customers/*, not 'customers'"),
    ({**OK, "path": "/customers?email=x"}, "path: '/customers?email=x' has a query; a pattern is for the path only"),
    (
        {**OK, "path": "/_fakekounta/reset"},
        "path: faults are for the faked API; calls under /_fakekounta are never disturbed",
    ),
    ({**OK, "path": ""}, "path: must be a text that is not empty, not ''"),
    (
        {"rate_limited": True, "path": "/authorize"},
        "path: no application is known at /authorize, so rate_limited can never match there",
    ),
    (
        {**OK, "client_id": "a", "path": "/authorize"},
        "path: no application is known at /authorize, so client_id can never match there",
    ),
    (
        {"token_expired": True, "path": "/v1/token.json"},
        "path: requests at /v1/token have no access token, so token_expired can never match there",
    ),
    ({**OK, "client_id": 7}, "client_id: must be a text that is not empty, not 7"),
    ({**OK, "company_id": "5678"}, f"company_id: must be a whole number from 1 to {2**63 - 1}, not '5678'"),
    ({**OK, "nth": 0}, "nth: must be a whole number from 1 to 1000000000, not 0"),
    ({**OK, "every": True}, "every: must be a whole number from 1 to 1000000000, not True"),
    ({**OK, "times": 0}, "times: must be a whole number from 1 to 1000000000, not 0"),
    ({**OK, "times": 1.5}, "times: must be a whole number from 1 to 1000000000, not 1.5"),
    ({**OK, "nth": 2, "every": 2}, "every: cannot be combined with nth"),
    ({**OK, "nth": 2, "times": 2}, "times: with nth it fires once only"),
    ({**OK, "probability": 0}, "probability: must be a number above 0, at most 1, not 0"),
    ({**OK, "probability": 1.1}, "probability: must be a number above 0, at most 1, not 1.1"),
    ({**OK, "probability": float("nan")}, "probability: must be a number above 0, at most 1, not nan"),
    ({**OK, "seed": 7}, "seed: is for a fault with a probability, or with latency_seconds"),
    ({**OK, "probability": 0.5, "seed": -1}, f"seed: must be a whole number from 0 to {2**63}, not -1"),
    ({**OK, "since": "2026-11-23"}, "since: the moment needs an offset from UTC, such as 2026-11-23T18:40:00+11:00"),
    ({**OK, "until": "soon"}, "until: 'soon' is not an ISO 8601 date and time"),
    ({**OK, "until": -1}, f"until: must be {MOMENT}, not -1"),
    ({**OK, "until": 0}, "until: must be later than since"),
    ({**OK, "since": 5, "until": 5}, "until: must be later than since"),
    (
        {**OK, "since": "2026-11-23T18:40:00+11:00", "until": "2026-11-23T18:39:00+11:00"},
        "until: must be later than since",
    ),
    (
        {**OK, "since": "2026-11-23T18:40:00+11:00", "until": 60},
        "until: must be a moment if since is one, and seconds if since is in seconds",
    ),
    ({"status": 199}, "status: must be a whole number from 200 to 599, not 199"),
    ({"status": 600}, "status: must be a whole number from 200 to 599, not 600"),
    ({"status": "503"}, "status: must be a whole number from 200 to 599, not '503'"),
    ({"status": 204, "body": "x"}, "body: a response with the status 204 has none"),
    ({"status": 304, "body": {}}, "body: a response with the status 304 has none"),
    ({"connection": "close", "body": "x"}, "body: is for a fault with a status"),
    ({"latency_seconds": 1, "headers": {}}, "headers: is for a fault with a status"),
    ({**OK, "body": {"a": {1}}}, "body: must be a text or JSON"),
    ({**OK, "body": float("inf")}, "body: must be a text or JSON"),
    ({**OK, "body": "\ud800"}, "body: must be a text or JSON"),
    ({**OK, "headers": ["X-A"]}, "headers: must be a mapping of names to texts, not ['X-A']"),
    ({**OK, "headers": {"X A": "1"}}, "headers: 'X A' is not a header name"),
    ({**OK, "headers": {"X-A": 1}}, "headers.X-A: must be a text in Latin-1 on one line, not 1"),
    (
        {**OK, "headers": {"X-A": "1\r\nX-B: 2"}},
        "headers.X-A: must be a text in Latin-1 on one line, not '1\\r\\nX-B: 2'",
    ),
    ({**OK, "headers": {"X-A": "愛"}}, "headers.X-A: must be a text in Latin-1 on one line, not '愛'"),
    (
        {**OK, "headers": {"content-length": "7"}},
        "headers.content-length: is set by the server; use `connection` to break a connection",
    ),
    ({"connection": "hang"}, "connection: must be one of close, reset, garbage, truncate, drip, not 'hang'"),
    ({"connection": []}, "connection: must be one of close, reset, garbage, truncate, drip, not []"),
    ({"connection": "close", "drip_seconds": 1}, "drip_seconds: is for a fault with connection drip"),
    (
        {"connection": "drip", "drip_seconds": 0},
        "drip_seconds: must be a number of seconds above 0, at most 31536000, not 0",
    ),
    ({"handshake": "middle"}, "handshake: must be one of before, in, after, not 'middle'"),
    ({"handshake": "in", "connection": "close"}, "handshake: cannot be combined with connection"),
    *(
        ({"handshake": "in", name: value}, f"{name}: is about requests, and the handshake is before them")
        for name, value in {
            "method": "GET",
            "path": "/customers",
            "client_id": "fake-client-id",
            "company_id": 5678,
            "latency_seconds": 1,
        }.items()
    ),
    ({**OK, "clock": True}, "clock: is for a fault with latency_seconds"),
    (
        {"rate_limited": True, "after_change": True},
        "after_change: is for a fault with a status, or with connection close, reset, garbage",
    ),
    (
        {"connection": "truncate", "after_change": True},
        "after_change: is for a fault with a status, or with connection close, reset, garbage",
    ),
    ({"latency_seconds": 0}, "latency_seconds: must be a number of seconds above 0, at most 31536000, not 0"),
    (
        {"latency_seconds": [2, 1]},
        "latency_seconds: must be a number of seconds, or a list of the least and the most, not [2, 1]",
    ),
    (
        {"latency_seconds": [1]},
        "latency_seconds: must be a number of seconds, or a list of the least and the most, not [1]",
    ),
    ({"latency_seconds": [0, 0]}, "latency_seconds: must be a number of seconds above 0, at most 31536000, not 0"),
]


@pytest.mark.parametrize("given, message", WRONG, ids=[message.partition(" ")[0] for _, message in WRONG])
def test_what_is_wrong_is_refused_with_the_reason(given: Any, message: str) -> None:
    """The error is one line that names the field; a rule that can never match is wrong, too."""
    with pytest.raises(ValueError, match=exactly(message)):
        read_fault(given)


@pytest.mark.parametrize("given, message", WRONG[1:9], ids=range(8))
def test_a_prefix_says_which_of_several_it_is(given: Any, message: str) -> None:
    """The message begins with the position."""
    with pytest.raises(ValueError, match=exactly(f"faults[3].{message}")):
        read_fault(given, "faults[3].")
