"""Tests of the journal: whole exchanges without secrets, bounded in number and size, and the assertions of tests."""

from __future__ import annotations

import gc
import json
import sys
from base64 import b64encode
from collections import deque
from collections.abc import Callable
from threading import Barrier, Thread
from types import NoneType
from typing import Any
from weakref import ReferenceType, ref

import httpx
import pytest
import werkzeug.test

from fakekounta import FakeKounta, Quirk
from fakekounta.core.budget import RetentionBudget, RetentionShare
from fakekounta.core.journal import PROCESS, Entry, Journal
from fakekounta.core.messages import Message
from fakekounta.core.paths import path_matches
from fakekounta.schemas.journal import entry_document, journal_text
from fakekounta.wire.clients.call import call
from tests.sockets import exchange

CUSTOMERS = "/v1/companies/5678/customers"
JAMIE: dict[str, Any] = {"first_name": "Jamie", "email": "jamie@example.com"}


@pytest.fixture
def kounta() -> FakeKounta:
    return FakeKounta()


@pytest.fixture
def client(kounta: FakeKounta) -> httpx.Client:
    client = kounta.httpx_client()
    client.auth = httpx.BasicAuth(*kounta.auth)
    return client


def test_an_exchange_is_kept_in_full(kounta: FakeKounta, client: httpx.Client) -> None:
    """An entry has both messages, the application, the fake's time, and the notes of the fake."""
    now = kounta.clock.freeze("2026-11-23T18:40:00+11:00")
    answer = client.post(f"{CUSTOMERS}.json?x=1", json={**JAMIE, "shoe_size": 44})
    entry = kounta.requests[-1]
    assert (entry.number, entry.at, entry.client_id) == (1, now, kounta.application.client_id)
    assert (entry.method, entry.path, entry.query) == ("POST", f"{CUSTOMERS}.json", "x=1")
    assert (entry.target, entry.status, entry.fault) == (f"{CUSTOMERS}.json?x=1", 201, None)
    assert entry.request.json == {**JAMIE, "shoe_size": 44}
    assert entry.request.headers["content-TYPE"] == "application/json"
    assert entry.request.headers["Host"] == "api.kounta.com"
    assert entry.response.headers["Location"] == answer.headers["Location"]
    assert list(entry.ignored_fields) == ["shoe_size"]
    assert Quirk.A14_OTHER_FIELDS in entry.quirks
    assert 0 < entry.duration_seconds < 60


@pytest.mark.parametrize("way", ["in-process", "socket", "another server"])
def test_headers_are_those_that_were_sent(way: str) -> None:
    """Headers have the client's spelling and all values of repeated ones; under another server WSGI's."""
    sent = [("Host", "api.kounta.com"), ("X-mixed-CASE", "1"), ("Accept", "text/html"), ("Accept", "*/*"), ("X-e", "é")]
    with FakeKounta() as kounta:
        if way == "socket":
            lines = "".join(f"{name}: {value}\r\n" for name, value in sent[:-1])
            exchange(kounta.port, f"GET / HTTP/1.1\r\n{lines}X-e: \xe9 \r\n\r\n".encode("latin-1"))
        elif way == "in-process":
            call(kounta.wsgi_app, "GET", "https://api.kounta.com/", sent, b"")
        else:
            werkzeug.test.Client(kounta.wsgi_app).get(
                "/",
                headers=[("X-mixed-CASE", "1"), ("Accept", "text/html, */*"), ("Host", "api.kounta.com"), ("X-e", "é")],
            )
        headers = kounta.requests[-1].request.headers
    names = {name for name in headers if name.lower().startswith("x-")}
    assert names == ({"X-Mixed-Case", "X-E"} if way == "another server" else {"X-mixed-CASE", "X-e"})
    assert (headers["x-mixed-case"], headers["x-e"], headers["Host"]) == ("1", "é", "api.kounta.com")
    assert headers["accept"] == "text/html, */*"


def test_the_answer_s_body_is_what_the_client_was_sent(kounta: FakeKounta, client: httpx.Client) -> None:
    """The response to HEAD has no body in the journal."""
    kounta.customers.add(**JAMIE)
    answer = client.get(f"{CUSTOMERS}.json")
    assert kounta.requests[-1].response.body == answer.content
    assert kounta.requests[-1].response.json[0]["first_name"] == "Jamie"
    client.head(f"{CUSTOMERS}.json")
    assert (kounta.requests[-1].method, kounta.requests[-1].response.body) == ("HEAD", b"")


def test_the_body_of_a_request_that_was_refused_early_is_kept(kounta: FakeKounta, client: httpx.Client) -> None:
    """The journal has a body that no view has read."""
    answer = client.post(CUSTOMERS, json=JAMIE, auth=("nobody", "nothing"), headers={"Accept": "application/json"})
    assert (answer.status_code, kounta.requests[-1].request.json) == (401, JAMIE)


def test_a_path_is_decoded_and_the_target_is_not(kounta: FakeKounta, client: httpx.Client) -> None:
    """Bytes that are not UTF-8 cause no error."""
    client.get("/v1/caf%C3%A9/%0d%0a?q=%C3%A9")
    assert (kounta.requests[-1].path, kounta.requests[-1].query) == ("/v1/café/\r\n", "q=%C3%A9")
    assert kounta.requests[-1].target == "/v1/caf%C3%A9/%0D%0A?q=%C3%A9"
    client.get("/v1/%ff")
    assert kounta.requests[-1].path == "/v1/\ufffd"


def test_malformed_requests_are_recorded() -> None:
    """T22: the entry says that the server could not read the request."""
    with FakeKounta() as kounta:
        answer = exchange(kounta.port, b"GET /v1/ HTTP/9.9\r\n\r\n")
        entry = kounta.requests[-1]
    assert (str(entry.status), entry.quirks) == (answer.split()[1].decode(), [Quirk.T22_BAD_FRAMING])
    assert "no request could be read" in entry.notes[0]


ASKED: dict[str, tuple[str, str, dict[str, Any], int, list[str]]] = {
    "unknown client": ("GET", f"{CUSTOMERS}.json", {"auth": ("nobody", "x")}, 401, ["O11"]),
    "no credentials": ("GET", f"{CUSTOMERS}.json", {"auth": None}, 401, ["O09"]),
    "no such customer": ("GET", f"{CUSTOMERS}/1.json", {}, 404, ["C03"]),
    "not modelled": ("GET", "/v1/companies/me/cashups.json", {}, 404, ["K05"]),
    "no format": ("GET", CUSTOMERS, {"headers": {"Accept": "text/html"}}, 406, ["T03"]),
    "wrong method": ("DELETE", f"{CUSTOMERS}.json", {}, 405, ["T16"]),
    "other company": ("GET", "/v1/companies/1/customers.json", {}, 403, ["A16"]),
    "taken mobile": ("POST", f"{CUSTOMERS}.json", {"json": {"first_name": "K", "mobile": "1"}}, 400, ["C14", "A07"]),
    "found by mobile": ("GET", f"{CUSTOMERS}.json?mobile=1", {}, 302, ["C06"]),
    "found by email": ("GET", f"{CUSTOMERS}.json?email=j@example.com", {}, 302, ["C04"]),
    "found by name": ("GET", f"{CUSTOMERS}.json?first_name=J&last_name=D&phone=2", {}, 302, ["C05"]),
    "a list": ("GET", f"{CUSTOMERS}.json", {}, 200, []),
}


@pytest.mark.parametrize("case", ASKED)
def test_an_exchange_says_what_explains_its_status(case: str, kounta: FakeKounta) -> None:
    """An error or redirect has the quirks that caused it, and its text has their statements."""
    method, path, sent, status, ids = ASKED[case]
    kounta.customers.add(first_name="J", last_name="D", email="j@example.com", mobile="1", phone="2")
    kounta.httpx_client().request(method, path, **{"auth": kounta.auth, **sent})
    entry = kounta.requests[-1]
    assert (entry.status, [quirk.id for quirk in entry.explained_by]) == (status, ids)
    assert set(entry.explained_by) <= set(entry.quirks)
    for quirk in entry.explained_by:
        assert f"    {quirk.id}: {quirk.statement}" in journal_text([entry])


def test_a_status_of_a_fault_is_explained_by_the_fault_alone(kounta: FakeKounta, client: httpx.Client) -> None:
    """The quirk of a redirect does not explain a 500 that a fault sends in its place."""
    kounta.customers.add(first_name="J", mobile="1")
    kounta.faults.add(path="/customers", status=500, after_change=True)
    client.get(f"{CUSTOMERS}.json?mobile=1")
    assert (kounta.requests[-1].status, kounta.requests[-1].explained_by) == (500, ())


# --- secrets -----------------------------------------------------------------------------------------------------

SECRET = "s3cr3t-of-a-test"


def shown(kounta: FakeKounta) -> str:
    """Return everything that the newest exchange shows."""
    entry = kounta.requests[-1]
    parts = [json.dumps(entry_document(entry)), journal_text([entry]), entry.target, repr(entry.request.headers)]
    return "\n".join([*parts, repr(entry.response.headers), repr(entry.request.body), repr(entry.response.body)])


@pytest.mark.parametrize("form", ["form", "json", "multipart", "query", "broken", "bearer", "basic", "cookie", "bare"])
def test_no_secret_is_shown(form: str, kounta: FakeKounta) -> None:
    """Secrets are hidden in each place where a client can put them."""
    client = kounta.httpx_client()
    fields = {"grant_type": "refresh_token", "client_id": "me", "client_secret": SECRET, "refresh_token": SECRET}
    basic = b64encode(f"me:{SECRET}".encode()).decode()
    if form == "form":
        client.post("/v1/token", data=fields)
    elif form == "json":
        client.post("/v1/token", json=fields)
    elif form == "multipart":
        client.post("/v1/token", files={name: (None, value) for name, value in fields.items()})
    elif form == "query":
        client.get(f"/v1/companies/me.json?access%5Ftoken={SECRET}&code={SECRET}&a=1")
    elif form == "broken":
        broken = json.dumps(fields)[:-1].encode()
        client.post("/v1/token", content=broken, headers={"Content-Type": "application/json"})
    else:
        headers = {
            "bearer": ("Authorization", f"Bearer {SECRET}"),
            "basic": ("Authorization", f"Basic {basic}"),
            "cookie": ("Cookie", f"session={SECRET}"),
            "bare": ("Authorization", SECRET),
        }
        client.get("/v1/companies/me.json", headers=dict([headers[form]]))
    assert len(kounta.requests) == 1
    assert SECRET not in shown(kounta)
    assert basic not in shown(kounta)
    assert "***" in shown(kounta)


def test_the_client_id_is_shown(kounta: FakeKounta, client: httpx.Client) -> None:
    """The client id is no secret."""
    client.get("/v1/companies/me.json")
    assert kounta.requests[-1].request.headers["Authorization"] == "Basic fake-client-id:***"


def test_tokens_of_an_answer_are_hidden(kounta: FakeKounta, client: httpx.Client) -> None:
    """Tokens in a response, and the code in a redirect, are hidden."""
    client_id, client_secret = kounta.auth
    fields = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
    token = kounta.httpx_client().post("/v1/token", data=fields).json()["access_token"]
    assert token not in shown(kounta)
    assert kounta.requests[-1].response.json["access_token"] == "***"
    place = "http%3A%2F%2Flocalhost%2Fcallback"
    query = f"client_id={client_id}&redirect_uri={place}&response_type=code&state=1"
    code = client.get(f"/authorize?{query}").headers["Location"].partition("code=")[2].partition("&")[0]
    assert code
    assert code not in shown(kounta)


def test_a_webhook_s_own_headers_are_hidden(kounta: FakeKounta, client: httpx.Client) -> None:
    """A webhook's own headers are hidden, because they may be credentials of the receiver."""
    headers = {"X-Api-Key": SECRET}
    fields = {"topic": "customers/created", "address": "http://127.0.0.1:9/", "format": "json", "headers": headers}
    client.post("/v1/companies/5678/webhooks.json", json=fields)
    assert kounta.requests[-1].status == 201
    assert SECRET not in shown(kounta)
    assert kounta.requests[-1].request.json["headers"] == {"X-Api-Key": "***"}


def test_a_form_in_parts_is_hidden_whole() -> None:
    """A multipart form is hidden as a whole, whatever the names of its parts."""
    content = b"--x\r\nContent-Disposition: form-data; name=client_secret\r\n\r\n" + SECRET.encode() + b"\r\n--x--"
    assert Message([("Content-Type", "Multipart/form-data; boundary=x")], content).body == b"***"


def test_other_bodies_are_shown_byte_for_byte() -> None:
    """Spaces and the order of keys are kept."""
    content = b'{ "b":1,   "a" : "c" }'
    assert Message([("Content-Type", "application/json")], content).body == content


def test_a_body_that_is_refused_for_its_length_is_not_kept(client: httpx.Client, kounta: FakeKounta) -> None:
    """T17: the journal has the exchange without the body."""
    answer = client.post(f"{CUSTOMERS}.json", content=b" " * 1_100_000, headers={"Content-Type": "application/json"})
    assert (answer.status_code, kounta.requests[-1].status, kounta.requests[-1].request.body) == (413, 413, b"")


# --- bounds ------------------------------------------------------------------------------------------------------


def entry(content: bytes = b"", **more: Any) -> Entry:
    return Entry(method="GET", path=f"/{len(content)}", request=Message((), content), **more)


def test_large_bodies_push_old_exchanges_out() -> None:
    """The journal keeps a number of bytes and always the newest exchange, and counts all."""
    budget = RetentionBudget(200_000)
    journal = Journal(kept=10, budget=budget)
    for size in (80_000, 80_000, 80_000, 500_000, 1, 2, 3):
        journal.append(entry(b"x" * size))
        assert journal[-1].path == f"/{size}"
        assert budget.kept == sum(one.size for one in journal)
        assert len(journal) == 1 or budget.kept <= budget.most_bytes
    assert ([one.number for one in journal], journal.total) == ([5, 6, 7], 7)


def test_the_largest_journal_of_a_process_drops_exchanges() -> None:
    """Of journals that share a budget the largest drops exchanges, and a small one keeps its own."""
    budget = RetentionBudget(1_000_000)
    small, large, other = (Journal(budget=budget) for _ in range(3))
    small.append(entry())
    for journal in (large, other):
        for _ in range(30):
            journal.append(entry(b"x" * 50_000))
            assert budget.kept <= budget.most_bytes
    assert len(small) == 1
    assert abs(len(large) - len(other)) <= 1
    assert [one.number for one in other][-1] == 30
    large.clear()
    assert budget.kept == sum(one.size for one in (*small, *other))


def test_a_deleted_journal_returns_its_bytes() -> None:
    """A reset frees the bytes at once, without the garbage collector."""
    budget = RetentionBudget(1_000_000)
    journal = Journal(budget=budget)
    journal.append(entry(b"x" * 50_000))
    gc.disable()
    try:
        del journal
        assert budget.kept == 0
    finally:
        gc.enable()


def test_the_newest_stays_in_the_journal_that_is_written_to() -> None:
    """The newest exchange stays even if it exceeds the budget; other journals drop theirs first."""
    budget = RetentionBudget(10_000)
    first, second = Journal(budget=budget), Journal(budget=budget)
    first.append(entry())
    second.append(entry(b"x" * 50_000))
    assert (len(first), len(second)) == (0, 1)


def test_all_worlds_of_a_process_share_one_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fakes and namespaces share one budget.

    Only the shares that this test takes are counted, because fakes of other tests may end meanwhile.
    """
    shares: list[ReferenceType[RetentionShare]] = []

    def share(budget: RetentionBudget, give_up: Callable[[], bool]) -> RetentionShare:
        made = taken(budget, give_up)
        if budget is PROCESS:
            shares.append(ref(made))
        return made

    def kept() -> int:
        return sum(one.kept for one in (found() for found in shares) if one is not None)

    taken = RetentionBudget.share
    monkeypatch.setattr(RetentionBudget, "share", share)
    fakes = [FakeKounta(), FakeKounta()]
    for kounta in (fakes[0], fakes[1].namespace("a")):
        kounta.world.journal.append(entry(b"x" * 10_000))
    assert kept() > 20_000
    fakes[0].reset()
    assert 10_000 < kept() < 20_000
    fakes[1].namespaces.clear()
    del kounta
    gc.collect()
    assert kept() == 0


def deep_size(thing: Any, seen: set[int]) -> int:
    """Return the bytes of all objects that an object holds, each counted once."""
    if id(thing) in seen or isinstance(thing, Quirk | type | NoneType):
        return 0
    seen.add(id(thing))
    slots = [getattr(thing, name) for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
    parts = [*thing, *(thing.values() if isinstance(thing, dict) else ())] if isinstance(thing, _HOLDING) else []
    return sys.getsizeof(thing) + sum(deep_size(part, seen) for part in (*slots, *parts))


_HOLDING = (list, tuple, dict, deque)
MANY = [(f"a{number}", "x") for number in range(9_000)]
KINDS: dict[str, Callable[[], Entry]] = {
    "plain": lambda: entry(b"{}", status=200, client_id="me", duration_seconds=0.5),
    "headers": lambda: entry(response=Message(MANY)),
    "headers in bytes": lambda: entry(response=Message([(name.encode(), value.encode()) for name, value in MANY])),
    "wide headers": lambda: entry(response=Message([("a", "\U0001f600" * 1_000)])),
    "quirks": lambda: entry(quirks=[Quirk.C01_LIST] * 5_000),
    "notes": lambda: entry(notes=[f"note {number}" for number in range(1_000)]),
    "ignored fields": lambda: entry(ignored_fields=tuple(f"field {number}" for number in range(1_000))),
    "path": lambda: Entry(method="GET", path="/\U0001f600" * 1_000, query="a=" + "b" * 8_000),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_size_of_an_exchange_covers_all_its_objects(kind: str) -> None:
    """The counted size is at least that of all its objects, and not many times that."""
    made = KINDS[kind]()
    actual = deep_size(made, set())
    assert actual <= made.size <= 4 * actual + 1_500


def test_thousands_of_small_headers_cost_little_more_than_their_bytes() -> None:
    """Headers from a socket take little more memory than their bytes."""
    with FakeKounta() as kounta:
        lines = b"".join(b"a%d:\r\n" % number for number in range(7_000))
        exchange(kounta.port, b"GET / HTTP/1.1\r\nHost: a\r\n" + lines + b"\r\n")
        newest = kounta.requests[-1]
    assert len(newest.request.pairs) == 7_001
    assert newest.request.headers["A6999"] == ""
    assert deep_size(newest, set()) < 65_536 + 4_000


def test_a_line_break_in_a_header_breaks_nothing() -> None:
    """A line break in a header, possible in-process only, is left out."""
    assert Message([("a\n", "b\nc"), ("d", "e")]).pairs == [("a", "bc"), ("d", "e")]


def test_a_note_on_a_broken_body_is_counted(kounta: FakeKounta) -> None:
    """Nothing is added to an exchange after the journal has counted it."""
    sizes: list[int] = []
    kounta.observe(lambda one: sizes.append(one.size))
    kounta.faults.cut("truncate")
    with pytest.raises(httpx.TransportError):
        kounta.httpx_client().get("/v1/companies/me.json", auth=kounta.auth)
    assert sizes == [kounta.requests[-1].size]
    assert "the body ended" in kounta.requests[-1].notes[-1]


def test_quirks_are_counted_beyond_what_is_kept() -> None:
    """Quirks of dropped exchanges are counted until the journal is cleared."""
    journal = Journal(kept=1)
    for _ in range(3):
        journal.append(Entry(method="GET", path="/", quirks=[Quirk.C01_LIST]))
    assert dict(journal.covered) == {Quirk.C01_LIST: 3}
    journal.clear()
    assert (dict(journal.covered), journal.total, len(journal)) == ({}, 0, 0)


def test_many_threads_lose_no_count() -> None:
    """Each number is given once."""
    journal, barrier = Journal(), Barrier(4)

    def append() -> None:
        barrier.wait()
        for _ in range(250):
            journal.append(Entry(method="GET", path="/", quirks=[Quirk.C01_LIST]))

    threads = [Thread(target=append) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (journal.total, journal.covered[Quirk.C01_LIST]) == (1_000, 1_000)
    assert [entry.number for entry in journal] == list(range(1, 1_001))


def test_observers_outlive_a_reset(kounta: FakeKounta, client: httpx.Client) -> None:
    """Observers are called with every exchange of each world."""
    seen: list[str] = []
    kounta.observe(lambda entry: seen.append(entry.path))
    client.get("/v1/companies/me.json")
    kounta.reset()
    client.get("/v1/companies/me.json?again=1")
    with kounta.fresh():
        client.get(f"{CUSTOMERS}.json")
    assert seen == ["/v1/companies/me.json", "/v1/companies/me.json", f"{CUSTOMERS}.json"]
    assert [entry.query for entry in kounta.requests] == ["again=1"]


# --- find and assert ---------------------------------------------------------------------------------------------


@pytest.fixture
def four_requests(kounta: FakeKounta, client: httpx.Client) -> FakeKounta:
    """A fake that got four requests."""
    client.post(f"{CUSTOMERS}.json", json={**JAMIE, "tags": ["gold", "early"]})
    client.get(f"{CUSTOMERS}.json", params={"email": "jamie@example.com", "a": "1"})
    client.get(f"{CUSTOMERS}/{kounta.customers.all()[0].id}.json")
    client.get(f"{CUSTOMERS}.json", params={"email": "nobody@example.com"})
    return kounta


def numbers(found: list[Entry]) -> list[int]:
    return [entry.number for entry in found]


@pytest.mark.parametrize(
    "wanted, expected",
    [
        ({}, [1, 2, 3, 4]),
        ({"method": "get"}, [2, 3, 4]),
        ({"path": "/customers"}, [1, 2, 4]),
        ({"path": "/customers.json"}, [1, 2, 4]),
        ({"path": CUSTOMERS}, [1, 2, 4]),
        ({"path": "/v1/companies/*/customers"}, [1, 2, 4]),
        ({"path": "/customers/*"}, [3]),
        ({"path": "/customers/{id}"}, [3]),
        ({"path": "/customers/**"}, [3]),
        ({"path": "/customers**"}, [1, 2, 3, 4]),
        ({"path": "/webhooks"}, []),
        ({"path": "/v1/companies/77/customers"}, []),
        ({"path": "/customer"}, []),
        ({"query": {"email": "jamie@example.com"}}, [2]),
        ({"query": {"a": 1}}, [2]),
        ({"status": 404}, [4]),
        ({"status": 302, "method": "GET"}, [2]),
        ({"client_id": "fake-client-id"}, [1, 2, 3, 4]),
        ({"client_id": "other"}, []),
        ({"quirk": "C04"}, [2, 4]),
        ({"quirk": Quirk.C04_LOOKUP_BY_EMAIL_REDIRECTS, "status": 302}, [2]),
        ({"json": {**JAMIE, "tags": ["gold", "early"]}}, [1]),
        ({"json": JAMIE}, []),
        ({"includes": {"first_name": "Jamie"}}, [1]),
        ({"includes": {"tags": ["gold"]}}, []),
        ({"json": None}, [2, 3, 4]),
    ],
)
def test_find(four_requests: FakeKounta, wanted: dict[str, Any], expected: list[int]) -> None:
    """Each condition alone narrows the result."""
    assert numbers(four_requests.requests.find(**wanted)) == expected


def test_assert_made_returns_the_exchanges(four_requests: FakeKounta) -> None:
    """A test can make further assertions about the returned exchanges."""
    assert numbers(four_requests.requests.assert_made("POST", "/customers")) == [1]
    assert numbers(four_requests.requests.assert_made("GET", "/customers", times=2)) == [2, 4]
    assert four_requests.requests.assert_made("DELETE", times=0) == []


def test_assert_made_shows_the_nearest_and_the_first_difference(four_requests: FakeKounta) -> None:
    """The nearest exchange is first, with the JSON path of its difference."""
    wanted = {**JAMIE, "tags": ["gold", "late"]}
    with pytest.raises(AssertionError) as failed:
        four_requests.requests.assert_made("POST", "/customers", json=wanted)
    lines = str(failed.value).splitlines()
    assert lines[0].startswith("no POST /customers json={'first_name': 'Jamie'")
    assert lines[0].endswith("was made; the nearest of 4:")
    assert lines[1] == f"  #1 POST {CUSTOMERS}.json -> 201: in the body, $.tags[1] is 'early', not 'late'"
    assert "the method is GET, in the body, $ is None" in lines[2]


def test_assert_made_counts(four_requests: FakeKounta) -> None:
    """Too few and too many are reported with both numbers."""
    with pytest.raises(AssertionError, match=r"^GET /customers was made 2 times, not 3; the nearest of 4:"):
        four_requests.requests.assert_made("GET", "/customers", times=3)
    with pytest.raises(AssertionError, match=r"^POST /customers was made 1 time, not 0"):
        four_requests.requests.assert_made("POST", "/customers", times=0)


def test_assert_made_on_nothing(kounta: FakeKounta) -> None:
    """Without any request the message says so."""
    with pytest.raises(AssertionError, match=r"^no POST /customers was made; no request was made at all$"):
        kounta.requests.assert_made("POST", "/customers")


def test_assert_none(four_requests: FakeKounta) -> None:
    """The message has the exchange that was made."""
    four_requests.requests.assert_none("PUT")
    with pytest.raises(AssertionError, match=r"GET /customers was made 2 times:\n  #2 GET .*email=.* -> 302\n  #4 GET"):
        four_requests.requests.assert_none("GET", "/customers")


@pytest.mark.parametrize(
    "wanted, reason",
    [
        ({"path": "customers"}, "must begin with /"),
        ({"path": "/customers?email=1"}, "has a query"),
        ({"quirk": "C99"}, "not an id of the catalogue"),
        ({"quirk": "C4"}, "not an id of the catalogue; did you mean C04"),
    ],
)
def test_what_can_never_be_found_is_refused(kounta: FakeKounta, wanted: dict[str, Any], reason: str) -> None:
    """A condition that nothing can meet is an error, so that a mistyped one does not make `assert_none` pass."""
    with pytest.raises(ValueError, match=reason):
        kounta.requests.assert_none(**wanted)
    with pytest.raises(TypeError, match="pth"):
        kounta.requests.find(pth="/customers")  # type: ignore[call-arg] # on purpose


@pytest.mark.parametrize(
    "expected, actual, said",
    [
        (1, True, "$ is True, not 1"),
        ([1, 2], [1], "$ has 1 items, not 2"),
        ({"a": {"b": 1}}, {"a": {}}, "$.a.b is missing"),
        ({"a": 1}, {"a": 1, "b": None}, "$.b is None, and was not expected"),
        ([{"a": ""}], [{"a": None}], "$[0].a is None, not ''"),
        ({}, [], "$ is [], not {}"),
    ],
)
def test_differences(kounta: FakeKounta, expected: object, actual: object, said: str) -> None:
    """The first difference is a JSON path."""
    kounta.world.journal.append(Entry(method="POST", path="/", request=Message((), json.dumps(actual).encode())))
    with pytest.raises(AssertionError) as failed:
        kounta.requests.assert_made("POST", json=expected)
    assert str(failed.value).endswith(f"in the body, {said}")


def test_the_newest_of_equals_comes_first(four_requests: FakeKounta) -> None:
    """Of equally near exchanges the newest is first."""
    with pytest.raises(AssertionError) as failed:
        four_requests.requests.assert_made("PUT")
    assert [line.split()[0] for line in str(failed.value).splitlines()[1:]] == ["#4", "#3", "#2", "#1"]


def test_the_first_of_a_repeated_parameter_counts(kounta: FakeKounta, client: httpx.Client) -> None:
    """T20: the first value counts, as in the API."""
    client.get(f"{CUSTOMERS}.json?reference_id=a&reference_id=b")
    assert len(kounta.requests.find(query={"reference_id": "a"})) == 1
    assert kounta.requests.find(query={"reference_id": "b"}) == []


def test_a_star_stands_for_something() -> None:
    """`*` needs at least one character: a list's path with a slash at its end is not a customer's."""
    assert path_matches("/customers/*", "/v1/companies/1/customers/2")
    assert not path_matches("/customers/*", "/v1/companies/1/customers/")
    assert not path_matches("/customers/*", "/v1/companies/1/customers/2/more")


def test_it_is_a_sequence(four_requests: FakeKounta) -> None:
    """The journal has index, slice, length, iteration, total, counts of quirks, and clear."""
    requests = four_requests.requests
    assert (len(requests), requests.total, requests[0].number, numbers(requests[-2:])) == (4, 4, 1, [3, 4])
    assert numbers(list(requests)) == [1, 2, 3, 4]
    assert requests.covered[Quirk.C04_LOOKUP_BY_EMAIL_REDIRECTS] == 2
    requests.clear()
    assert (len(requests), requests.total, requests.covered) == (0, 0, {})


def test_the_text_is_one_terminal_takes() -> None:
    """The text has no control characters, and long bodies are cut."""
    entry = Entry(method="POST", path="/\x1b[31m\n", request=Message((), b"\x1b[2J" + b"x" * 1_000))
    text = journal_text([entry])
    assert "\x1b" not in text
    assert len(text.splitlines()) == 2
    assert "(1007 characters)" in text
