"""Tests of the quirks that each exchange covers, and of the notes of the fake."""

from __future__ import annotations

import logging
from collections.abc import Callable

import httpx
import pytest

from contracts.menu import SEED
from fakekounta import FakeKounta
from fakekounta.core.journal import KEPT, Entry, Journal
from tests.caller import COMPANY, CUSTOMERS, FIRST_ID, Caller

AL = {
    "id": 1,
    "first_name": "Al",
    "last_name": "Smith",
    "email": "al@example.com",
    "phone": "02 11",
    "mobile": "0400 1",
    "primary_address": {"city": "Exampleton"},
}
ONE = f"{CUSTOMERS}/1"
LONG = f"{CUSTOMERS}/{2**53}"
Ask = Callable[[Caller], httpx.Response]


def get(path: str) -> Ask:
    return lambda api: api.get(path)


def post(fields: dict[str, object]) -> Ask:
    return lambda api: api.http.post(CUSTOMERS, json={"first_name": "Bo", **fields})


def put(fields: dict[str, object]) -> Ask:
    return lambda api: api.http.put(ONE, json=fields)


def token(**form: str) -> Ask:
    return lambda api: api.token(**form)


_OF_ORDERS = {"topic": "orders/completed", "address": "http://127.0.0.1:9/"}
_HOOK = {
    "topic": "customers/updated",
    "address": "http://127.0.0.1:9/",
    "headers": {"X-Shop": "7"},
    "filter": {"attributes": ["name"]},
}

# Requests and the status of each. `test_quirks_covered_exactly` says which quirks each covers.
EXCHANGES: dict[str, tuple[Ask, int]] = {
    "the list": (get(CUSTOMERS), 200),
    "the list with .json": (get(f"{CUSTOMERS}.json"), 200),
    "the first page of two": (get(f"{CUSTOMERS}?page=1"), 200),
    "a page past the end": (get(f"{CUSTOMERS}?page=9"), 200),
    "both ways to name a page": (
        lambda api: api.http.get(f"{CUSTOMERS}?page=4", headers={"X-Page": "0"}), 200,
    ),
    "a reference id that nobody has": (get(f"{CUSTOMERS}?reference_id=R"), 200),
    "a parameter twice": (get(f"{CUSTOMERS}?reference_id=R&reference_id=S"), 200),
    "an email": (get(f"{CUSTOMERS}?email=al@example.com"), 302),
    "an email that nobody has": (get(f"{CUSTOMERS}?email=x"), 404),
    "a mobile": (get(f"{CUSTOMERS}?mobile=0400+1"), 302),
    "name and phone": (get(f"{CUSTOMERS}?first_name=Al&last_name=Smith&phone=02+11"), 302),
    "a name without a phone": (get(f"{CUSTOMERS}?first_name=Al&last_name=Smith"), 400),
    "two kinds of lookup": (get(f"{CUSTOMERS}?email=al@example.com&mobile=0400+1"), 302),
    "a record": (get(ONE), 200),
    "a record with a long id": (get(LONG), 200),
    "nobody's record": (get(f"{CUSTOMERS}/2"), 404),
    "a new customer": (post({"email": "bo@example.com"}), 201),
    "a new customer without a contact": (post({}), 400),
    "a taken mobile": (post({"mobile": "0400 1"}), 400),
    "a bad email": (post({"email": "x"}), 400),
    "a bad country": (post({"phone": "1", "primary_address": {"country": "XX"}}), 400),
    "a country in lower case": (post({"phone": "1", "primary_address": {"country": "au"}}), 400),
    "a number for a text": (post({"phone": 1}), 400),
    "a change": (put({"last_name": "Lee"}), 200),
    "a change that clears": (put({"image": None}), 200),
    "a change that clears all contacts": (put({"email": "", "phone": "", "mobile": ""}), 400),
    "a change with other fields": (put({"people_id": 1}), 200),
    "a form for JSON": (lambda api: api.http.post(CUSTOMERS, data={"a": "b"}), 400),
    "a body that is not JSON": (
        lambda api: api.http.post(CUSTOMERS, content=b"{", headers={"Content-Type": "application/json"}),
        400,
    ),
    "no format": (lambda api: api.http.get(CUSTOMERS, headers={"Accept": "text/html"}), 406),
    "a DELETE": (lambda api: api.http.delete(ONE), 405),
    "a PATCH": (lambda api: api.http.patch(ONE), 405),
    "a HEAD": (lambda api: api.http.head(ONE), 200),
    "OPTIONS": (lambda api: api.http.options(ONE), 200),
    "another company": (get("/v1/companies/6789/customers"), 403),
    "the company": (get(COMPANY), 200),
    "addresses": (get(f"{ONE}/addresses"), 200),
    "orders": (get(f"{ONE}/orders"), 200),
    "what is not modelled": (get(f"{COMPANY}/tables"), 404),
    "a token": (token(grant_type="client_credentials"), 200),
    "a refresh": (token(grant_type="refresh_token", refresh_token="fake-refresh-token"), 200),
    "an unknown code": (token(grant_type="authorization_code", code="x"), 400),
    "an unknown grant": (token(grant_type="password"), 400),
    "a bearer token": (lambda api: api.with_token("fake-access-token"), 200),
    "an unknown token": (lambda api: api.with_token("x"), 401),
    "an email that two have": (get(f"{CUSTOMERS}?email=two@example.com"), 302),
    "an unknown parameter": (get(f"{CUSTOMERS}?sort=name"), 200),
    "a GET with a Content-Type": (
        lambda api: api.http.get(ONE, headers={"Content-Type": "application/json"}), 200,
    ),
    "an empty lookup": (get(f"{CUSTOMERS}?email="), 200),
    "a phone by its spaces": (get(f"{CUSTOMERS}?mobile=0400+1"), 302),
    "a new mobile": (post({"mobile": "0400 2"}), 201),
    "a mobile that somebody has": (post({"mobile": "0400 1"}), 400),
    "a mobile that another has": (
        lambda api: api.http.put(LONG, json={"mobile": "0400 1"}), 400,
    ),
    "a field that is refused": (post({"email": "x"}), 400),
    "part of an address": (put({"primary_address": {"city": "Elsewhere"}}), 200),
    "a webhook": (
        lambda api: api.http.post(f"{COMPANY}/webhooks", json=_HOOK), 201,
    ),
    "no webhooks": (get(f"{COMPANY}/webhooks"), 200),
    "a webhook on tables": (
        lambda api: api.http.post(f"{COMPANY}/webhooks", json={**_OF_ORDERS, "topic": "tables/updated"}), 201,
    ),
    "a webhook on orders": (
        lambda api: api.http.post(f"{COMPANY}/webhooks", json={**_OF_ORDERS}), 201,
    ),
    "attributes of another topic": (
        lambda api: api.http.post(f"{COMPANY}/webhooks", json={**_HOOK, "topic": "customers/created"}),
        400,
    ),
    "an address that is none": (
        lambda api: api.http.post(f"{COMPANY}/webhooks", json={**_OF_ORDERS, "address": "x"}), 400,
    ),
    "the list of sites": (get(f"{COMPANY}/sites"), 200),
    "a site": (get(f"{COMPANY}/sites/1640"), 200),
    "the statuses of the sites": (get(f"{COMPANY}/status"), 200),
    "the status of a site": (get(f"{COMPANY}/sites/1640/status"), 200),
    "the registers of a site": (get(f"{COMPANY}/sites/1640/registers"), 200),
    "a register": (get(f"{COMPANY}/registers/1021"), 200),
    "the staff with permissions": (get(f"{COMPANY}/staff?fields=permissions"), 200),
    "a member of the staff": (get(f"{COMPANY}/staff/90711"), 200),
    "the sites of a member of the staff": (get(f"{COMPANY}/staff/90712/sites"), 200),
    "me": (get(f"{COMPANY}/staff/me"), 200),
    "the admins": (get(f"{COMPANY}/staff/admins"), 200),
    "the payment methods": (get(f"{COMPANY}/payment_methods"), 200),
    "the taxes": (get(f"{COMPANY}/taxes"), 200),
    "a tax": (get(f"{COMPANY}/taxes/1301"), 200),
    "a group of taxes": (get(f"{COMPANY}/taxes/groups/1351"), 200),
    "products by SKU": (get(f"{COMPANY}/products?sku=L-R"), 200),
    "products with fields": (get(f"{COMPANY}/products?fields=variants,unit_price,variants"), 200),
    "products of a site and a category": (get(f"{COMPANY}/sites/1641/categories/1212/products?is_available=0"), 200),
    "a product": (get(f"{COMPANY}/products/3001"), 200),
    "a product at a site": (get(f"{COMPANY}/sites/1641/products/3001"), 200),
    "a product that is not at the site": (get(f"{COMPANY}/sites/1641/products/3100"), 404),
    "the modifiers of a product": (get(f"{COMPANY}/products/3001/modifiers"), 200),
    "the categories of a product": (get(f"{COMPANY}/products/3001/categories"), 200),
    "a category": (get(f"{COMPANY}/categories/1212"), 200),
    "a category that is not there": (get(f"{COMPANY}/categories/1"), 404),
    "a wrong secret": (lambda api: api.http.get(COMPANY, auth=("fake-client-id", "x")), 401),
}  # fmt: skip


def fake() -> FakeKounta:
    """The fake of all exchanges in the table."""
    seed = [
        AL,
        {"id": 2**53, "first_name": "Cy", "phone": "1", "reference_id": "R9"},
        {"id": 11, "first_name": "Di", "email": "two@example.com"},
        {"id": 12, "first_name": "Ed", "email": "two@example.com"},
    ]
    return FakeKounta(seed={**SEED, "customers": seed}, page_size=1)


@pytest.mark.parametrize("ask, status", EXCHANGES.values(), ids=EXCHANGES.keys())
def test_an_exchange_stands_in_the_journal(ask: Ask, status: int) -> None:
    """Each exchange is in the journal once, with its status and method."""
    api = Caller(fake())
    answer = ask(api)
    assert answer.status_code == status, answer.text
    entry = api.kounta.requests[-1]
    assert (len(api.kounta.requests), entry.status, entry.method) == (1, status, answer.request.method)


def test_an_entry_tells_who_asked_for_what() -> None:
    """An entry has the application and the path as sent; a followed redirect is a second exchange."""
    api = Caller(FakeKounta(seed=[AL]))
    api.http.get(f"{CUSTOMERS}.json", params={"email": "al@example.com"}, follow_redirects=True)
    lines = [(entry.method, entry.path, entry.status) for entry in api.kounta.requests]
    assert lines == [("GET", f"{CUSTOMERS}.json", 302), ("GET", f"{ONE}.json", 200)]
    api.with_token("fake-access-token")
    api.with_token("x")
    assert [entry.client_id for entry in api.kounta.requests] == ["fake-client-id"] * 3 + [None]


def test_expired_tokens_and_missing_credentials_are_covered() -> None:
    """O07 and O09 are recorded where the request ends."""
    api = Caller(FakeKounta())
    bearer = api.token(grant_type="client_credentials").json()["access_token"]
    api.kounta.clock.advance(seconds=3600)
    assert api.with_token(bearer).status_code == 401
    request = api.http.build_request("GET", COMPANY)
    assert api.http.send(request, auth=None).status_code == 401
    expired, missing = ({quirk.id for quirk in entry.quirks} for entry in list(api.kounta.requests)[1:])
    assert (expired, missing) == ({"O07", "T10", "T11"}, {"O09"})


def test_the_quirks_of_a_code_are_covered_where_it_is_issued_and_used() -> None:
    """The browser's visit covers O03, redeeming the code O12, and a refused visit O13."""
    api = Caller(FakeKounta())
    query = {"client_id": "fake-client-id", "redirect_uri": "http://localhost/callback", "response_type": "code"}
    assert api.http.get("/authorize", params=query).status_code == 400
    sent_back = httpx.URL(api.http.get("/authorize", params={**query, "state": "s"}).headers["Location"])
    assert api.token(grant_type="authorization_code", code=sent_back.params["code"]).status_code == 200
    refused, visited, redeemed = ({quirk.id for quirk in entry.quirks} for entry in api.kounta.requests)
    assert (refused & {"O03", "O13"}, visited & {"O03", "O12", "O13"}) == ({"O13"}, {"O03"})
    assert redeemed >= {"O04", "O05", "O12"}


def test_the_rate_limit_is_covered() -> None:
    """Every limited request covers R02; a refused one also covers R01 and R03."""
    api = Caller(FakeKounta(rate_limit={"basic": 1}))
    assert [api.get(COMPANY).status_code for _ in range(2)] == [200, 429]
    first, second = ({quirk.id for quirk in entry.quirks} for entry in api.kounta.requests)
    assert first & {"R01", "R02", "R03"} == {"R02"}
    assert second >= {"R01", "R02", "R03"}
    assert "K01" not in second


def test_what_was_ignored_is_noted(caplog: pytest.LogCaptureFixture) -> None:
    """A14: the note names the fields, and there is no warning."""
    api = Caller(FakeKounta(seed=[AL]))
    api.change(1, people_id=1, last_name="Lee", notes="x")
    api.change(1, last_name="Lee")
    assert [entry.notes for entry in api.kounta.requests] == [["A14: ignored people_id, notes"], []]
    assert caplog.records == []


@pytest.mark.parametrize("path", [f"{COMPANY}/tables", f"{ONE}/loyalty", "/v2/companies"])
def test_what_is_not_modelled_is_said_loudly(path: str, caplog: pytest.LogCaptureFixture) -> None:
    """K05: a note in the journal and a warning in the log name the path, because the real API might know it."""
    api = Caller(FakeKounta(seed=[AL]))
    answer = api.get(path)
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
    text = "K05: this path is not modelled by the fake; the real service may know it"
    assert api.kounta.requests[-1].notes == [text]
    assert caplog.record_tuples == [("fakekounta", logging.WARNING, f"GET {path}: {text}")]


def test_a_change_of_what_is_only_read_is_said_loudly(caplog: pytest.LogCaptureFixture) -> None:
    """K05: so that nobody takes the refusal for one of the real service; a method that no service has is 405."""
    api = Caller(FakeKounta())
    answers = [api.http.post(f"{COMPANY}/products.json", json={}), api.http.delete(f"{COMPANY}/products.json")]
    assert [answer.status_code for answer in answers] == [404, 405]
    text = "K05: the fake only reads this; the real service lets it be changed"
    assert [entry.notes for entry in api.kounta.requests] == [[text], []]
    assert caplog.record_tuples == [("fakekounta", logging.WARNING, f"POST {COMPANY}/products.json: {text}")]


def test_a_404_of_the_api_logs_no_warning(caplog: pytest.LogCaptureFixture) -> None:
    """An unknown customer causes no warning."""
    api = Caller(FakeKounta())
    assert api.get(ONE).status_code == 404
    assert (api.kounta.requests[-1].notes, caplog.records) == ([], [])


def test_the_journal_is_bounded() -> None:
    """The journal keeps the newest thousand exchanges, the oldest first, and counts all."""
    api = Caller(FakeKounta())
    for _ in range(3):
        api.get(COMPANY)
    for number in range(KEPT - 1):
        api.kounta.world.journal.append(Entry(method="GET", path=f"/{number}"))
    journal = api.kounta.requests
    assert (KEPT, len(journal), journal.total) == (1_000, 1_000, 1_002)
    assert [entry.target for entry in journal][:2] == [COMPANY, "/0"]
    assert (journal[0].target, journal[-1].target) == (COMPANY, f"/{KEPT - 2}")
    journal.clear()
    assert (len(journal), journal.total, list(journal)) == (0, 0, [])


def test_the_journal_can_be_read_while_it_is_written() -> None:
    """Iteration gives the exchanges at its start."""
    journal = Journal(kept=2)
    for path in ("/1", "/2", "/3"):
        journal.append(Entry(method="GET", path=path))
    for entry in journal:
        journal.append(Entry(method="GET", path=entry.path + "/again"))
    assert [entry.target for entry in journal] == ["/2/again", "/3/again"]
    assert journal.total == 5


def test_a_reset_forgets_the_journal() -> None:
    """After kounta.reset() the journal is empty."""
    api = Caller(FakeKounta())
    api.get(f"{CUSTOMERS}/{FIRST_ID}")
    assert (len(api.kounta.requests), api.kounta.requests.total) == (1, 1)
    api.kounta.reset()
    assert (len(api.kounta.requests), api.kounta.requests.total) == (0, 0)
