"""Tests that each kind of exchange covers exactly these quirks, apart from assumptions, which record themselves."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from fakekounta.catalogue.assumptions import CHOICES
from tests.caller import COMPANY, CUSTOMERS, Caller
from tests.catalogue.test_quirks_covered import _HOOK, EXCHANGES, LONG, ONE, Ask, fake, get, post, put, token

VISIT = {
    "client_id": "fake-client-id",
    "response_type": "code",
    "redirect_uri": "http://localhost/callback",
    "state": "s",
}
ORDERS: dict[str, Any] = {"topic": "orders/completed", "address": "http://127.0.0.1:9/"}


def visit(**changes: str) -> Ask:
    return lambda api: api.http.get("/authorize", params={**VISIT, **changes})


def hook(fields: dict[str, Any]) -> Ask:
    return lambda api: api.http.post(f"{COMPANY}/webhooks", json=fields)


def on_a_hook(method: str, fields: dict[str, Any] | None = None) -> Ask:
    """Make a request to an existing webhook."""

    def ask(api: Caller) -> httpx.Response:
        made = api.http.post(f"{COMPANY}/webhooks", json=_HOOK)
        return api.http.request(method, made.headers["Location"], json=fields)

    return ask


def bare(method: str, path: str) -> Ask:
    """Make a request without credentials."""
    return lambda api: api.http.send(api.http.build_request(method, path), auth=None)


EVERY = "email=two@example.com&mobile=1&first_name=a&last_name=b&phone=c&reference_id=d&page=0"
OTHERS: dict[str, Ask] = {
    "every parameter of a lookup": get(f"{CUSTOMERS}?{EVERY}"),
    "every parameter and another": get(f"{CUSTOMERS}?{EVERY}&sort=1"),
    "an email and a part of a name": get(f"{CUSTOMERS}?email=two@example.com&first_name=a"),
    "a mobile and a part of a name": get(f"{CUSTOMERS}?mobile=0400+1&phone=a"),
    "no credentials": bare("GET", CUSTOMERS),
    "no credentials for nothing": bare("GET", "/v1/nothing"),
    "no authorize page for POST": bare("POST", "/authorize"),
    "nothing beyond the API": bare("GET", "/nothing"),
    "a visit": visit(),
    "a visit for a token": visit(response_type="token"),
    "a visit without a state": visit(state=""),
    "a visit to elsewhere": visit(redirect_uri="http://localhost/"),
    "a grant without its kind": token(),
    "an address": lambda api: api.get(f"{ONE}/addresses/{api.get(f'{ONE}/addresses').json()[0]['id']}"),
    "an address that is not there": get(f"{ONE}/addresses/1"),
    "nobody's addresses": get(f"{CUSTOMERS}/2/addresses"),
    "nobody's orders": get(f"{CUSTOMERS}/2/orders"),
    "an id that is none": get(f"{CUSTOMERS}/x"),
    "a company id that is none": get("/v1/companies/x"),
    "nobody's change": lambda api: api.http.put(f"{CUSTOMERS}/2", json={"last_name": "Lee"}),
    "a reference id": put({"reference_id": "R1"}),
    "a new customer with all": post(
        {
            "last_name": "Lee",
            "email": "lee@example.com",
            "phone": "1",
            "mobile": "2",
            "reference_id": "R",
            "tags": ["a"],
            "primary_address": {"address": "1 Road", "country": "AU"},
        }
    ),
    "a long id's change": lambda api: api.http.put(LONG, json={"last_name": "Lee"}),
    "a long id's orders": get(f"{LONG}/orders"),
    "a webhook's record": on_a_hook("GET"),
    "a webhook's change": on_a_hook("PUT", {"topic": "customers/updated", "address": "http://127.0.0.1:9/b"}),
    "a webhook's end": on_a_hook("DELETE"),
    "a webhook's PATCH": on_a_hook("PATCH", {}),
    "a plain webhook": hook({"topic": "customers/created", "address": "http://127.0.0.1:9/"}),
    "a webhook with a header": hook({**ORDERS, "headers": {"X-Shop": "1"}}),
    "a webhook on orders of a site": hook({**ORDERS, "topic": "orders/deleted", "filter": {"site_ids": [1640]}}),
    "a webhook on sites": hook({**ORDERS, "topic": "sites/updated", "filter": {"attributes": ["name"]}}),
    "a webhook that is no object": lambda api: api.http.post(f"{COMPANY}/webhooks", json=[]),
    "a webhook that is not there": get(f"{COMPANY}/webhooks/9"),
    "a webhook's id that is none": get(f"{COMPANY}/webhooks/x"),
    "too large a body": lambda api: api.http.post(CUSTOMERS, json={"first_name": "x" * 1_100_000}),
}
# The status, and every covered quirk that is not an assumption.
EXACTLY: dict[str, tuple[int, str]] = {
    "the list": (200, "C01 O01 P01 P02 P03 T01 T05 T13"),
    "the list with .json": (200, "C01 O01 P01 P02 P03 T01 T04 T05 T13"),
    "the first page of two": (200, "C01 O01 P01 P02 P03 P04 T01 T05 T13"),
    "a page past the end": (200, "C01 O01 P01 P02 P04 P05 T01 T05"),
    "both ways to name a page": (200, "C01 O01 P01 P02 P04 P07 T01 T05"),
    "a reference id that nobody has": (200, "C02 C11 O01 P01 P02 T01 T05"),
    "a parameter twice": (200, "C02 C11 O01 P01 P02 T01 T05 T20"),
    "an email": (302, "C04 O01 T01 T13"),
    "an email that nobody has": (404, "C04 O01 T01 T10"),
    "a mobile": (302, "C06 O01 T01 T07 T13"),
    "name and phone": (302, "C05 O01 T01 T07 T13"),
    "a name without a phone": (400, "O01 T01 T10"),
    "two kinds of lookup": (302, "C04 O01 T01 T13"),
    "a record": (200, "C03 C07 C08 O01 T01 T06"),
    "a record with a long id": (200, "C03 C08 O01 T01 T06 T14"),
    "nobody's record": (404, "C03 O01 T01 T10"),
    "a new customer": (201, "C09 C10 C15 O01 T01 T13"),
    "a new customer without a contact": (400, "C09 O01 T01 T10"),
    "a taken mobile": (400, "C14 O01 T01 T07 T10"),
    "a bad email": (400, "O01 T01 T10"),
    "a bad country": (400, "C12 O01 T01 T07 T10"),
    "a country in lower case": (400, "O01 T01 T07 T10"),
    "a number for a text": (400, "C22 O01 T01 T10"),
    "a change": (200, "C03 C07 C08 C13 C16 C17 C18 O01 T01 T06"),
    "a change that clears": (200, "C03 C07 C08 C13 C16 C17 C18 O01 T01 T06"),
    "a change that clears all contacts": (400, "O01 T01 T10"),
    "a change with other fields": (200, "C03 C07 C08 C13 C16 C17 C18 O01 T01 T06"),
    "a form for JSON": (400, "O01 T01 T02 T10"),
    "a body that is not JSON": (400, "O01 T01 T10 T15"),
    "no format": (406, "T03 T10"),
    "a DELETE": (405, "O01 T01 T10 T16"),
    "a PATCH": (405, "O01 T01 T10 T16"),
    "a HEAD": (200, "C03 C07 C08 O01 T01 T06 T18"),
    "OPTIONS": (200, "O01 T01 T18"),
    "another company": (403, "O01 T01 T10"),
    "the company": (200, "K01 K02 O01 T01 T06"),
    "addresses": (200, "K03 K06 O01 P01 P02 T01 T05"),
    "orders": (200, "D01 D02 D06 D09 K04 O01 P01 P02 T01 T05"),
    "what is not modelled": (404, "K05 O01 T01 T10"),
    "a token": (200, "O04"),
    "a refresh": (200, "O04"),
    "an unknown code": (400, "O04 O12 T10 T11"),
    "an unknown grant": (400, "O04 O10 T10 T11"),
    "a bearer token": (200, "K01 K02 O02 T01 T06"),
    "an unknown token": (401, "O08 T10 T11"),
    "an email that two have": (302, "C04 O01 T01 T13"),
    "an unknown parameter": (200, "C01 O01 P01 P02 P03 T01 T05 T08 T13"),
    "a GET with a Content-Type": (200, "C03 C07 C08 O01 T01 T06 T08"),
    "an empty lookup": (200, "C01 O01 P01 P02 P03 T01 T05 T13"),
    "a phone by its spaces": (302, "C06 O01 T01 T07 T13"),
    "a new mobile": (201, "C09 C10 C15 O01 T01 T07 T13"),
    "a mobile that somebody has": (400, "C14 O01 T01 T07 T10"),
    "a mobile that another has": (400, "C14 O01 T01 T07 T10"),
    "a field that is refused": (400, "O01 T01 T10"),
    "part of an address": (200, "C03 C07 C08 C13 C16 C17 C18 O01 T01 T06"),
    "a webhook": (201, "O01 T01 T13 W03 W04 W05 W07 W08 W09 W13"),
    "no webhooks": (200, "O01 P01 P02 T01 T05 W01 W02"),
    "a webhook on orders": (201, "D70 O01 T01 T13 W03 W04 W13"),
    "attributes of another topic": (400, "O01 T01 T10 W16"),
    "an address that is none": (400, "O01 T01 T10 W17"),
    "a wrong secret": (401, "O11 T10"),
    "every parameter of a lookup": (302, "C04 O01 T01 T13"),
    "every parameter and another": (302, "C04 O01 T01 T08 T13"),
    "an email and a part of a name": (302, "C04 O01 T01 T13"),
    "a mobile and a part of a name": (302, "C06 O01 T01 T07 T13"),
    "no credentials": (401, ""),
    "no credentials for nothing": (401, ""),
    "no authorize page for POST": (405, "T10 T16"),
    "nothing beyond the API": (404, "K05 T10"),
    "a visit": (302, "O03"),
    "a visit for a token": (302, "O03"),
    "a visit without a state": (400, "T10"),
    "a visit to elsewhere": (500, "T10"),
    "a grant without its kind": (400, "O10 T10 T11"),
    "an address": (200, "K03 K06 O01 T01"),
    "an address that is not there": (404, "K03 K06 O01 T01 T10"),
    "nobody's addresses": (404, "C03 O01 T01 T10"),
    "nobody's orders": (404, "C03 O01 T01 T10"),
    "an id that is none": (404, "C03 O01 T01 T10"),
    "a company id that is none": (404, "K01 O01 T01 T10"),
    "nobody's change": (404, "C03 O01 T01 T10"),
    "a reference id": (200, "C03 C08 C13 C16 C17 C18 O01 T01 T06"),
    "a new customer with all": (201, "C09 C10 C15 O01 T01 T07 T13"),
    "a long id's change": (200, "C03 C08 C13 C16 C17 C18 O01 T01 T06 T14"),
    "a long id's orders": (200, "D01 D02 D06 D09 K04 O01 P01 P02 T01 T05"),
    "a webhook's record": (200, "O01 T01 T06 W01 W02"),
    "a webhook's change": (200, "O01 T01 T06 W02 W03 W04 W05 W07 W08 W09 W13"),
    "a webhook's end": (204, "O01 T01 W01"),
    "a webhook's PATCH": (405, "O01 T01 T10 T16"),
    "a plain webhook": (201, "O01 T01 T13 W03 W04 W13"),
    "a webhook with a header": (201, "D70 O01 T01 T13 W03 W04 W05 W13"),
    "a webhook on tables": (201, "O01 T01 T13 W03 W04 W13 W15"),
    "a webhook on orders of a site": (201, "D71 O01 T01 T13 W03 W04 W07 W13"),
    "the list of sites": (200, "O01 P01 P02 P03 S01 S04 T01 T05 T13"),
    "a site": (200, "O01 S01 S10 T01 T06"),
    "the statuses of the sites": (200, "O01 P01 P02 P03 S03 T01 T05 T13"),
    "the status of a site": (200, "O01 S03 T01"),
    "the registers of a site": (200, "O01 P01 P02 S06 S07 T01 T05"),
    "a register": (200, "O01 S06 S11 T01"),
    "the staff with permissions": (200, "E01 E02 E03 O01 P01 P02 P03 T01 T05 T13"),
    "a member of the staff": (200, "E01 E04 O01 T01 T06"),
    "the sites of a member of the staff": (200, "E01 O01 P01 P02 S01 S04 T01 T05"),
    "me": (200, "E01 E04 O01 T01 T06"),
    "the admins": (200, "E01 E02 E06 O01 P01 P02 T01 T05"),
    "the payment methods": (200, "M05 O01 P01 P02 P03 T01 T05 T13"),
    "the taxes": (200, "M06 M08 O01 P01 P02 P03 T01 T05 T13"),
    "a tax": (200, "M06 M08 O01 T01"),
    "a group of taxes": (200, "M06 M09 O01 T01"),
    "products by SKU": (200, "G01 G02 G09 O01 P01 P02 T01 T05"),
    "products with fields": (200, "G01 G03 G09 O01 P01 P02 P03 T01 T05 T13"),
    "products of a site and a category": (200, "G01 G02 G09 O01 P01 P02 T01 T05"),
    "a product": (200, "G01 G04 G17 O01 T01 T06"),
    "a product at a site": (200, "G01 G04 G17 O01 T01 T06"),
    "a product that is not at the site": (404, "G04 O01 T01 T10"),
    "the modifiers of a product": (200, "G05 O01 P01 P02 T01 T05 T06"),
    "the categories of a product": (200, "G10 G13 O01 P01 P02 T01 T05"),
    "a category": (200, "G10 G12 G15 O01 T01 T06"),
    "a category that is not there": (404, "G10 O01 T01 T10"),
    "a webhook on sites": (201, "O01 S05 T01 T13 W03 W04 W07 W09 W13 W16"),
    "a webhook that is no object": (400, "O01 T01 T10 T15"),
    "a webhook that is not there": (404, "O01 T01 T10 W01"),
    "a webhook's id that is none": (404, "O01 T01 T10 W01"),
    "too large a body": (413, "O01 T01 T10 T17"),
}


@pytest.mark.parametrize("name", EXACTLY)
def test_an_exchange_covers_exactly_these(name: str) -> None:
    """The covered quirks are those of the table, no fewer and no more."""
    api = Caller(fake())
    answer = (OTHERS[name] if name in OTHERS else EXCHANGES[name][0])(api)
    covered = " ".join(sorted({quirk.id for quirk in api.kounta.requests[-1].quirks if quirk not in CHOICES}))
    assert (answer.status_code, covered) == EXACTLY[name]


def test_every_kind_of_exchange_is_judged() -> None:
    assert set(EXACTLY) == {*EXCHANGES, *OTHERS}
