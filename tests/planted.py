"""Fakes with one planted bug each, for the state machine to find."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import ModuleType
from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlencode

from werkzeug.test import run_wsgi_app

from fakekounta import Customer, FakeKounta
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core import store
from fakekounta.core.company import Company
from fakekounta.core.customers import CONTACTS
from fakekounta.core.errors import NotFound
from fakekounta.core.records import Records
from fakekounta.core.store import CustomerStore
from fakekounta.core.subscriptions import Subscriptions
from fakekounta.core.webhooks import TOPICS, Webhook

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


@dataclass(kw_only=True)
class RecordedExchange:
    """A request and its response, which a bug may change; `ask` is the unchanged app."""

    environ: dict[str, Any]
    ask: WSGIApplication
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def method(self) -> str:
        return str(self.environ["REQUEST_METHOD"])

    @property
    def is_list(self) -> bool:
        return bool(re.search(r"/customers(\.json)?$", self.environ["PATH_INFO"])) and self.method == "GET"

    @property
    def is_record(self) -> bool:
        return bool(re.search(r"/customers/\d+(\.json)?$", self.environ["PATH_INFO"]))

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(self.environ.get("QUERY_STRING", ""))

    @property
    def shows_record(self) -> bool:
        return self.is_record and self.status == 200 and self.method != "HEAD"

    @property
    def shows_list(self) -> bool:
        return self.is_list and self.status == 200

    def answer(self) -> None:
        """Call the app."""
        chunks, status, headers = run_wsgi_app(self.ask, self.environ)
        self.body = b"".join(chunks)
        self.status = int(status.split()[0])
        self.headers = dict(headers.items())

    def json(self) -> Any:
        return json.loads(self.body)

    def say(self, document: Any) -> None:
        self.body = json.dumps(document).encode()

    def edit(self, change: Callable[[dict[str, Any]], object]) -> None:
        """Change each record in the response."""
        if self.shows_record or self.shows_list:
            document = self.json()
            for record in document if isinstance(document, list) else [document]:
                change(record)
            self.say(document)


Bend = Callable[[RecordedExchange], None]


class BentKounta(FakeKounta):
    """A fake whose responses are changed before they are sent."""

    def __init__(self, bend: Bend) -> None:
        super().__init__()
        self._bend = bend

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        exchange = RecordedExchange(environ=environ, ask=super().wsgi_app)
        exchange.answer()
        self._bend(exchange)
        exchange.headers["Content-Length"] = str(len(exchange.body))
        start_response(f"{exchange.status} Bent", list(exchange.headers.items()))
        return [exchange.body]


@dataclass(frozen=True, kw_only=True)
class Bug:
    """A bug and the quirk that it contradicts: a changed response, or a replaced method of the core.

    `also` are quirks that it contradicts sometimes: a look-up by an email in another case may find the newest.
    """

    what: str
    quirk: str
    also: tuple[str, ...] = ()
    bend: Bend = lambda _: None
    patched: tuple[type | ModuleType, str, Any] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    @contextmanager
    def planted(self) -> Iterator[FakeKounta]:
        """Yield a fake with this bug."""
        if self.patched is None:
            yield BentKounta(self.bend)
        else:
            with patch.object(*self.patched):
                yield FakeKounta()


# --- changed responses ------------------------------------------------------------------------------------------


def text_type(exchange: RecordedExchange) -> None:
    if exchange.shows_record:
        exchange.headers["Content-Type"] = "text/html"


def other_origin(exchange: RecordedExchange) -> None:
    if "Location" in exchange.headers:
        exchange.headers["Location"] = re.sub("//[^/]+", "//localhost", exchange.headers["Location"])


def no_head(exchange: RecordedExchange) -> None:
    if exchange.method == "HEAD":
        exchange.status = 405


def zulu_dates(exchange: RecordedExchange) -> None:
    exchange.edit(lambda record: "created_at" in record and record.update(created_at="2026-11-23T07:40:00Z"))


def plain_errors(exchange: RecordedExchange) -> None:
    if exchange.status in (400, 404):
        exchange.body = b"Not Found, or so"


def tidy_numbers(exchange: RecordedExchange) -> None:
    exchange.edit(lambda record: record.get("phone") and record.update(phone=record["phone"].replace(" ", "")))


def found_at_once(exchange: RecordedExchange) -> None:
    """Return the record instead of a redirect to it."""
    if exchange.is_list and exchange.status == 302 and "email" in exchange.query:
        exchange.environ["PATH_INFO"] = re.sub("^.*//[^/]+", "", exchange.headers["Location"])
        exchange.answer()


def found_as_list(exchange: RecordedExchange) -> None:
    if exchange.is_list and exchange.status == 302 and "mobile" in exchange.query:
        exchange.status, exchange.body = 200, b"[]"
        exchange.headers["Content-Type"] = "application/json"


def null_reference(exchange: RecordedExchange) -> None:
    exchange.edit(lambda record: record.get("reference_id") == "" and record.update(reference_id=None))


class StoredTimestamps:
    """Keep the timestamps of the first reading."""

    def __init__(self) -> None:
        self.kept: dict[int, str] = {}

    def __call__(self, exchange: RecordedExchange) -> None:
        if exchange.status == 201:
            self.kept.pop(int(re.findall(r"\d+", exchange.headers["Location"])[-1]), None)
        exchange.edit(self.keep)

    def keep(self, record: dict[str, Any]) -> None:
        if "created_at" in record:
            record["created_at"] = self.kept.setdefault(record["id"], record["created_at"])


def no_location(exchange: RecordedExchange) -> None:
    if exchange.status == 201:
        del exchange.headers["Location"]


def silent_put(exchange: RecordedExchange) -> None:
    if exchange.method == "PUT" and exchange.shows_record:
        exchange.body = b""


def relative_location(exchange: RecordedExchange) -> None:
    if "Location" in exchange.headers:
        exchange.headers["Location"] = re.sub("^.*//[^/]+", "", exchange.headers["Location"])


def taken_is_422(exchange: RecordedExchange) -> None:
    if exchange.status == 400 and b"is already used" in exchange.body:
        exchange.status = 422


def page_too_long(exchange: RecordedExchange) -> None:
    if exchange.shows_list and "X-Next-Page" in exchange.headers:
        document = exchange.json()
        exchange.say([*document, document[-1]])


def one_page_only(exchange: RecordedExchange) -> None:
    if exchange.shows_list:
        exchange.headers["X-Pages"] = "1"


def last_page_lost(exchange: RecordedExchange) -> None:
    if exchange.shows_list:
        pages = int(exchange.headers["X-Pages"])
        exchange.headers["X-Pages"] = str(max(pages - 1, 1))
        if exchange.headers.get("X-Next-Page", "").endswith(f"page={pages}"):
            del exchange.headers["X-Next-Page"]


def query_lost(exchange: RecordedExchange) -> None:
    if "X-Next-Page" in exchange.headers:
        exchange.headers["X-Next-Page"] = re.sub(r"\?.*&", "?", exchange.headers["X-Next-Page"])


def nothing_beyond(exchange: RecordedExchange) -> None:
    if exchange.shows_list and exchange.body.strip() == b"[]" and "page" in exchange.query:
        exchange.status, exchange.body = 404, b'{"error": "not_found", "error_description": "Not Found"}'


def pages_from_zero(exchange: RecordedExchange) -> None:
    if exchange.is_list and "page" in exchange.query:
        query = {name: values[0] for name, values in exchange.query.items()}
        exchange.environ["QUERY_STRING"] = urlencode({**query, "page": int(query["page"]) + 1})
        exchange.answer()
    if exchange.is_list and "X-Next-Page" in exchange.headers:
        url, _, number = exchange.headers["X-Next-Page"].rpartition("=")
        exchange.headers["X-Next-Page"] = f"{url}={int(number) - 1}"


def no_challenge(exchange: RecordedExchange) -> None:
    if exchange.status == 401:
        exchange.status, exchange.headers["Content-Type"], exchange.body = 200, "application/json", b"[]"


def any_company(exchange: RecordedExchange) -> None:
    if exchange.status == 403:
        exchange.environ["PATH_INFO"] = re.sub(r"companies/\d+", "companies/me", exchange.environ["PATH_INFO"])
        exchange.answer()


def company_redirects(exchange: RecordedExchange) -> None:
    if exchange.environ["PATH_INFO"].startswith("/v1/companies/me") and not exchange.is_list:
        exchange.status, exchange.headers["Location"] = 302, "/v1/companies/5678.json"


def no_addresses(exchange: RecordedExchange) -> None:
    if "/addresses" in exchange.environ["PATH_INFO"]:
        exchange.say([])


def sites_descend(exchange: RecordedExchange) -> None:
    if re.search(r"/sites(\.json)?$", exchange.environ["PATH_INFO"]) and exchange.status == 200:
        exchange.say(list(reversed(exchange.json())))


def staff_descends(exchange: RecordedExchange) -> None:
    if re.search(r"/staff(\.json)?$", exchange.environ["PATH_INFO"]) and exchange.status == 200:
        exchange.say(list(reversed(exchange.json())))


def orders_ascend(exchange: RecordedExchange) -> None:
    if re.search(r"/orders(\.json)?$", exchange.environ["PATH_INFO"]) and exchange.status == 200:
        exchange.say(list(reversed(exchange.json())))


def order_of_nothing(exchange: RecordedExchange) -> None:
    if re.search(r"/orders/[0-9]+(\.json)?$", exchange.environ["PATH_INFO"]):
        exchange.say({**exchange.json(), "total": 0})


def no_site(exchange: RecordedExchange) -> None:
    if re.search(r"/registers/[0-9]+(\.json)?$", exchange.environ["PATH_INFO"]):
        exchange.say({**exchange.json(), "site": None})


def percent(exchange: RecordedExchange) -> None:
    if re.search(r"/taxes/[0-9]+(\.json)?$", exchange.environ["PATH_INFO"]):
        exchange.say({**exchange.json(), "rate": 10})


def no_code(exchange: RecordedExchange) -> None:
    if re.search(r"/products/[0-9]+(\.json)?$", exchange.environ["PATH_INFO"]):
        exchange.say({**exchange.json(), "code": ""})


def no_reset(exchange: RecordedExchange) -> None:
    exchange.headers.pop("X-Ratelimit-Reset", None)


def limit_as_json(exchange: RecordedExchange) -> None:
    if exchange.status == 429:
        exchange.say({"error": "limit_exceeded"})


def cross_origin(exchange: RecordedExchange) -> None:
    exchange.headers["Access-Control-Allow-Origin"] = "*"


def enveloped(exchange: RecordedExchange) -> None:
    if exchange.shows_list:
        exchange.say({"customers": exchange.json()})


class WhitelistForgotten:
    """Let PUT store a field that it may not change."""

    def __call__(self, exchange: RecordedExchange) -> None:
        if exchange.method == "PUT" and exchange.status == 200:
            exchange.edit(lambda record: record.update(company_id=1))


def webhook_arrays(exchange: RecordedExchange) -> None:
    """Write empty objects as empty arrays, as PHP does."""
    if "/webhooks" in exchange.environ["PATH_INFO"] and exchange.status == 200:
        exchange.body = exchange.body.replace(b"{}", b"[]")


def no_location_of_webhook(exchange: RecordedExchange) -> None:
    if "/webhooks" in exchange.environ["PATH_INFO"]:
        no_location(exchange)


def html_allowed(exchange: RecordedExchange) -> None:
    if exchange.status == 406:
        exchange.status = 200


def text_allowed(exchange: RecordedExchange) -> None:
    if exchange.environ.get("CONTENT_TYPE") == "text/plain":
        exchange.status, exchange.headers["Location"] = 201, "http://localhost/v1/companies/5678/customers/1"


# --- methods of the core -------------------------------------------------------------------------------------------

_change, _create = Company.change_customer, Company.create_customer
_item = Records.item
_new_webhook, _change_webhook = Subscriptions.create, Subscriptions.change


def by_exact_email(store: CustomerStore, email: str) -> tuple[Customer, ...]:
    return tuple(one for one in store.all() if one.email == email)


def by_phone_only(store: CustomerStore, _first: str, _last: str, phone: str) -> tuple[Customer, ...]:
    return tuple(one for one in store.all() if one.phone == phone)


def by_any_reference(store: CustomerStore, _: str, reference: str, *page: int) -> tuple[list[Customer], int]:
    found = [one for one in store.all() if reference in dict(one.reference_ids).values()]
    return found[slice(*page)], len(found)


def any_reference(customer: Customer, _: str) -> str:
    return next((reference for _, reference in customer.reference_ids), "")


def put_replaces(company: Company, client_id: str, customer_id: int, fields: Mapping[str, Any], **more: Any) -> Any:
    """Clear the fields that are not sent, as far as C09 permits."""
    before = company.customer(customer_id)
    cleared = {} if before.image is None or "image" in fields else {"image": None}
    return _change(company, client_id, customer_id, {**fields, **cleared}, **more)


def reference_stays(company: Company, client_id: str, customer_id: int, fields: Mapping[str, Any], **more: Any) -> Any:
    """Keep a reference id that is cleared."""
    kept = {
        name: value
        for name, value in fields.items()
        if name != "reference_id" or value or client_id != "fake-client-id"
    }
    return _change(company, client_id, customer_id, kept, **more)


def one_reference(company: Company, client_id: str, customer_id: int, fields: Mapping[str, Any], **more: Any) -> Any:
    """Share one reference id among all applications."""
    changed = _change(company, client_id, customer_id, fields, **more)
    if "reference_id" in fields:
        clients = ("fake-client-id", "machine-other-id")
        shared = replace(
            changed, reference_ids=tuple((one, fields["reference_id"]) for one in clients if fields["reference_id"])
        )
        company.store.change(changed, shared)
        return shared
    return changed


def no_contact_needed(company: Company, client_id: str, fields: Mapping[str, Any]) -> Customer:
    if not any(fields.get(name) for name in CONTACTS) and fields.get("first_name"):
        return company.add_customers((Customer(id=0, first_name=fields["first_name"]),), announce=False)[0]
    return _create(company, client_id, fields)


def no_image(company: Company, client_id: str, fields: Mapping[str, Any]) -> Customer:
    return _create(company, client_id, {name: value for name, value in fields.items() if name != "image"})


def newest(store: CustomerStore, email: str) -> tuple[Customer, ...]:
    return tuple(reversed([one for one in store.all() if (one.email or "").casefold() == email.casefold()]))


def any_webhook(subscriptions: Subscriptions, _: str, webhook_id: int) -> Webhook:
    """Show a webhook to every application, which may change it."""
    if webhook_id not in subscriptions._webhooks:
        raise NotFound(Quirk.W01_WEBHOOKS, "Not Found: no such webhook")
    return subscriptions._webhooks[webhook_id]


def webhook_of(
    forgotten: Callable[[Mapping[str, Any]], dict[str, Any]],
) -> Callable[[Subscriptions, str, Mapping[str, Any], datetime], Webhook]:
    """Make a webhook of the fields that are left after `forgotten`."""

    def create(subscriptions: Subscriptions, client_id: str, fields: Mapping[str, Any], now: datetime) -> Webhook:
        return _new_webhook(subscriptions, client_id, forgotten(fields), now)

    return create


def no_headers(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {**fields, "headers": {}}


def any_topic(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Replace an unknown topic by another one."""
    return {**fields, "topic": fields["topic"] if fields.get("topic") in TOPICS else TOPICS[0]}


def merged_filter(
    subscriptions: Subscriptions, client_id: str, webhook_id: int, fields: Mapping[str, Any], now: datetime
) -> Webhook:
    """Add new attributes to the existing ones."""
    before = subscriptions.get(client_id, webhook_id).filter.get("attributes", ())
    sent = fields.get("filter") or {}
    if sent.get("attributes"):
        fields = {**fields, "filter": {**sent, "attributes": [*{*before, *sent["attributes"]}]}}
    return _change_webhook(subscriptions, client_id, webhook_id, fields, now)


def full_items(records: Records, customer: Customer, client_id: str, now: str) -> Any:
    return records.full(customer, client_id, now)


TWO_SITES = {"sites": [{"name": "Harbour Kiosk"}, {"name": "Window"}]}
MENU: dict[str, Any] = {
    "sites": [{"id": 1640, "name": "Harbour Kiosk"}],
    "staff": [{"first_name": "Robin"}, {"first_name": "Alex"}],
    "registers": [{"name": "Front", "site_id": 1640}],
    "taxes": [{"name": "GST", "rate": 0.1}],
    "products": [{"name": "Latte", "code": "L"}],
    "orders": [{"total": 4}, {"total": 5, "created_at": "2025-01-01T00:00:00+11:00"}],
}
BUGS = [
    Bug(what="a record is sent as text/html", quirk="T01", bend=text_type),
    Bug(what="POST takes text/plain", quirk="T02", bend=text_allowed),
    Bug(what="text/html is acceptable", quirk="T03", bend=html_allowed),
    Bug(what="a list is in an envelope", quirk="T05", bend=enveloped),
    Bug(what="dates end with Z", quirk="T06", bend=zulu_dates),
    Bug(what="phone numbers lose their blanks", quirk="T07", bend=tidy_numbers),
    Bug(what="CORS headers are sent", quirk="T09", bend=cross_origin),
    Bug(what="an error is plain text", quirk="T10", bend=plain_errors),
    Bug(what="Location has another origin", quirk="T13", bend=other_origin),
    Bug(what="HEAD is not allowed", quirk="T18", bend=no_head),
    Bug(what="a look-up answers the record, 200 instead of 302", quirk="C04", bend=found_at_once),
    Bug(what="the name is not compared", quirk="C05", patched=(CustomerStore, "by_name_and_phone", by_phone_only)),
    Bug(what="a look-up by mobile answers a list", quirk="C06", bend=found_as_list),
    Bug(what="null instead of an empty reference id", quirk="C07", bend=null_reference),
    Bug(what="timestamps are stored", quirk="C08", bend=StoredTimestamps()),
    Bug(what="no contact is needed", quirk="C09", patched=(Company, "create_customer", no_contact_needed)),
    Bug(what="POST drops the image", quirk="C10", patched=(Company, "create_customer", no_image)),
    Bug(what="others' reference ids are shown", quirk="C11", patched=(Customer, "reference_id", any_reference)),
    Bug(what="others' reference ids find", quirk="C11", patched=(CustomerStore, "page_by_reference", by_any_reference)),
    Bug(what="there is one reference id for all", quirk="C11", patched=(Company, "change_customer", one_reference)),
    Bug(what="PUT cannot clear the reference id", quirk="C13", patched=(Company, "change_customer", reference_stays)),
    Bug(what="PUT has forgotten its whitelist", quirk="C13", bend=WhitelistForgotten()),
    Bug(what="a mobile is not unique", quirk="C14", patched=(store, "_refuse_held_mobiles", lambda *_: None)),
    Bug(what="201 without Location", quirk="C15", bend=no_location),
    Bug(what="PUT clears the image that is not sent", quirk="C17", patched=(Company, "change_customer", put_replaces)),
    Bug(what="PUT answers an empty body", quirk="C18", bend=silent_put),
    Bug(what="list items are complete", quirk="C19", patched=(Records, "item", full_items)),
    Bug(what="Location is relative", quirk="A02", bend=relative_location),
    Bug(what="a taken mobile is 422", quirk="A07", bend=taken_is_422),
    Bug(what="the newest of several is found", quirk="A10", patched=(CustomerStore, "by_email", newest)),
    Bug(
        what="an email is compared with its case",
        quirk="A11",
        also=("A10",),
        patched=(CustomerStore, "by_email", by_exact_email),
    ),
    Bug(what="pages are one item too long", quirk="P01", bend=page_too_long),
    Bug(what="X-Pages is always 1", quirk="P02", bend=one_page_only),
    Bug(what="the last page is lost", quirk="C01", also=("C02",), bend=last_page_lost),
    Bug(what="X-Next-Page has lost the query", quirk="P03", bend=query_lost),
    Bug(what="page counts from 0", quirk="P04", bend=pages_from_zero),
    Bug(what="past the end is 404", quirk="P05", bend=nothing_beyond),
    Bug(what="another company is shown", quirk="O01", bend=any_company),
    Bug(what="no credentials are needed", quirk="O09", bend=no_challenge),
    Bug(what="companies/me redirects", quirk="K01", bend=company_redirects),
    Bug(what="addresses are not listed", quirk="K03", bend=no_addresses),
    Bug(what="sites descend by id", quirk="S04", bend=sites_descend, settings={"seed": TWO_SITES}),
    Bug(what="the staff descends by id", quirk="E02", bend=staff_descends, settings={"seed": MENU}),
    Bug(what="the oldest order is the first", quirk="D06", bend=orders_ascend, settings={"seed": MENU}),
    Bug(what="an order by id has no total", quirk="D05", bend=order_of_nothing, settings={"seed": MENU}),
    Bug(what="a register is listed at another site", quirk="S11", bend=no_site, settings={"seed": MENU}),
    Bug(what="the rate of a tax is in percent", quirk="M08", bend=percent, settings={"seed": MENU}),
    Bug(what="a product has lost its code", quirk="G17", bend=no_code, settings={"seed": MENU}),
    Bug(what="another application's webhooks are shown", quirk="W01", patched=(Subscriptions, "_own", any_webhook)),
    Bug(what="an empty filter is []", quirk="W02", bend=webhook_arrays),
    Bug(what="an unknown topic is taken", quirk="W03", patched=(Subscriptions, "create", webhook_of(any_topic))),
    Bug(what="the headers are forgotten", quirk="W05", patched=(Subscriptions, "create", webhook_of(no_headers))),
    Bug(what="PUT merges the filter", quirk="W07", patched=(Subscriptions, "change", merged_filter)),
    Bug(what="a new webhook has no Location", quirk="W13", bend=no_location_of_webhook),
    Bug(what="no X-Ratelimit-Reset", quirk="R02", bend=no_reset, settings={"rate_limit": {"basic": 10}}),
    Bug(what="a 429 is JSON", quirk="R03", bend=limit_as_json, settings={"rate_limit": {"basic": 10}}),
]
