"""Tests of unusual paths and queries: ids, control characters, repeated parameters, header injection."""

from __future__ import annotations

from urllib.parse import quote, quote_from_bytes, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fakekounta import FakeKounta
from tests.sockets import (
    AUTHORIZATION,
    AUTHORIZE,
    CUSTOMER_ID,
    JSON_TYPE,
    REDIRECT_URI,
    RawResponse,
    arranged,
    attempt,
    attempt_bytes,
    unhurried,
)

LIST = "/v1/companies/me/customers"
BODY = b'{"first_name":"Robin","email":"robin@example.com"}'
JSON_HEADERS = (JSON_TYPE,)
NO_IDS = (
    "-1",
    "+1001",
    "0",
    "00",
    "1001.0",
    "1e3",
    "0x3e9",
    "1_001",
    "1001 ",
    "%20" + "1001",
    "1001%00",
    "1001%0a",
    "%0d%0aX-Evil:%201",
    "9" * 19,
    "9" * 20,
    "9" * 400,
    "9" * 5000,
    "\u0661\u0660\u0660\u0661",
    "\uff11\uff10\uff10\uff11",
    "\u00b2",
    "me",
    "null",
    "invalid",
    "expired",
    "..",
    ".",
    "%2e%2e",
    "%2f",
    "1001%2fnothing",
    "%ff",
    "%",
    "%zz",
    ";",
    "*",
    "'",
    "1001;x=1",
    "{}",
    "\U0001f600",
)
ID_ROUTES = (
    ("GET", LIST + "/{}"),
    ("GET", LIST + "/{}.json"),
    ("PUT", LIST + "/{}"),
    ("GET", LIST + "/{}/addresses"),
    ("GET", LIST + f"/{CUSTOMER_ID}/addresses/{{}}"),
    ("GET", LIST + "/{}/orders"),
    ("GET", "/v1/companies/{}0"),
    ("POST", "/v1/companies/{}0/customers"),
    ("DELETE", "/_fakekounta/customers/{}"),
    ("DELETE", f"/_fakekounta/customers/{CUSTOMER_ID}?company_id={{}}0"),
    ("POST", "/_fakekounta/customers?company_id={}0"),
)
QUERY_NAMES = (
    *("email", "mobile", "first_name", "last_name", "phone", "reference_id", "page"),
    *("client_id", "redirect_uri", "state", "response_type", "company_id", "invalid", "", "a[b]"),
)
NASTY_TEXTS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        [
            "",
            "0",
            "-1",
            "2",
            "9" * 400,
            "\r\nX-Evil: 1",
            "\0",
            "\n",
            "invalid",
            "expired",
            "\ufffd",
            "\u0662",
            REDIRECT_URI,
        ]
    ),
    st.sampled_from(["sam@example.com", "0400", "Kim", "Lee", "02 1234", "r", "s", "code", "fake-client-id"]),
)
# Paths as a request line may hold them: percent-encoded, or unchanged if the line stays one line
RAW_TARGETS = st.one_of(
    st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=20),
    st.binary(max_size=12).map(quote_from_bytes),
    st.sampled_from(
        ["%", "%0", "%zz", "%u0041", "%00", "%0d%0a", "%2e%2e/", "//", "/./", ";", "?", "#", "&&", "=&=", "[", "@"]
    ),
)


@pytest.mark.parametrize("method,route", ID_ROUTES)
def test_an_invalid_id_is_refused(fakekounta_server: FakeKounta, method: str, route: str) -> None:
    """An id that is negative, zero, huge, in non-ASCII digits or not a number is 4xx, and nothing changes."""
    with arranged(fakekounta_server) as kounta:
        for text in NO_IDS:
            target = route.format(text if text.isascii() and " " not in text else quote(text))
            answer = attempt(kounta, method, target, body=BODY if method in {"POST", "PUT"} else b"")
            assert 400 <= answer.status < 500, (target, answer.body)


@pytest.mark.parametrize("target", [LIST, "/v1/nowhere", "/authorize", "/_fakekounta/health", "/_fakekounta/nowhere"])
@pytest.mark.parametrize("byte", [*range(0x20), 0x7F, 0x80, 0xFF])
def test_bare_control_characters_in_a_target(fakekounta_server: FakeKounta, target: str, byte: int) -> None:
    """A control character or non-ASCII byte that is not percent-encoded is 4xx, in the path and in the query."""
    with arranged(fakekounta_server) as kounta:
        for raw in (b"%b/%c" % (target.encode(), byte), b"%b?email=%c" % (target.encode(), byte)):
            data = b"GET %b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % raw
            assert 400 <= attempt_bytes(kounta, "GET", raw, data).status < 500


@pytest.mark.parametrize("name", ["X-Evil", "Set-Cookie", "Location", "Access-Control-Allow-Origin", "Content-Length"])
@pytest.mark.parametrize("line_end", ["%0d%0a", "%0a", "%0d", "%250d%250a", "%E5%98%8A%E5%98%8D", "%c0%8a"])
def test_a_line_end_in_a_query_makes_no_header(fakekounta_server: FakeKounta, line_end: str, name: str) -> None:
    """A line end in a query stays percent-encoded in the URLs of the response, so it adds no header."""
    evil = f"{line_end}{name}:%20invalid"
    with arranged(fakekounta_server) as kounta:
        page = attempt(kounta, "GET", f"{LIST}?x={evil}")
        assert page["X-Next-Page"] == f"{kounta.url}{LIST}?x={evil}&page=2"
        authorised = attempt(kounta, "GET", AUTHORIZE.replace("state=s", f"state=s{evil}"))
        assert authorised["Location"].startswith(f"{REDIRECT_URI}?code=")
        for target in (f"{LIST}{evil}.json", f"/{evil}", f"/v1/companies/{evil}/customers", f"/_fakekounta/{evil}"):
            assert attempt(kounta, "GET", target).status == 404


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost/callback%0d%0aX-Evil: 1",
        "http://localhost/callback\r\nX-Evil: 1",
        "http://localhost/callback\0",
        "http://localhost/callback#x",
        "http://evil.example/callback",
        "http://localhost/callback/",
        "http://localhost@evil.example/callback",
        "//localhost/callback",
        "javascript:alert(1)",
        "http://[",
        "http://loc\u0430lhost/callback",
        "",
    ],
)
def test_no_redirect_to_an_unregistered_uri(fakekounta_server: FakeKounta, uri: str) -> None:
    """An unregistered redirect_uri is 500 and a missing one 400, without Location and without a code."""
    query = urlencode({"client_id": "fake-client-id", "response_type": "code", "state": "s", "redirect_uri": uri})
    with arranged(fakekounta_server) as kounta:
        answer = attempt(kounta, "GET", f"/authorize?{query}")
    assert (answer.status, answer["Location"]) == (500 if uri else 400, "")


@pytest.mark.parametrize("missing", ["client_id", "redirect_uri", "state", "response_type"])
def test_no_code_without_every_parameter(fakekounta_server: FakeKounta, missing: str) -> None:
    """/authorize makes no code if a parameter is missing; only a wrong response_type redirects to the application."""
    whole = {"client_id": "fake-client-id", "response_type": "code", "state": "s", "redirect_uri": REDIRECT_URI}
    for query in ({**whole, missing: ""}, {key: value for key, value in whole.items() if key != missing}):
        with arranged(fakekounta_server) as kounta:
            answer = attempt(kounta, "GET", f"/authorize?{urlencode(query)}")
        if missing == "response_type":
            assert answer["Location"] == f"{REDIRECT_URI}?error=unsupported_response_type&state=s"
        else:
            assert answer.status == 400


def refuses_redemption(kounta: FakeKounta, fields: dict[str, str]) -> RawResponse:
    form = ("Content-Type", "application/x-www-form-urlencoded")
    body = urlencode({"grant_type": "authorization_code", **fields}).encode()
    answer = attempt(kounta, "POST", "/v1/token", headers=[form], body=body)
    assert (answer.status, answer.json["error"]) == (400, "invalid_grant")
    return answer


def test_a_refused_code_can_still_be_redeemed(fakekounta_server: FakeKounta) -> None:
    """A code stays valid after a refused request with another application or redirect_uri."""
    own = {"client_id": "fake-client-id", "client_secret": "fake-client-secret"}
    with arranged(fakekounta_server) as kounta:
        code = attempt(kounta, "GET", AUTHORIZE)["Location"].partition("code=")[2].partition("&")[0]
        refuses_redemption(kounta, {"client_id": "other-id", "client_secret": "other-secret", "code": code})
        refuses_redemption(kounta, {**own, "code": code, "redirect_uri": "http://localhost/other"})
        body = urlencode({"grant_type": "authorization_code", **own, "code": code}).encode()
        form = ("Content-Type", "application/x-www-form-urlencoded")
        assert attempt(kounta, "POST", "/v1/token", headers=[form], body=body).status == 200
        refuses_redemption(kounta, {**own, "code": code})


@unhurried
@given(
    route=st.sampled_from(
        [LIST, f"{LIST}.json", f"{LIST}/{CUSTOMER_ID}", "/authorize", "/_fakekounta/customers", "/x"]
    ),
    pairs=st.lists(st.tuples(st.sampled_from(QUERY_NAMES), NASTY_TEXTS), max_size=6),
)
@example(route=LIST, pairs=[("email", "sam@example.com"), ("email", "\0")])
@example(route=LIST, pairs=[("page", "9" * 400)] * 3)
@example(route=LIST, pairs=[("reference_id", "r")] * 200)
@example(route="/authorize", pairs=[("client_id", "fake-client-id"), ("redirect_uri", "0")])
def test_random_queries(fakekounta_server: FakeKounta, route: str, pairs: list[tuple[str, str]]) -> None:
    """Random parameters, repeated or not, give a page, a redirect or a refusal."""
    with arranged(fakekounta_server) as kounta:
        answer = attempt(kounta, "GET", f"{route}?{urlencode(pairs)}")
    assert answer.status in {200, 302, 400, 404, 405, 500}  # O13: `attempt` lets no other 500 pass


@unhurried
@given(prefix=st.sampled_from(["/", "/v1/", LIST, f"{LIST}?", "/authorize?", "/_fakekounta/"]), tail=RAW_TARGETS)
def test_random_targets(fakekounta_server: FakeKounta, prefix: str, tail: str) -> None:
    """Random targets of a request line give no server error with any method that changes something."""
    with arranged(fakekounta_server) as kounta:
        for method in ("GET", "PUT", "DELETE"):
            attempt(kounta, method, prefix + tail, headers=[AUTHORIZATION, JSON_TYPE], body=b"{}")


@pytest.mark.parametrize("target", [LIST, "/v1/token", "/authorize", "/_fakekounta/health", "/"])
@pytest.mark.parametrize("length,refused", [(8_000, False), (8_193, True), (60_000, True), (1_000_000, True)])
def test_targets_over_8_kib(fakekounta_server: FakeKounta, target: str, length: int, refused: bool) -> None:
    """A target of more than 8 KiB is 414 on every path; a shorter one is not."""
    long = f"{target}?invalid={'x' * (length - len(target) - 9)}"
    with arranged(fakekounta_server) as kounta:
        answer = attempt(kounta, "GET", long)
    assert (answer.status in {414, 431}) == refused
