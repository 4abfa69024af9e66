"""The machine's own client: what can be asked about customers and webhooks, strictly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fakekounta.catalogue.quirks import Quirk
from fakekounta.stateful.asking import Asking, Item
from fakekounta.stateful.wire import Response, told_time


class Record(dict[str, Any]):
    """A complete customer as the server has shown it; `at` is its time then in Unix seconds, if known."""

    at: float | None = None


class ApiClient(Asking):
    """What a client does, each answer held against the catalogue."""

    # --- customers ---------------------------------------------------------------------------------------------

    def create(self, fields: Mapping[str, Any]) -> int:
        """POST; the new id (C15, A01 to A03). Raises Refused."""
        return self._create("customers", fields, Quirk.C15_CREATED_WITH_LOCATION)

    def read(self, customer_id: int) -> Record | None:
        """GET by id; None if there is none (C03)."""
        answer = self.ask("GET", f"/customers/{customer_id}")
        found = self._unless_absent(answer, 200, Quirk.C03_GET_BY_ID)
        return self._record(answer, Quirk.C03_GET_BY_ID) if found else None

    def change(self, customer_id: int, fields: Mapping[str, Any]) -> Record:
        """PUT; the customer as it is now (C16, C18). Raises Refused."""
        answer = self.ask("PUT", f"/customers/{customer_id}", body=fields)
        self._unless_refused(answer, 200, Quirk.C16_UPDATED_IS_200)
        return self._record(answer, Quirk.C18_PUT_ANSWERS_THE_CUSTOMER)

    def delete(self, customer_id: int) -> None:
        """DELETE (C21). Raises Refused, with status 405 where customers cannot be deleted."""
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
        record.at = told_time(answer) if now is None else now
        return record

    # --- webhooks ----------------------------------------------------------------------------------------------

    def subscribe(self, fields: Mapping[str, Any]) -> int:
        """POST; the id of the new webhook (W13). Raises Refused."""
        return self._create("webhooks", fields, Quirk.W13_WEBHOOK_ANSWERS)

    def webhook(self, webhook_id: int) -> dict[str, Any] | None:
        """GET by id; None if this application has none (W01)."""
        answer = self.ask("GET", f"/webhooks/{webhook_id}")
        found = self._unless_absent(answer, 200, Quirk.W01_WEBHOOKS)
        return self.object(answer, Quirk.W02_WEBHOOK_RECORD) if found else None

    def webhooks(self) -> Iterator[Item]:
        """Yield the webhooks of the authenticated application, over all pages (W01)."""
        return self._all("webhooks", Quirk.W01_WEBHOOKS, {})

    def change_webhook(self, webhook_id: int, fields: Mapping[str, Any]) -> dict[str, Any]:
        """PUT; the webhook as it is now (W13). Raises Refused."""
        answer = self.ask("PUT", f"/webhooks/{webhook_id}", body=fields)
        self._unless_refused(answer, 200, Quirk.W13_WEBHOOK_ANSWERS)
        return self.object(answer, Quirk.W13_WEBHOOK_ANSWERS)

    def unsubscribe(self, webhook_id: int) -> None:
        """DELETE (W01). Raises Refused, with status 404 if this application has no such webhook."""
        self._unless_refused(self.ask("DELETE", f"/webhooks/{webhook_id}"), 204, Quirk.W01_WEBHOOKS)
