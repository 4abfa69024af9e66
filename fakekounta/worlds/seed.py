"""Seeds: the customers, and the records of collections, that documents describe.

An object whose keys are names of collections, such as `{"customers": [...], "sites": [...]}`, holds records of several
kinds. It may be the whole file, an item of an array or a line; any other object is one customer. A record as the API
answers it is such a document, too.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.core.all_collections import COLLECTIONS, CUSTOMERS, is_of_several_kinds
from fakekounta.core.collection import Collection
from fakekounta.core.company import empty_store, keep_all
from fakekounta.core.customers import Customer
from fakekounta.core.errors import BadField
from fakekounta.core.shelf import Shelves
from fakekounta.core.store import CustomerStore, Held, MobileHeld
from fakekounta.core.values import raising
from fakekounta.process.collector import no_garbage_collection
from fakekounta.schemas.collections import record_from
from fakekounta.schemas.customers import customer_from
from fakekounta.schemas.own_records import customer_document, record_document
from fakekounta.worlds.seed_file import Place, SeedError, Source


class Seeded(NamedTuple):
    """The customers and the records of the collections of a company in the seed's state."""

    store: CustomerStore
    shelves: Shelves

    def copy(self) -> Seeded:
        """Return a copy that shares nothing mutable with this one."""
        return Seeded(self.store.copy(), self.shelves.copy())


def seeded(sources: Iterable[Source], client_id: str, assumptions: Assumptions) -> Seeded:
    """Return the customers and records that the documents describe. Raise SeedError."""
    several: list[tuple[str, Mapping[str, Any]]] = []
    with no_garbage_collection():
        store = _seeded_store(_customers_in(sources, several), client_id, assumptions)
        shelves = Shelves()
        for plural in COLLECTIONS:
            for place, document in several:
                if plural in document:
                    _fill(shelves, plural, document[plural], f"{place}.{plural}", assumptions)
    return Seeded(store, shelves)


def _customers_in(sources: Iterable[Source], several: list[tuple[str, Mapping[str, Any]]]) -> Iterator[Source]:
    """Yield the customers of the sources; put objects of several kinds into `several`, with their places."""
    for source in sources:
        found: list[tuple[str, Mapping[str, Any]]] = []
        yield _only_customers(source, found)
        several += found
        for place, document in found:
            yield document.get(CUSTOMERS, ()), f"{place}.{CUSTOMERS}[{{}}]".format


def _only_customers(source: Source, several: list[tuple[str, Mapping[str, Any]]]) -> Source:
    documents, place = source
    before: list[int] = []  # how many customers come before each object of several kinds

    def customers() -> Iterator[Any]:
        for index, document in enumerate(documents):
            if is_of_several_kinds(document):
                before.append(index - len(before))
                several.append((place(index), _checked_kinds(document, place(index))))
            else:
                yield document

    return customers(), lambda index: place(index + bisect_right(before, index))


def _checked_kinds(document: Mapping[str, Any], place: str) -> Mapping[str, Any]:
    for plural, records in document.items():
        if not isinstance(records, (list, tuple)):
            raise SeedError(f"{place}.{plural}: must be an array of objects")
    return document


def _fill(shelves: Shelves, plural: str, documents: Sequence[Any], place: str, assumptions: Assumptions) -> None:
    """Add the records that documents describe to a collection. Raise SeedError."""
    collection = COLLECTIONS[plural]
    try:
        with raising(SeedError):
            records = [
                collection.finished(_record(collection, one, f"{place}[{index}]"), assumptions)
                for index, one in enumerate(documents)
            ]
            shelves.add(plural, records, f"{place}[{{}}]".format)
    except Held as held:
        raise SeedError(f"{place}[{held.position}].{clash(held, collection.noun)}") from None


def _record(collection: Collection[Any], document: Any, place: str) -> Any:
    return record_from(collection, record_document(collection, document, place), place)


def _seeded_store(sources: Iterable[Source], client_id: str, assumptions: Assumptions) -> CustomerStore:
    store = empty_store(assumptions)
    customers: list[Customer] = []
    with_id: set[int] = set()
    places: list[tuple[int, Place]] = []
    for documents, place in sources:
        places.append((len(customers), place))
        try:
            for number, document in enumerate(documents, start=len(customers)):
                own = customer_document(document)
                customers.append(customer_from(own, client_id, assumptions, customer_id=store.next_id + number))
                if "id" in document:
                    with_id.add(number)
        except BadField as refusal:
            raise SeedError(f"{place(len(customers) - places[-1][0])}: {refusal.description}") from None
    _keep(store, _unnumbered_but(customers, with_id), assumptions, places)
    return store


def _unnumbered_but(customers: list[Customer], with_id: set[int]) -> list[Customer]:
    """Return the customers. If the seed gives some an id, the others get id 0, so that the store numbers them."""
    if not with_id:
        return customers
    return [one if number in with_id else replace(one, id=0) for number, one in enumerate(customers)]


def _keep(
    store: CustomerStore, customers: list[Customer], assumptions: Assumptions, places: list[tuple[int, Place]]
) -> None:
    try:
        keep_all(store, customers, assumptions)
    except Held as held:
        start, place = next(one for one in reversed(places) if one[0] <= held.position)
        raise SeedError(f"{place(held.position - start)}: {clash(held)}") from None


def clash(held: Held, name: str = "customer") -> str:
    """Return what is wrong with a record that has what another one has; `name` is that of the records."""
    if isinstance(held, MobileHeld):
        return f"mobile: is already used by customer {held.customer_id}"
    return f"id: there is a {name} {held.customer_id} already"
