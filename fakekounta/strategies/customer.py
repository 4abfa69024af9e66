"""Strategies for customers: request bodies, and records in responses."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timezone
from functools import lru_cache
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.core.clock import timestamp
from fakekounta.core.customers import CONTACTS, CUSTOMER, EDITABLE, Customer, new_customer
from fakekounta.core.errors import BadField
from fakekounta.core.indexes import digits
from fakekounta.core.kinds import Email, Flag, Kind, Phone, Private, Text, Texts, Url, by_kind
from fakekounta.core.records import Record, Records
from fakekounta.core.resources import Nested
from fakekounta.schemas.customers import MAX_ID
from fakekounta.strategies.address import addresses
from fakekounta.strategies.parts import ABSENT, Body, Strategy, given_parts, part, present, shown, sometimes
from fakekounta.strategies.texts import emails, images, mobiles, names, phones, reference_ids, tags

CLIENT_ID = "fake-client-id"
"""The default application, to which the drawn reference ids belong."""

_CONTACTS: Mapping[str, Strategy] = {"email": emails(), "phone": phones(), "mobile": mobiles()}
_VALUES: Mapping[type[Kind], Strategy] = {
    Text: names(),
    Email: emails(),
    Phone: phones(),
    Url: images(),
    Texts: tags(),
    Private: reference_ids(),
}
IDS = st.one_of(st.sampled_from((1, 389_427, 2**31 - 1, 2**31, 2**53 - 1, 2**53, MAX_ID)), st.integers(1, MAX_ID))
ZONES = ("Australia/Melbourne", "Australia/Perth", "Asia/Kathmandu", "America/St_Johns", "Etc/UTC", "Asia/Tokyo")
_MOMENTS = st.integers(1_356_998_400, 2_208_988_800)  # Unix seconds of the years 2013 to 2039
_OWN_KEYS = ("id", "created_at", "updated_at")


def new_customers(*, blanks: bool = True, **parts: Any) -> st.SearchStrategy[Body]:
    """Return a strategy for bodies that a POST and `kounta.customers.add(**body)` accept, with all contacts of C09.

    `blanks`: whether an optional field may be null or an empty text. Raises TypeError for a keyword that is no field.
    """
    given = _given("new_customers", parts)
    whole = _bodies(
        contacts={name: given[name] for name in CONTACTS if name in given},
        others={"first_name": names(), **_others(blanks), **_not_contacts(given)},
        nothing=_nothing(blanks),
        new=True,
        held=(),
    )
    return shown("new_customers", parts, whole)


def customer_changes(
    *, of: Customer | Mapping[str, Any] | None = None, blanks: bool = True, **parts: Any
) -> st.SearchStrategy[Body]:
    """Return a strategy for bodies that a PUT accepts, down to `{}`. A body clears a contact only if it sends another.

    `of` is the customer to be changed, a Customer or a record: with it, all of its contacts but one may be cleared.
    `blanks`: whether a field may be cleared by null or an empty text. Raises TypeError for a keyword that is no
    field.
    """
    given = _given("customer_changes", parts)
    whole = _bodies(
        contacts={name: given[name] for name in CONTACTS if name in given},
        others={"first_name": sometimes(names()), **_others(blanks), **_not_contacts(given)},
        nothing=_nothing(blanks),
        new=False,
        held=tuple(name for name in CONTACTS if of is not None and _field(of, name)),
    )
    return shown("customer_changes", parts, whole)


def customers(*, assumptions: Mapping[str, str] | None = None, **parts: Any) -> st.SearchStrategy[Record]:
    """Return a strategy for complete records of `GET /customers/{id}`, to test code that reads them without a server.

    Keywords are the fields of a POST and `id`, `created_at`, `updated_at`; the other keys of the record follow from
    them, as in the fake's responses. `assumptions` chooses the form (A04 to A06, A18) as in `FakeKounta`. Raises
    TypeError for other keywords, ValueError for an unknown assumption.
    """
    given = given_parts("customers", parts, (*EDITABLE, *_OWN_KEYS))
    own = {name: part(given.pop(name), st.nothing()) for name in _OWN_KEYS if name in given}
    return shown("customers", parts, _records(new_customers(**given), own, Assumptions(assumptions)))


def mobile_key(customer: Customer | Mapping[str, Any]) -> object:
    """Return a key for `unique_by`: no two customers have the same mobile (C14); any number of them may have none.

    Numbers with the same digits count as the same, so that the key is right however numbers are compared.
    """
    mobile = _field(customer, "mobile")
    return object() if not mobile else digits(mobile)


def _field(customer: Customer | Mapping[str, Any], name: str) -> Any:
    return customer.get(name) if isinstance(customer, Mapping) else getattr(customer, name)


def _given(strategy: str, parts: Mapping[str, Any]) -> dict[str, Strategy]:
    return {name: part(value, st.nothing()) for name, value in given_parts(strategy, parts, EDITABLE).items()}


def _not_contacts(given: Mapping[str, Strategy]) -> dict[str, Strategy]:
    return {name: strategy for name, strategy in given.items() if name not in CONTACTS}


def _nothing(blanks: bool) -> Strategy:  # noqa: FBT001 - a keyword in the public functions
    return st.sampled_from((ABSENT, ABSENT, None, "") if blanks else (ABSENT,))


@lru_cache(maxsize=2)
def _others(blanks: bool) -> Mapping[str, Strategy]:  # noqa: FBT001 - see above
    """Return strategies for the optional fields other than contacts."""
    optional = {key: one for key, one in CUSTOMER.sent.items() if key not in CONTACTS and not one.required}
    return {key: _sometimes(one.kind, blanks=blanks) for key, one in optional.items()}


def _sometimes(kind: Kind, *, blanks: bool) -> Strategy:
    """Return a strategy for ABSENT, a value of this kind and, with `blanks`, null and empty values."""
    nothing: tuple[Any, ...] = () if not blanks else (None, "") if isinstance(kind, Text) else (None,)
    if isinstance(kind, Flag):
        return st.sampled_from((ABSENT, *nothing, False, True))
    values = addresses(blanks=blanks) if isinstance(kind, Nested) else by_kind(_VALUES, kind)
    return sometimes(values, *nothing)


@st.composite
def _bodies(
    draw: st.DrawFn,
    *,
    contacts: Mapping[str, Strategy],
    others: Mapping[str, Strategy],
    nothing: Strategy,
    new: bool,
    held: tuple[str, ...],
) -> Body:
    values = {name: draw(strategy) for name, strategy in contacts.items()}
    free = tuple(name for name in CONTACTS if name not in values)
    sure = any(_stays(name, value, held) for name, value in values.items())
    staying = tuple(name for name in held if name in free)
    needed = not sure and not staying and (new or not _all_absent(values.values()))
    sent = draw(_subsets(free, not needed))
    values.update((name, draw(_CONTACTS[name])) for name in sent)
    if not sure and not sent:  # then no contact may be cleared, or not the one that must stay
        kept = draw(st.sampled_from(staying)) if staying else None
        free = tuple(name for name in free if kept is not None and name != kept)
    values.update((name, draw(nothing)) for name in free if name not in sent)
    values.update((name, draw(strategy)) for name, strategy in others.items())
    return {name: values[name] for name in EDITABLE if values.get(name, ABSENT) is not ABSENT}


def _stays(name: str, value: Any, held: tuple[str, ...]) -> bool:
    """Return whether the customer has this contact after a change that draws this value."""
    return name in held if value is ABSENT else bool(value)


def _all_absent(values: Collection[Any]) -> bool:
    return all(value is ABSENT for value in values)


@lru_cache(maxsize=32)
def _subsets(names: tuple[str, ...], or_none: bool) -> Strategy:  # noqa: FBT001 - see above
    """Return a strategy for the names of the contacts that have a value; examples shrink to the first alone."""
    sizes = range(0 if or_none or not names else 1, len(names) + 1)
    return st.sampled_from([chosen for size in sizes for chosen in combinations(names, size)])


@st.composite
def customer_values(draw: st.DrawFn, body: Strategy, number: Strategy, assumptions: Assumptions) -> Customer:
    """Draw customers of the core, as the fake keeps them."""
    try:
        return new_customer(draw(number), CLIENT_ID, draw(body), assumptions)
    except BadField as refusal:
        raise InvalidArgument(f"there is no customer with such parts: {refusal.description}") from None


@st.composite
def _records(draw: st.DrawFn, body: Strategy, own: Mapping[str, Strategy], assumptions: Assumptions) -> Record:
    customer = draw(customer_values(body, own.get("id", IDS), assumptions))
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    now = timestamp(datetime.fromtimestamp(draw(_MOMENTS), timezone.utc), zone)
    record = Records(assumptions).full(customer, CLIENT_ID, now)
    record["tags"] = list(record["tags"])
    record.update((name, draw(strategy)) for name, strategy in own.items() if name != "id")
    return present(record)
