"""A store of customers without an index: a list that is searched completely, for comparison."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from fakekounta import Customer
from fakekounta.core.store import FIRST_ID, Held, IdHeld, MobileHeld


@dataclass(frozen=True, kw_only=True)
class Clash:
    """The reason why customers cannot be added: the first one that clashes; `holder` is None if it has no id yet."""

    kind: type[Held]
    position: int
    holder: int | None


@dataclass(kw_only=True)
class Kept:
    """The data that all views of a store share."""

    customers: list[Customer] = field(default_factory=list)
    next_id: int = FIRST_ID


class NaiveStore:
    """The behaviour of CustomerStore, as simply as possible."""

    def __init__(self, number_key: Callable[[str], str], *, order: str) -> None:
        self.number_key = number_key
        self.order = order
        self.kept = Kept()

    @property
    def customers(self) -> list[Customer]:
        return self.kept.customers

    @property
    def next_id(self) -> int:
        return self.kept.next_id

    @next_id.setter
    def next_id(self, number: int) -> None:
        self.kept.next_id = number

    def under(self, number_key: Callable[[str], str], *, order: str) -> NaiveStore:
        view = NaiveStore(number_key, order=order)
        view.kept = self.kept
        return view

    def copy(self) -> NaiveStore:
        twin = NaiveStore(self.number_key, order=self.order)
        twin.kept = Kept(customers=list(self.customers), next_id=self.next_id)
        return twin

    # --- changes

    def clash(self, batch: Sequence[Customer], *, unique_mobile: bool) -> Clash | None:
        """Return the first customer that cannot be added; ids are checked before mobiles."""
        for position, draft in enumerate(batch):
            others = [*self.customers, *batch[:position]]
            if draft.id and any(one.id == draft.id for one in others):
                return Clash(kind=IdHeld, position=position, holder=draft.id)
        for position, draft in enumerate(batch if unique_mobile else ()):
            holders = self.holders(draft)
            if holders:
                return Clash(kind=MobileHeld, position=position, holder=holders[0])
            earlier = [one for one in batch[:position] if draft.mobile and self._same(one.mobile, draft.mobile)]
            if earlier:
                return Clash(kind=MobileHeld, position=position, holder=earlier[0].id or None)
        return None

    def add_all(self, batch: Sequence[Customer], kept: Sequence[Customer]) -> None:
        """Add these customers, with new ids for those without one."""
        assert len(kept) == len(batch)
        number = max([self.next_id, *(draft.id + 1 for draft in batch)])
        for draft, customer in zip(batch, kept, strict=True):
            if draft.id:
                assert customer is draft
            else:
                assert customer.id == number
                number += 1
            self.customers.append(customer)
        self.next_id = number

    def change(self, before: Customer, after: Customer) -> None:
        self.kept.customers = [after if one is before else one for one in self.customers]

    def remove(self, customer_id: int) -> Customer | None:
        gone = [one for one in self.customers if one.id == customer_id]
        self.kept.customers = [one for one in self.customers if one.id != customer_id]
        return gone[0] if gone else None

    # --- look-ups

    def in_order(self) -> list[Customer]:
        if self.order == "first_name":
            return sorted(self.customers, key=lambda one: (one.first_name.casefold(), one.id))
        return sorted(self.customers, key=lambda one: one.id, reverse=self.order == "newest_first")

    def ends(self, found: list[Customer]) -> tuple[Customer, ...]:
        """Return the oldest and the newest."""
        by_age = sorted(found, key=lambda one: one.id)
        return (by_age[0], by_age[-1]) if by_age else ()

    def holders(self, draft: Customer, *, but_for: int = 0) -> list[int]:
        """Return the ids of the customers with the draft's mobile."""
        found = [] if draft.mobile is None else self.by_mobile(draft.mobile)
        return sorted(one.id for one in found if one.id != but_for)

    def by_email(self, email: str) -> list[Customer]:
        return [one for one in self.customers if one.email and one.email.casefold() == email.casefold()]

    def by_mobile(self, mobile: str) -> list[Customer]:
        return [one for one in self.customers if self._same(one.mobile, mobile)]

    def by_name_and_phone(self, first_name: str, last_name: str, phone: str) -> list[Customer]:
        named = [one for one in self.customers if (one.first_name, one.last_name) == (first_name, last_name)]
        return [one for one in named if self._same(one.phone, phone)]

    def by_reference(self, owner: str, reference_id: str) -> list[Customer]:
        return [one for one in self.in_order() if (owner, reference_id) in one.reference_ids]

    def _same(self, one: str | None, other: str) -> bool:
        return one is not None and self.number_key(one) == self.number_key(other)
