"""The operations of a machine on customers: methods that a subclass can replace by calls of its own client."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis.strategies import SearchStrategy

from fakekounta.catalogue.quirks import Quirk
from fakekounta.stateful import draws
from fakekounta.stateful.api import ApiClient
from fakekounta.stateful.base import BaseMachine
from fakekounta.stateful.comparing import Comparison
from fakekounta.stateful.contradiction import Witness
from fakekounta.stateful.model import Model
from fakekounta.stateful.wire import Auth


class Operations(BaseMachine):
    """The operations of a machine on customers.

    By default an operation sends HTTP requests and checks each response against the catalogue; the result of a replaced
    operation is compared with the model.
    """

    def new_customers(self) -> SearchStrategy[dict[str, Any]]:
        """Return a strategy for the bodies of new customers; the API must accept each of them."""
        return draws.new_customers(self.fields)

    def customer_changes(self) -> SearchStrategy[dict[str, Any]]:
        """Return a strategy for the bodies of changes: any of the fields, each with a value or cleared."""
        return draws.customer_changes(self.fields)

    # --- the operations ------------------------------------------------------------------------------------------

    def create(self, fields: dict[str, Any]) -> Any:
        """Create a customer; return its id, or an object with one (`["id"]` or `.id`). Raise one of `refusals`."""
        return self.api.create(fields)

    def read(self, customer_id: int) -> Any:
        """Return the customer, as a mapping or an object with some of its fields, or None if there is none."""
        return self.api.read(customer_id)

    def find_by_email(self, email: str) -> Any:
        """Return the customer with this email, regardless of case: its id, an object with an id, or None."""
        return self.api.find(Quirk.C04_LOOKUP_BY_EMAIL_REDIRECTS, email=email)

    def find_by_mobile(self, mobile: str) -> Any:
        """Find a customer as `find_by_email` does, by mobile number."""
        return self.api.find(Quirk.C06_LOOKUP_BY_MOBILE_REDIRECTS, mobile=mobile)

    def find_by_name_and_phone(self, first_name: str, last_name: str, phone: str) -> Any:
        """Find a customer as `find_by_email` does, by first name, last name and phone together."""
        return self.api.find(
            Quirk.C05_LOOKUP_BY_NAME_AND_PHONE_REDIRECTS, first_name=first_name, last_name=last_name, phone=phone
        )

    def find_by_reference_id(self, reference_id: str) -> Iterable[Any]:
        """Return all customers with this reference id, of all pages, in order: ids, or objects with one."""
        return list(self.api.all(reference_id=reference_id))

    def list_all(self) -> Iterable[Any]:
        """Return all customers, of all pages, in order: ids, or objects with one."""
        return list(self.api.all())

    def change(self, customer_id: int, fields: dict[str, Any]) -> Any:
        """Change these fields and no others; return the customer, or None. Raise one of `refusals`."""
        return self.api.change(customer_id, fields)

    def change_as_other(self, customer_id: int, reference_id: str) -> Any:
        """Set the reference id of the second application."""
        assert self.other_api is not None, "there is no second application"  # noqa: S101 - the rule's precondition
        return self.other_api.change(customer_id, {"reference_id": reference_id})

    def delete(self, customer_id: int) -> None:
        """Delete the customer. Raise one of `refusals`, by default Refused with 405 if customers cannot be deleted."""
        return self.api.delete(customer_id)

    # --- inside --------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        self.model: Model = Model()
        self.witness: Witness = Witness(self.model, self.tolerates)
        self.comparison: Comparison = Comparison(self.beliefs, self.witness)
        self.api: ApiClient = self._api(self.target.auth)
        self.other_api: ApiClient | None = None if self.target.other_auth is None else self._api(self.target.other_auth)

    def _api(self, auth: Auth) -> ApiClient:
        size, now = self.target.page_size, self.target.now
        return ApiClient(self._wire(auth), self.target.company, self.beliefs, self.witness, page_size=size, now=now)
