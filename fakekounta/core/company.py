"""A company with its customers and webhooks, and their use cases; each combines rules, store and assumptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.announcer import Announcer, Covers, uncounted
from fakekounta.core.clock import Clock
from fakekounta.core.customers import Customer, Fields, changed_customer, new_customer
from fakekounta.core.errors import MobileTaken, NotFound
from fakekounta.core.fields import declared
from fakekounta.core.indexes import Keying, as_stored, digits
from fakekounta.core.kinds import Text, Whole
from fakekounta.core.outbox import Outbox
from fakekounta.core.reprs import fields_given
from fakekounta.core.resources import Resource
from fakekounta.core.shelf import Shelves
from fakekounta.core.store import COMPARISON, ORDER, CustomerStore, MobileHeld, Stale
from fakekounta.core.subscriptions import Subscriptions
from fakekounta.core.webhooks import Webhook, check_topic
from fakekounta.core.zones import zone_of
from fakekounta.process.dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyProfile:
    """Id, name and time zone of a company; `timezone` is an IANA name."""

    id: int = declared(Whole(1), absent=5678)
    name: str = declared(Text(), absent="Fake Kounta Cafe")
    timezone: str = declared(Text(), absent="Australia/Melbourne")

    __repr__ = fields_given


COMPANY = Resource("company", CompanyProfile)
"""The declared fields of a company that can be set."""


class Company:
    """One company, its customers and its webhooks; `core.record_desk` has the use cases of its collections.

    Methods that change it raise MobileTaken (C14) and BadField (see `core.customers`).
    """

    def __init__(
        self,
        profile: CompanyProfile,
        assumptions: Assumptions,
        *,
        clock: Clock,
        outbox: Outbox,
        store: CustomerStore | None = None,
        shelves: Shelves | None = None,
    ) -> None:
        self.profile = profile
        self.zone: ZoneInfo = zone_of(profile.timezone)
        self.subscriptions: Subscriptions = Subscriptions(profile.id)
        self.shelves: Shelves = Shelves() if shelves is None else shelves
        self._clock = clock
        self.announcer: Announcer = Announcer(profile.id, self.subscriptions, clock, outbox)
        self._choose(assumptions, CustomerStore() if store is None else store)

    def _choose(self, assumptions: Assumptions, store: CustomerStore) -> None:
        self.assumptions: Assumptions = assumptions
        self.store: CustomerStore = store.under(_keying(assumptions), assumptions.choice)

    def under(self, assumptions: Assumptions) -> Company:
        """Return a view of the company under other assumptions; both views share all changes."""
        other = copy(self)
        other._choose(assumptions, self.store)  # noqa: SLF001 - of this class
        return other

    @property
    def id(self) -> int:
        """The company's id."""
        return self.profile.id

    def now(self) -> datetime:
        """Return the current time of the fake."""
        return self._clock.now()

    def subscribe(self, client_id: str, fields: Mapping[str, Any]) -> Webhook:
        """Add a webhook of an application. Raise BadField."""
        check_topic(fields, self.assumptions)
        return self.subscriptions.create(client_id, fields, self.now())

    def change_webhook(self, client_id: str, webhook_id: int, fields: Mapping[str, Any]) -> Webhook:
        """Replace the attributes of a webhook that were sent (W07). Raise BadField and NotFound."""
        self.subscriptions.get(client_id, webhook_id)  # one that there is not is refused first
        check_topic(fields, self.assumptions)
        return self.subscriptions.change(client_id, webhook_id, fields, self.now())

    def create_customer(self, client_id: str, fields: Fields) -> Customer:
        """Add a new customer with the fields that an application sent, and announce it."""
        draft = new_customer(0, client_id, fields, self.assumptions)
        try:
            customer = self.add_customers((draft,), announce=True)[0]
        except MobileHeld as held:
            raise _taken(held) from None
        self.store.newest_id = customer.id
        return customer

    def add_customers(self, customers: Sequence[Customer], *, announce: bool) -> list[Customer]:
        """Add customers, all or none, and return them as stored. Raise IdHeld and MobileHeld."""
        with self.announcer.order:
            kept = keep_all(self.store, customers, self.assumptions)
            if announce:
                for customer in kept:
                    self.announcer.customer(None, customer)
        return kept

    def change_customer(
        self, client_id: str, customer_id: int, fields: Fields, *, announce: bool = True, covers: Covers = uncounted
    ) -> Customer:
        """Change the fields that an application sent, and return the customer (C17). Raise NotFound as well."""
        with self.announcer.order:
            while True:
                before = self.customer(customer_id)
                after = changed_customer(before, client_id, fields, self.assumptions)
                try:
                    self.store.change(before, after)
                except Stale:
                    continue  # another thread changed the customer meanwhile: begin again with its result
                except MobileHeld as held:
                    raise _taken(held) from None
                if announce:
                    self.announcer.customer(before, after, covers)
                return after

    def remove_customer(self, customer_id: int, *, announce: bool) -> Customer:
        """Remove a customer and return it. Raise NotFound."""
        with self.announcer.order:
            customer = self.store.remove(customer_id)
            if customer is None:
                raise _no_customer()
            if announce:
                self.announcer.customer(customer, None)
        return customer

    def record(self, plural: str, number: int) -> Any:
        """Return the record of a collection with this id. Raise NotFound."""
        found = self.shelves[plural].get(number)
        if found is None:
            raise no_record(plural)
        return found

    def customer(self, customer_id: int) -> Customer:
        """Return the customer with this id (C03). Raise NotFound if there is none."""
        customer = self.store.get(customer_id)
        if customer is None:
            raise _no_customer()
        return customer

    def customer_by_email(self, email: str) -> Customer:
        """Return the customer with this email (C04). Raise NotFound."""
        return self._one(self.store.by_email(email), Quirk.C04_LOOKUP_BY_EMAIL_REDIRECTS)

    def customer_by_mobile(self, mobile: str) -> Customer:
        """Return the customer with this mobile (C06). Raise NotFound."""
        return self._one(self.store.by_mobile(mobile), Quirk.C06_LOOKUP_BY_MOBILE_REDIRECTS)

    def customer_by_name_and_phone(self, first_name: str, last_name: str, phone: str) -> Customer:
        """Return the customer with these names and this phone (C05). Raise NotFound."""
        found = self.store.by_name_and_phone(first_name, last_name, phone)
        return self._one(found, Quirk.C05_LOOKUP_BY_NAME_AND_PHONE_REDIRECTS)

    def _one(self, found: tuple[Customer, ...], quirk: Quirk) -> Customer:
        if not found:
            raise NotFound(quirk, "Not Found: no customer matches")
        if found[0] is found[-1] or self.assumptions.choice(Quirk.A10_SEVERAL_MATCH) == "oldest":
            return found[0]
        return found[-1]


def no_record(plural: str) -> NotFound:
    """Return the refusal of an id that no record of a collection has."""
    collection = COLLECTIONS[plural]
    return NotFound((*collection.one, *collection.many)[0], f"Not Found: no {collection.noun} has this id")


def _no_customer() -> NotFound:
    return NotFound(Quirk.C03_GET_BY_ID, "Not Found: no customer has this id")


def _taken(held: MobileHeld) -> MobileTaken:
    return MobileTaken(Quirk.C14_MOBILE_IS_UNIQUE, f"mobile: is already used by customer {held.customer_id}")


def keep_all(store: CustomerStore, customers: Sequence[Customer], assumptions: Assumptions) -> list[Customer]:
    """Add new customers to the store, all or none, and return them as stored.

    Raises IdHeld, and MobileHeld if the mobile of a new customer must be free (A08) and is not.
    """
    try:
        return store.add_all(customers, unique_mobile=True)
    except MobileHeld:
        if unique_on_create(assumptions):
            raise
    return store.add_all(customers, unique_mobile=False)


def unique_on_create(assumptions: Assumptions) -> bool:
    """Return whether the mobile of a new customer must be free (A08)."""
    return assumptions.choice(Quirk.A08_MOBILE_CHECKED_ON_CREATE) == "create_and_update"


def empty_store(assumptions: Assumptions) -> CustomerStore:
    """Return an empty store that compares and sorts as the assumptions choose."""
    return CustomerStore(_keying(assumptions), asked=assumptions.choice)


def _keying(assumptions: Assumptions) -> Keying:
    """Return how indexes are made.

    Indexes are made before a result depends on the two choices, so this reads them without recording. The store records
    them when it uses an index.
    """
    return Keying(
        number_key=digits if assumptions[COMPARISON.id] == "digits" else as_stored, order=assumptions[ORDER.id]
    )
