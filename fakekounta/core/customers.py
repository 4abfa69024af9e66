"""The customer, and the rules for creating and changing one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any, NamedTuple

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.countries import country_codes
from fakekounta.core.errors import BadField
from fakekounta.core.fields import Field, declared, sent_only
from fakekounta.core.kinds import Email, Flag, Kind, Phone, Private, Text, Texts, Url, Whole
from fakekounta.core.reprs import fields_given
from fakekounta.core.resources import Nested, Resource
from fakekounta.process.dataclass import dataclass

CONTACTS = ("email", "phone", "mobile")
"""The fields of which a customer needs at least one (C09)."""

# Text before and after one @, no blanks, and a dot in the domain: the least that any mail system requires. The blanks
# are listed, because the OpenAPI documents have this pattern too, and \s is not the same everywhere.
_BLANKS = r"\x00-\x20\x7f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
EMAIL = rf"[^@{_BLANKS}]+@[^@.{_BLANKS}]+(\.[^@.{_BLANKS}]+)+"

Fields = Mapping[str, Any]
"""Fields of a customer whose types were checked: texts, lists of texts, booleans, mappings, or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address; a part that is absent is None. `country` is an ISO 3166-1 alpha-2 code."""

    address: str | None = declared(Text(), settable=True, label="Street", example="1 Example St")
    city: str | None = declared(Text(), settable=True, example="Melbourne")
    state: str | None = declared(Text(), settable=True, example="VIC")
    postal_code: str | None = declared(Text(), settable=True, label="Postcode", example="3000")
    country: str | None = declared(Text(), settable=True, label="Country code", hint="Two letters", example="AU")

    __repr__ = fields_given


ADDRESS = Resource("address", Address, more=(sent_only("lines", Texts()), sent_only("zone", Text())))
"""The declared fields of an address; `lines` and `zone` are the keys of its other form."""
ADDRESS_PARTS = tuple(ADDRESS.by_name)

_NO_ADDRESS = Address()
_SHARED_LENGTH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A customer of one company. It has no timestamps, because the API never shows the true ones (C08)."""

    id: int = declared(Whole(1), required=True, in_list=True)
    first_name: str = declared(
        Text(), required=True, absent="", settable=True, in_list=True, attribute="name", example="Jamie"
    )
    last_name: str = declared(Text(), absent="", settable=True, in_list=True, attribute="name", example="McDonald")
    email: str | None = declared(
        Email(),
        settable=True,
        also="primary_email_address",
        in_list="primary_email_address",
        attribute="email",
        example="jamie@example.com",
    )
    phone: str | None = declared(Phone(), settable=True, attribute="phone", example="03 9123 4567")
    mobile: str | None = declared(Phone(), settable=True, attribute="mobile")
    image: str | None = declared(Url(), settable=True, in_list=True, attribute="image", label="Image address")
    tags: tuple[str, ...] = declared(
        Texts(), settable=True, attribute="tags", hint="Separated by commas", example=["regular"]
    )
    primary_address: Address | None = declared(
        Nested(ADDRESS), settable=True, attribute="address", example=ADDRESS.example()
    )
    shipping_address: Address | None = declared(Nested(ADDRESS), settable=True, attribute="address")
    reference_ids: tuple[tuple[str, str], ...] = declared(
        Private(),
        key="reference_id",
        settable=True,
        in_list=True,
        label="Reference id",
        hint="Reference id of the first application",
        example="loyalty-1",
    )
    """Pairs of client id and the reference id that this application has set, never an empty one."""
    accepts_marketing: bool = declared(Flag(), settable=True, attribute="accepts_marketing", example=True)

    __repr__ = fields_given

    def reference_id(self, client_id: str) -> str:
        """Return the reference id that this application has set, or "" (C07, C11)."""
        for owner, reference_id in self.reference_ids:
            if owner == client_id:
                return reference_id
        return ""


CUSTOMER = Resource("customer", Customer)
"""The declared fields of a customer."""
EDITABLE = tuple(CUSTOMER.sent)
"""What POST and PUT may set (C10, C13)."""
ADDRESSES = tuple(key for key, field in CUSTOMER.sent.items() if isinstance(field.kind, Nested))
"""The fields that hold an address."""


def new_customer(customer_id: int, client_id: str, fields: Fields, assumptions: Assumptions) -> Customer:
    """Return a new customer with the fields that an application sent; fields outside EDITABLE are ignored (C10).

    Raise BadField (C09: no first name or no contact; C12: country; an invalid email).
    """
    values = _stored(fields, None, client_id, assumptions)
    if not values.get("first_name"):
        raise BadField(Quirk.C09_CONTACT_REQUIRED, "first_name", "is required")
    if not any(values.get(contact) for contact in CONTACTS):
        raise BadField(Quirk.C09_CONTACT_REQUIRED, "email", "one of email, phone and mobile is required")
    return Customer(id=customer_id, **values)


def changed_customer(customer: Customer, client_id: str, fields: Fields, assumptions: Assumptions) -> Customer:
    """Return the customer with the sent fields changed and the others kept (C17).

    Raise BadField (a required field is cleared; C12: country; an invalid email).
    """
    cleared = next((name for name in EDITABLE if name in fields and fields[name] in (None, "")), None)
    if cleared is not None and refuses_clearing(assumptions):
        raise BadField(Quirk.A13_CLEARING, cleared, "must not be empty")
    changed = replace(customer, **_stored(fields, customer, client_id, assumptions))
    if not changed.first_name:
        raise BadField(Quirk.A13_CLEARING, "first_name", "must not be empty")
    if not any(getattr(changed, contact) for contact in CONTACTS):
        raise BadField(Quirk.A13_CLEARING, "email", "one of email, phone and mobile must not be empty")
    return changed


def refuses_clearing(assumptions: Assumptions) -> bool:
    """Return whether null and the empty string are refused for each field of a change."""
    return assumptions.choice(Quirk.A13_CLEARING) == "refused"


def with_reference_ids(customer: Customer, pairs: Iterable[tuple[str, str]]) -> Customer:
    """Return the customer with these reference ids by client id; empty ones are dropped."""
    return replace(customer, reference_ids=tuple((owner, text) for owner, text in pairs if text))


_Rule = Callable[[Field, Any, "_Change"], Any]


class _Change(NamedTuple):
    """The change of a customer, for the rules of single fields."""

    customer: Customer | None
    """The customer before the change, None for a new one."""
    client_id: str
    assumptions: Assumptions


def _stored(fields: Fields, customer: Customer | None, client_id: str, assumptions: Assumptions) -> dict[str, Any]:
    """Return the values to store, by attribute, of the settable fields among the sent ones."""
    change = _Change(customer, client_id, assumptions)
    values: dict[str, Any] = {}
    for key, sent in fields.items():
        if key in _STORED:
            name, absent, field, rule = _STORED[key]
            values[name] = (sent or absent) if rule is None else rule(field, sent, change)
    return values


def _shared(value: Any) -> Any:
    """Return an equal cached value, if there is one: cities and tags repeat, and a million copies cost memory.

    Only short values are cached, because a cached value is kept for as long as the process lives.
    """
    return value if value is None or len(value) > _SHARED_LENGTH else _seen(value)


@lru_cache(maxsize=4096)
def _seen(value: Any) -> Any:
    return value


def _tags(_: Field, sent: Iterable[str] | None, __: _Change) -> tuple[str, ...]:
    tags = tuple(map(_shared, sent or ()))
    return tags if sum(map(len, tags)) > _SHARED_LENGTH else _shared(tags)


def _email(field: Field, sent: str | None, change: _Change) -> str | None:
    if sent and not _email_pattern().fullmatch(sent) and not any_text_is_email(change.assumptions):
        raise BadField(Quirk.A22_EMAIL_SYNTAX, field.key, "is not an email address")
    return sent or None


@cache
def _email_pattern() -> re.Pattern[str]:
    """Return the pattern, which takes 1 ms to compile."""
    return re.compile(EMAIL)


def any_text_is_email(assumptions: Assumptions) -> bool:
    """Return whether an email may be a text that does not look like an address."""
    return assumptions.choice(Quirk.A22_EMAIL_SYNTAX) == "accepted"


def _references(_: Field, sent: str | None, change: _Change) -> tuple[tuple[str, str], ...]:
    """Return the pairs with the sent reference id at its old place, so that sending it again changes nothing (W14)."""
    before = {} if change.customer is None else dict(change.customer.reference_ids)
    return tuple((owner, text) for owner, text in {**before, change.client_id: sent or ""}.items() if text)


def _address(field: Field, sent: Fields | None, change: _Change) -> Address | None:
    if sent is None:
        return None
    parts = {part: _shared(sent[part] or None) for part in ADDRESS_PARTS if part in sent}
    if parts.get("country") is not None:
        parts["country"] = _country(f"{field.key}.country", parts["country"], change.assumptions)
    before: Address | None = None if change.customer is None else getattr(change.customer, field.name)
    if before is not None and change.assumptions.choice(Quirk.A23_PARTIAL_ADDRESS) == "merged":
        address = replace(before, **parts)
    else:
        address = Address(**parts)
    return None if address == _NO_ADDRESS else address


def _country(field: str, sent: str, assumptions: Assumptions) -> str:
    if sent in country_codes():
        return sent
    upper = sent.upper() if sent.isascii() else sent  # some letters beyond ASCII become two in upper case
    quirk = Quirk.A21_CASE_OF_COUNTRY if upper in country_codes() else Quirk.C12_COUNTRY_CODE
    if quirk is Quirk.A21_CASE_OF_COUNTRY and country_in_any_case(assumptions):
        return upper
    raise BadField(quirk, field, "is not a two-letter ISO 3166-1 country code")


def country_in_any_case(assumptions: Assumptions) -> bool:
    """Return whether a country code may be sent in lower case."""
    return assumptions.choice(Quirk.A21_CASE_OF_COUNTRY) == "accepted"


_RULES: Mapping[type[Kind], _Rule] = {Email: _email, Texts: _tags, Private: _references, Nested: _address}
_STORED = {key: (field.name, field.absent, field, _RULES.get(type(field.kind))) for key, field in CUSTOMER.sent.items()}
