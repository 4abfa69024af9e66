"""What a test holds in its hand: companies and customers of whatever world is there at the moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.company import Company
from fakekounta.core.customers import Customer, quirks_of
from fakekounta.core.errors import BadField, MobileTaken, NotFound
from fakekounta.core.store import Held
from fakekounta.core.world import World
from fakekounta.schemas.customers import customer_from
from fakekounta.schemas.parsing import is_unicode
from fakekounta.schemas.schemas import customer_fields
from fakekounta.worlds.handles.lasting import lasting
from fakekounta.worlds.seed import clash

_REFUSING = (
    Quirk.A08_MOBILE_CHECKED_ON_CREATE,
    Quirk.A11_COMPARISON,
    Quirk.A13_CLEARING,
    Quirk.A21_CASE_OF_COUNTRY,
    Quirk.A22_EMAIL_SYNTAX,
)
"""The choices that decide what is refused by hand."""


class Customers:
    """The customers of one company, past the API: no request, no credentials, no rate limit."""

    def __init__(self, world: Callable[[], World], company_id: int, settle: Callable[[], None]) -> None:
        self._world = world
        self._company_id = company_id
        self._settle = settle

    def add(self, *, announce: bool = False, **fields: Any) -> Customer:
        """Keep a new customer and return it; webhooks are told with `announce` only.

        The fields are those of a POST (C10), and `id`; `reference_id` is that of the company's first application,
        `reference_ids` maps client ids to reference ids. Raises ValueError that names the field and the reason.
        """
        refuse_half_pairs(fields)
        kept = lasting(self._world, lambda world: self._add(world, fields, announce=announce))
        self._settle()
        return kept

    def _add(self, world: World, fields: Mapping[str, Any], *, announce: bool) -> Customer:
        company = world.companies[self._company_id]
        try:
            customer = customer_from(fields, world.default_client_id(company.id), world.assumptions)
            kept = company.add_customers((customer,), announce=announce)[0]
        except BadField as refusal:
            world.journal.by_hand(_REFUSING)
            raise ValueError(refusal.description) from None
        except Held as held:
            world.journal.by_hand(_REFUSING)
            raise ValueError(clash(held)) from None
        world.journal.by_hand(quirks_of(fields, is_change=False))
        return kept

    def change(self, customer_id: int, *, announce: bool = False, **fields: Any) -> Customer:
        """Change some fields, those of a PUT, and return the customer.

        Raises KeyError if there is none with this id, ValueError that names the field and the reason.
        """
        refuse_half_pairs(fields)
        changed = lasting(self._world, lambda world: self._change(world, customer_id, fields, announce=announce))
        self._settle()
        return changed

    def _change(self, world: World, customer_id: int, fields: Mapping[str, Any], *, announce: bool) -> Customer:
        company = world.companies[self._company_id]
        world.journal.by_hand(quirks_of(fields, is_change=True))
        try:
            typed = customer_fields(fields, address_in_lines=False)
            return company.change_customer(world.default_client_id(company.id), customer_id, typed, announce=announce)
        except NotFound:
            raise KeyError(customer_id) from None
        except (BadField, MobileTaken) as refusal:
            world.journal.by_hand(_REFUSING)
            raise ValueError(refusal.description) from None

    def all(self) -> list[Customer]:
        """All customers, in the order of lists."""
        self._world().journal.by_hand((Quirk.A15_ORDER_OF_LISTS,))
        return self._company().store.all()

    def get(self, customer_id: int) -> Customer:
        """Return the customer with this id. Raise KeyError if there is none."""
        customer = self._company().store.get(customer_id)
        if customer is None:
            raise KeyError(customer_id)
        return customer

    def remove(self, customer_id: int, *, announce: bool = False) -> Customer:
        """Forget a customer and return it. Raises KeyError if there is none."""
        removed = lasting(self._world, lambda world: self._remove(world, customer_id, announce=announce))
        self._settle()
        return removed

    def _remove(self, world: World, customer_id: int, *, announce: bool) -> Customer:
        try:
            return world.companies[self._company_id].remove_customer(customer_id, announce=announce)
        except NotFound:
            raise KeyError(customer_id) from None

    def __len__(self) -> int:
        return len(self._company().store)

    def __iter__(self) -> Iterator[Customer]:
        return iter(self.all())

    def _company(self) -> Company:
        return self._world().companies[self._company_id]


def refuse_half_pairs(fields: Mapping[str, Any]) -> None:
    """Raise ValueError for a text that no encoding can carry (T15)."""
    for name, value in fields.items():
        if not is_unicode(value):
            raise ValueError(f"{name}: has half of a surrogate pair, which the API refuses (T15)")


class CompanyHandle:
    """One company of the fake."""

    def __init__(self, world: Callable[[], World], company_id: int, settle: Callable[[], None]) -> None:
        self._world = world
        self.id = company_id
        self.customers = Customers(world, company_id, settle)

    @property
    def name(self) -> str:
        """The company's name."""
        return self._world().companies[self.id].profile.name

    @property
    def timezone(self) -> str:
        """The IANA name of the company's time zone."""
        return self._world().companies[self.id].profile.timezone

    def __repr__(self) -> str:
        return f"<company {self.id} {self.name!r}>"


class CompanyHandles(Mapping[int, CompanyHandle]):
    """All companies of the fake by id."""

    def __init__(self, world: Callable[[], World], settle: Callable[[], None]) -> None:
        self._world = world
        self._settle = settle

    def __getitem__(self, company_id: int) -> CompanyHandle:
        if company_id not in self._world().companies:
            raise KeyError(company_id)
        return CompanyHandle(self._world, company_id, self._settle)

    def __iter__(self) -> Iterator[int]:
        return iter(list(self._world().companies))

    def __len__(self) -> int:
        return len(self._world().companies)
