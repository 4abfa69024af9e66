"""The machine's own client for customers and webhooks; it checks each response against the catalogue."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.collection import Collection
from fakekounta.stateful.contradiction import Witness
from fakekounta.stateful.model import Beliefs
from fakekounta.stateful.responses import ResponseChecks
from fakekounta.stateful.wire import Response, Wire, date_of

_RECORD = re.compile(r"/v1/companies/(\d+)/(customers|webhooks|orders)/(\d+)(\.json)?")
MOST_PAGES = 10_000


class Item(dict[str, Any]):
    """An item of a list, as received from the server."""


class Record(dict[str, Any]):
    """A complete customer, as received from the server; `at` is the server's time then in Unix seconds, if known."""

    at: float | None = None


class ApiClient(ResponseChecks):
    """One application's view of one company. `extension` is ".json" or ""; `now` is the server's time, if known."""

    def __init__(
        self,
        wire: Wire,
        company: int | str,
        beliefs: Beliefs,
        witness: Witness,
        *,
        page_size: int | None,
        now: Callable[[], float | None],
    ) -> None:
        super().__init__(beliefs, witness)
        self._wire = wire
        self._page_size = page_size
        self._now = now
        self.extension = ".json"
        self.company_path: str = f"/v1/companies/{company}"

    # --- customers ---------------------------------------------------------------------------------------------

    def create(self, fields: Mapping[str, Any]) -> int:
        """Create a customer and return its id (C15, A01 to A03). Raise Refused if the server refuses."""
        return self._create("customers", fields, Quirk.C15_CREATED_WITH_LOCATION)

    def read(self, customer_id: int) -> Record | None:
        """Return the customer with this id, or None (C03)."""
        answer = self.ask("GET", f"/customers/{customer_id}")
        found = self._unless_absent(answer, 200, Quirk.C03_GET_BY_ID)
        return self._record(answer, Quirk.C03_GET_BY_ID) if found else None

    def change(self, customer_id: int, fields: Mapping[str, Any]) -> Record:
        """Change a customer and return the changed one (C16, C18). Raise Refused if the server refuses."""
        answer = self.ask("PUT", f"/customers/{customer_id}", body=fields)
        self._unless_refused(answer, 200, Quirk.C16_UPDATED_IS_200)
        return self._record(answer, Quirk.C18_PUT_ANSWERS_THE_CUSTOMER)

    def delete(self, customer_id: int) -> None:
        """Delete a customer (C21). Raise Refused, with status 405 where customers cannot be deleted."""
        answer = self.ask("DELETE", f"/customers/{customer_id}")
        if answer.status == 405 and "allow" not in answer.headers:
            raise self.contradicts(Quirk.C21_NO_DELETE, "a 405 without Allow")
        self._unless_refused(answer, 204, Quirk.C21_NO_DELETE)

    def find(self, quirk: Quirk, **query: str) -> int | None:
        """Return the id that a look-up redirects to (C04 to C06), or None for a 404."""
        answer = self.ask("GET", "/customers", query=query)
        if not self._unless_absent(answer, 302, quirk):
            return None
        self.keep(Quirk.A19_BODY_OF_REDIRECT, {"html" if answer.body else "empty"}, "the body of a 302")
        return self._located(answer, quirk)

    def all(self, **query: str) -> Iterator[Item]:
        """Yield the customers of a list, page after page, by X-Next-Page (C01, C02, P01 to P03)."""
        return self._all("customers", Quirk.C02_REFERENCE_FILTER_IS_A_LIST if query else Quirk.C01_LIST, query)

    def _record(self, answer: Response, quirk: Quirk) -> Record:
        record, now = Record(self.object(answer, quirk)), self._now()
        record.at = date_of(answer) if now is None else now
        return record

    # --- webhooks ----------------------------------------------------------------------------------------------

    def subscribe(self, fields: Mapping[str, Any]) -> int:
        """Create a webhook and return its id (W13). Raise Refused if the server refuses."""
        return self._create("webhooks", fields, Quirk.W13_WEBHOOK_ANSWERS)

    def webhook(self, webhook_id: int) -> dict[str, Any] | None:
        """Return the webhook with this id, or None if this application has none (W01)."""
        answer = self.ask("GET", f"/webhooks/{webhook_id}")
        found = self._unless_absent(answer, 200, Quirk.W01_WEBHOOKS)
        return self.object(answer, Quirk.W02_WEBHOOK_RECORD) if found else None

    def webhooks(self) -> Iterator[Item]:
        """Yield the webhooks of the authenticated application, over all pages (W01)."""
        return self._all("webhooks", Quirk.W01_WEBHOOKS, {})

    def change_webhook(self, webhook_id: int, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Change a webhook and return the changed one (W13). Raise Refused if the server refuses."""
        answer = self.ask("PUT", f"/webhooks/{webhook_id}", body=fields)
        self._unless_refused(answer, 200, Quirk.W13_WEBHOOK_ANSWERS)
        return self.object(answer, Quirk.W13_WEBHOOK_ANSWERS)

    def unsubscribe(self, webhook_id: int) -> None:
        """Delete a webhook (W01). Raise Refused, with status 404 if this application has no such webhook."""
        self._unless_refused(self.ask("DELETE", f"/webhooks/{webhook_id}"), 204, Quirk.W01_WEBHOOKS)

    # --- collections -------------------------------------------------------------------------------------------

    def records(self, collection: Collection[Any]) -> Iterator[Item]:
        """Yield the records of a collection as its list has them, over all pages."""
        return self._all(collection.place, collection.many[0], {}, sized=collection.page_size is None)

    def record(self, collection: Collection[Any], number: int) -> dict[str, Any]:
        """Return the record of a collection with this id."""
        answer = self.ask("GET", f"/{collection.place}/{number}")
        self.expect(answer, 200, collection.one[0])
        return self.object(answer, collection.one[-1])

    # --- creation and lists ------------------------------------------------------------------------------------

    def _create(self, resource: str, fields: Mapping[str, Any], quirk: Quirk) -> int:
        answer = self.ask("POST", f"/{resource}", body=fields)
        self._unless_refused(answer, 201, quirk)
        self.keep(Quirk.A01_BODY_OF_CREATED, {"customer" if answer.body else "empty"}, "the body of a 201")
        return self._located(answer, quirk, resource)

    def _all(self, resource: str, quirk: Quirk, query: Mapping[str, str], *, sized: bool = True) -> Iterator[Item]:
        target: str | None = f"{self.company_path}/{resource}{self.extension}"
        asked: Mapping[str, str] | None = query
        for number in range(1, MOST_PAGES + 1):
            answer = self.ask_path("GET", target or "", query=asked)
            yield from self.page(answer, number, quirk, sized=sized)
            target, asked = self.next_page(answer, query), None
            if target is None:
                return
        raise self.contradicts(Quirk.P03_X_NEXT_PAGE, f"no end of the list after {MOST_PAGES} pages")

    def page(self, answer: Response, number: int, quirk: Quirk = Quirk.C01_LIST, *, sized: bool = True) -> list[Item]:
        """Return the items of page `number`, counted from 1, after checking the page's headers.

        `sized` pages have the size that all lists have.
        """
        self.expect(answer, 200, quirk)
        items = self.items(answer)
        pages = self.pages(answer)
        if number < pages and "x-next-page" not in answer.headers:
            raise self.contradicts(
                Quirk.P03_X_NEXT_PAGE, f"page {number} of X-Pages {pages} has no X-Next-Page, but is not the last"
            )
        if number >= pages and "x-next-page" in answer.headers:
            raise self.contradicts(Quirk.P02_X_PAGES_AND_X_PAGE, f"page {number} of X-Pages {pages} has an X-Next-Page")
        if sized:
            self._size(len(items), last=number >= pages)
        if not items and number == 1:
            self.keep(Quirk.P06_PAGES_OF_AN_EMPTY_LIST, {str(pages)}, f"X-Pages {pages} of an empty list")
        return items

    def items(self, answer: Response) -> list[Item]:
        """Return the items of a page (T05, C19)."""
        items = self._json(answer)
        if not isinstance(items, list):
            raise self.contradicts(Quirk.T05_LISTS_ARE_BARE_ARRAYS, f"a list is {type(items).__name__}")
        if not all(isinstance(item, Mapping) and isinstance(item.get("id"), int) for item in items):
            raise self.contradicts(Quirk.C19_LIST_ITEMS_ARE_ABRIDGED, "an item of a list has no id")
        return [Item(item) for item in items]

    def pages(self, answer: Response) -> int:
        """Return the number in X-Pages (P02)."""
        text = answer.headers.get("x-pages", "")
        if not text.isdecimal():
            raise self.contradicts(Quirk.P02_X_PAGES_AND_X_PAGE, f"X-Pages is {text!r}, not a number")
        return int(text)

    def next_page(self, answer: Response, query: Mapping[str, str]) -> str | None:
        """Return path and query of X-Next-Page, which keeps the query (P03) and the origin (T13)."""
        url = answer.headers.get("x-next-page")
        if url is None:
            return None
        parts = urlsplit(url)
        self._origin(f"{parts.scheme}://{parts.netloc}", url)
        self._extension(parts.path, url)
        if any(name not in parts.query for name in query):
            raise self.contradicts(Quirk.P03_X_NEXT_PAGE, f"X-Next-Page {url} has lost the query {query}")
        return f"{parts.path}?{parts.query}"

    def _size(self, count: int, *, last: bool) -> None:
        if self._page_size is None and not last:
            self._page_size = count
        if self._page_size is not None and (count > self._page_size or (not last and count < self._page_size)):
            raise self.contradicts(Quirk.P01_PAGE_SIZE, f"a page has {count} items, not {self._page_size}")

    # --- exchanges ---------------------------------------------------------------------------------------------

    def ask(self, method: str, below: str, **more: Any) -> Response:
        """Return the checked response to a request below the company, such as "/customers/7"."""
        return self.ask_path(method, f"{self.company_path}{below}{self.extension}", **more)

    def ask_path(self, method: str, path: str, **more: Any) -> Response:
        """Return the checked response to a request for a whole path."""
        return self.checked(self._wire.ask(method, path, now=self._now(), **more))

    # --- URLs that the server sends ----------------------------------------------------------------------------

    def _located(self, answer: Response, quirk: Quirk, resource: str = "customers") -> int:
        """Return the id of the customer or the webhook in the Location header."""
        url = answer.headers.get("location", "")
        parts = urlsplit(url)
        found = _RECORD.fullmatch(parts.path)
        if found is None or found[2] != resource:
            raise self.contradicts(quirk, f"Location is {url!r}, not the URL of one of the {resource}")
        form = "absolute" if parts.netloc else "root_relative"
        self.keep(Quirk.A02_FORM_OF_LOCATION, {form}, f"Location {url}")
        if parts.netloc:
            self._origin(f"{parts.scheme}://{parts.netloc}", url)
        self._extension(parts.path, url)
        return int(found[3])

    def _origin(self, origin: str, url: str) -> None:
        if origin != self._wire.origin:
            raise self.contradicts(
                Quirk.T13_URLS_KEEP_THE_ORIGIN, f"{url} has another origin than the request, {self._wire.origin}"
            )

    def _extension(self, path: str, url: str) -> None:
        fitting = {"always"} if path.endswith(".json") else {"never"}
        if path.endswith(".json") == bool(self.extension):
            fitting.add("as_requested")
        self.keep(Quirk.A03_EXTENSION_ON_URLS, fitting, f"the extension of {url}")
