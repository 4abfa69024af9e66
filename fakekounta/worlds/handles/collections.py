"""Handles of the collections of the current world, such as the sites of a company."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.company import Company
from fakekounta.core.errors import NotFound
from fakekounta.core.record_desk import RecordDesk
from fakekounta.core.shelf import Shelf
from fakekounta.core.store import Held
from fakekounta.core.world import World
from fakekounta.schemas.collections import changes_from, record_from
from fakekounta.worlds.handles.customers import refuse_half_pairs
from fakekounta.worlds.handles.errors import Clash
from fakekounta.worlds.handles.records import RecordsHandle
from fakekounta.worlds.seed import clash


class CollectionHandle(RecordsHandle[Any]):
    """One collection of a company of the current world; `worlds.handles.typed_collections` has its typed form."""

    def __init__(
        self, world: Callable[[], World], company_id: int, plural: str, deliver_if_immediate: Callable[[], None]
    ) -> None:
        self._collection = COLLECTIONS[plural]
        super().__init__(world, company_id, self._collection.noun, deliver_if_immediate)

    def add(self, *, announce: bool = False, **fields: Any) -> Any:
        return self.add_documents([fields], "", announce=announce)[0]

    def add_documents(self, documents: Sequence[Any], place: str = "[{}]", *, announce: bool = False) -> list[Any]:
        """Add the records that documents describe, all or none; messages begin with `place`, such as "[0]."."""
        return self._settled(lambda world: self._add(world, documents, place, announce=announce))

    def _add(self, world: World, documents: Sequence[Any], place: str, *, announce: bool) -> list[Any]:
        now, made = world.clock.now(), []
        for index, document in enumerate(documents):
            refuse_half_pairs(document)
            made.append(record_from(self._collection, document, place.format(index), now=now))
        try:
            return self._desk(world.companies[self._company_id]).add(made, place.format, announce=announce)
        except Held as held:
            start = place.format(held.position)
            raise Clash(f"{start}.{clash(held, self._collection.noun)}".lstrip(".")) from None

    def change(self, number: int, /, *, announce: bool = False, **fields: Any) -> Any:
        return self.change_document(number, fields, announce=announce)

    def change_document(self, number: int, document: Mapping[str, Any], *, announce: bool = False) -> Any:
        """Change the fields that a document names, as `change` does."""
        refuse_half_pairs(document)
        values = changes_from(self._collection, document)
        return self._known(number, lambda company: self._desk(company).change(number, values, announce=announce))

    def remove(self, number: int, /, *, announce: bool = False) -> Any:
        return self._known(number, lambda company: self._desk(company).remove(number, announce=announce))

    def _known(self, number: int, act: Callable[[Company], Any]) -> Any:
        """Return the result of a change of the company. Raise KeyError if no record has this id."""
        try:
            return self._settled(lambda world: act(world.companies[self._company_id]))
        except NotFound:
            raise self._missing(number) from None

    def _desk(self, company: Company) -> RecordDesk[Any]:
        return RecordDesk(company, self._collection)

    def _kept(self, company: Company) -> Shelf[Any]:
        return company.shelves[self._collection.plural]

    def __repr__(self) -> str:
        return f"<{len(self)} {self._collection.plural} of company {self._company_id}>"
