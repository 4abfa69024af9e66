"""The handle of the customers of a company of the current world."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fakekounta.core.company import Company
from fakekounta.core.customers import CUSTOMER, Customer
from fakekounta.core.errors import BadField, MobileTaken, NotFound
from fakekounta.core.store import CustomerStore, Held
from fakekounta.core.world import World
from fakekounta.schemas.customers import customer_from
from fakekounta.schemas.parsing import is_unicode
from fakekounta.schemas.schemas import customer_fields
from fakekounta.worlds.handles.errors import Clash, refuse_unknown
from fakekounta.worlds.handles.protocols import KountaCustomers
from fakekounta.worlds.handles.records import RecordsHandle
from fakekounta.worlds.handles.searching import search_of
from fakekounta.worlds.seed import clash

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from fakekounta.settings.keywords import CustomerChanges, NewCustomer


class Customers(RecordsHandle[Customer], KountaCustomers):
    """The customers of one company of the current world."""

    def __init__(self, world: Callable[[], World], company_id: int, deliver_if_immediate: Callable[[], None]) -> None:
        super().__init__(world, company_id, "customer", deliver_if_immediate)

    def add(self, *, announce: bool = False, **fields: Unpack[NewCustomer]) -> Customer:
        return self.add_document(fields, announce=announce)

    def add_document(self, document: Any, *, announce: bool = False) -> Customer:
        """Add the customer that a document describes, as `add` does."""
        return self._settled(lambda world: self._add(world, [document], lambda _: "", announce=announce))[0]

    def add_documents(self, documents: Sequence[Any], *, announce: bool = False) -> list[Customer]:
        """Add the customers that documents describe, all or none; messages begin with the position, such as "[0]."."""
        return self._settled(lambda world: self._add(world, documents, "[{}].".format, announce=announce))

    def _add(
        self, world: World, documents: Sequence[Any], place: Callable[[int], str], *, announce: bool
    ) -> list[Customer]:
        company = world.companies[self._company_id]
        made = [self._made(world, place(index), document) for index, document in enumerate(documents)]
        try:
            kept = company.add_customers(made, announce=announce)
        except Held as held:
            raise Clash(f"{place(held.position)}{clash(held)}") from None
        return kept

    def _made(self, world: World, place: str, document: Any) -> Customer:
        try:
            refuse_half_pairs(document)
            return customer_from(document, world.default_client_id(self._company_id), world.assumptions)
        except BadField as refusal:
            raise ValueError(f"{place}{refusal.description}") from None

    def change(self, customer_id: int, *, announce: bool = False, **fields: Unpack[CustomerChanges]) -> Customer:
        return self.change_document(customer_id, fields, announce=announce)

    def change_document(self, customer_id: int, document: Mapping[str, Any], *, announce: bool = False) -> Customer:
        """Change the fields that a document names, as `change` does."""
        refuse_half_pairs(document)
        refuse_unknown(document, CUSTOMER.sent, "a customer")
        return self._settled(lambda world: self._change(world, customer_id, document, announce=announce))

    def _change(self, world: World, customer_id: int, fields: Mapping[str, Any], *, announce: bool) -> Customer:
        company = world.companies[self._company_id]
        try:
            typed = customer_fields(fields)
            return company.change_customer(world.default_client_id(company.id), customer_id, typed, announce=announce)
        except NotFound:
            raise self._missing(customer_id) from None
        except MobileTaken as refusal:
            raise Clash(refusal.description) from None
        except BadField as refusal:
            raise ValueError(refusal.description) from None

    def find(self, text: str) -> list[Customer]:
        """Return the customers whose name, contacts, tags, reference ids or id contain a text, in any case."""
        return [one for one in self.all() if _has(one, text)]

    def remove(self, customer_id: int, /, *, announce: bool = False) -> Customer:
        return self._settled(lambda world: self._remove(world, customer_id, announce=announce))

    def _remove(self, world: World, customer_id: int, *, announce: bool) -> Customer:
        try:
            return world.companies[self._company_id].remove_customer(customer_id, announce=announce)
        except NotFound:
            raise self._missing(customer_id) from None

    def __repr__(self) -> str:
        return f"<{len(self)} customers of company {self._company_id}>"

    def _kept(self, company: Company) -> CustomerStore:
        return company.store


_has = search_of(CUSTOMER)


def refuse_half_pairs(fields: Any) -> None:
    """Raise ValueError for a text with half of a surrogate pair, because no encoding can carry it (T15)."""
    for name, value in fields.items() if isinstance(fields, Mapping) else ():
        if not is_unicode(value):
            raise ValueError(f"{name}: has half of a surrogate pair, which the API refuses (T15)")
