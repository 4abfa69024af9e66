"""A company and its use cases; each combines rules, store and assumptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.callbacks import called_by
from fakekounta.core.clock import Clock
from fakekounta.core.customers import Customer, Fields, changed_customer, new_customer
from fakekounta.core.errors import MobileTaken, NotFound
from fakekounta.core.fields import declared
from fakekounta.core.indexes import Keying, as_stored, digits
from fakekounta.core.kinds import Text, Whole
from fakekounta.core.orders.premises import Premises
from fakekounta.core.outbox import Outbox
from fakekounta.core.reprs import fields_given
from fakekounta.core.resources import Resource
from fakekounta.core.shelf import Shelves
from fakekounta.core.store import COMPARISON, ORDER, CustomerStore, MobileHeld, Stale
from fakekounta.core.subscriptions import Subscriptions
from fakekounta.core.webhooks import CALLBACK, UPDATED, Event, Webhook, check_topic, customer_event, record_events
from fakekounta.core.zones import zone_of
from fakekounta.process.forks import free_in_children

Covers = Callable[..., None]
"""Called with the quirks that a use case covers."""


def _unheard(*_: Quirk) -> None:
    """Ignore the quirks."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CompanyProfile:
    """Id, name and time zone of a company; `timezone` is an IANA name."""

    id: int = declared(Whole(1), absent=5678)
    name: str = declared(Text(), absent="Fake Kounta Cafe")
    timezone: str = declared(Text(), absent="Australia/Melbourne")

    __repr__ = fields_given


COMPANY = Resource("company", CompanyProfile)
"""The declared fields of a company that can be set."""


class Company:
    """One company and its customers.

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
        self._outbox = outbox
        # Held from a change until its event is in the outbox, so that events keep the order of the changes (W18).
        self._announcing = free_in_children(Lock())
        self._choose(assumptions, CustomerStore() if store is None else store)

    def _choose(self, assumptions: Assumptions, store: CustomerStore) -> None:
        self._assumptions = assumptions
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

    def subscribe(self, client_id: str, fields: Mapping[str, Any]) -> Webhook:
        """Add a webhook of an application. Raise BadField."""
        check_topic(fields, self._assumptions)
        return self.subscriptions.create(client_id, fields, self._clock.now())

    def change_webhook(self, client_id: str, webhook_id: int, fields: Mapping[str, Any]) -> Webhook:
        """Replace the attributes of a webhook that were sent (W07). Raise BadField and NotFound."""
        self.subscriptions.get(client_id, webhook_id)  # one that there is not is refused first
        check_topic(fields, self._assumptions)
        return self.subscriptions.change(client_id, webhook_id, fields, self._clock.now())

    def create_customer(self, client_id: str, fields: Fields) -> Customer:
        """Add a new customer with the fields that an application sent, and announce it."""
        draft = new_customer(0, client_id, fields, self._assumptions)
        try:
            customer = self.add_customers((draft,), announce=True)[0]
        except MobileHeld as held:
            raise _taken(held) from None
        self.store.newest_id = customer.id
        return customer

    def add_customers(self, customers: Sequence[Customer], *, announce: bool) -> list[Customer]:
        """Add customers, all or none, and return them as stored. Raise IdHeld and MobileHeld."""
        with self._announcing:
            kept = keep_all(self.store, customers, self._assumptions)
            if announce:
                for customer in kept:
                    self._announce(None, customer)
        return kept

    def change_customer(
        self, client_id: str, customer_id: int, fields: Fields, *, announce: bool = True, covers: Covers = _unheard
    ) -> Customer:
        """Change the fields that an application sent, and return the customer (C17). Raise NotFound as well."""
        with self._announcing:
            while True:
                before = self.customer(customer_id)
                after = changed_customer(before, client_id, fields, self._assumptions)
                try:
                    self.store.change(before, after)
                except Stale:
                    continue  # another thread changed the customer meanwhile: begin again with its result
                except MobileHeld as held:
                    raise _taken(held) from None
                if announce:
                    self._announce(before, after, covers)
                return after

    def remove_customer(self, customer_id: int, *, announce: bool) -> Customer:
        """Remove a customer and return it. Raise NotFound."""
        with self._announcing:
            customer = self.store.remove(customer_id)
            if customer is None:
                raise _no_customer()
            if announce:
                self._announce(customer, None)
        return customer

    def _announce(self, before: Customer | None, after: Customer | None, covers: Covers = _unheard) -> None:
        event = customer_event(before, after)
        if self.subscriptions and (event is None or (event.topic == UPDATED and not event.changed)):
            covers(Quirk.W14_NOTHING_CHANGED)
        self._send(event)

    def _send(self, event: Event | None) -> None:
        """Append a delivery for each webhook that listens to an event, if there is one."""
        webhooks = self.subscriptions.listening(event) if event is not None else []
        if event is not None and webhooks:
            self._outbox.append(event, webhooks, self._clock.now())

    def _announce_record(self, plural: str, before: Any, after: Any) -> None:
        for event in record_events(plural, before, after) if self.subscriptions else ():
            self._send(event)
        called = called_by(before, after, self.id)
        if called is not None:
            self._outbox.append(Event(topic=CALLBACK, record=after), [called], self._clock.now())

    def add_records(
        self, plural: str, records: Sequence[Any], place: Callable[[int], str] = lambda _: "", *, announce: bool = False
    ) -> list[Any]:
        """Add records to a collection, all or none, and return them as stored. Raise IdHeld and Unreferred."""
        with self._announcing:
            kept = self.shelves.add(plural, [self.finished(plural, one) for one in records], place)
            for one in kept if announce else ():
                self._announce_record(plural, None, one)
        return kept

    def change_record(self, plural: str, number: int, values: Mapping[str, Any], *, announce: bool = False) -> Any:
        """Change these values of a record of a collection and return it. Raise NotFound and Unreferred."""
        stamps = COLLECTIONS[plural].stamps(self._clock.now(), created=False)

        def changed(before: Any) -> Any:
            return self.shelves.completed(plural, self.finished(plural, replace(before, **{**stamps, **values})))

        return self.rewrite(plural, number, changed, announce=announce)

    def add_made(self, plural: str, make: Callable[[], Any]) -> Any:
        """Add the record that `make` returns to a collection, announce it, and return it as stored."""
        with self._announcing:
            kept = self.shelves[plural].add_all((make(),))[0]
            self._announce_record(plural, None, kept)
        return kept

    def finished(self, plural: str, record: Any) -> Any:
        """Return a new or changed record with the values that are computed from others."""
        return COLLECTIONS[plural].finished(record, self._assumptions)

    def rewrite(self, plural: str, number: int, change: Callable[[Any], Any], *, announce: bool) -> Any:
        """Replace a record of a collection by what `change` makes of it, and return that. Raise NotFound."""
        with self._announcing:
            while True:
                before = self.record(plural, number)
                after = change(before)
                try:
                    self.shelves[plural].change(before, after)
                except Stale:
                    continue
                if announce:
                    self._announce_record(plural, before, after)
                return after

    def remove_record(self, plural: str, number: int, *, announce: bool = False) -> Any:
        """Remove a record of a collection and return it. Raise NotFound."""
        with self._announcing:
            removed = self.shelves[plural].remove(number)
            if removed is None:
                raise _no_record(plural)
            if announce:
                self._announce_record(plural, removed, None)
        return removed

    def premises(self) -> Premises:
        """Return what the rules for orders look up."""
        return Premises(self._clock.now(), self._assumptions, self.shelves, self.store.get)

    def record(self, plural: str, number: int) -> Any:
        """Return the record of a collection with this id. Raise NotFound."""
        found = self.shelves[plural].get(number)
        if found is None:
            raise _no_record(plural)
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
        if found[0] is found[-1] or self._assumptions.choice(Quirk.A10_SEVERAL_MATCH) == "oldest":
            return found[0]
        return found[-1]


def _no_record(plural: str) -> NotFound:
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
