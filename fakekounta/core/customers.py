"""What a customer is, and the rules for making and changing one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.countries import country_codes
from fakekounta.core.errors import BadField

ADDRESS_PARTS = ("address", "city", "state", "postal_code", "country")
CONTACTS = ("email", "phone", "mobile")
_NAMES = frozenset(("first_name", "last_name"))
_OPTIONAL_TEXTS = frozenset(("phone", "mobile", "image"))
_ADDRESSES = frozenset(("primary_address", "shipping_address"))
# C10, C13: what POST and PUT may set
EDITABLE = (
    "first_name",
    "last_name",
    *CONTACTS,
    "tags",
    "image",
    "primary_address",
    "shipping_address",
    "reference_id",
    "accepts_marketing",
)

# Something before and after one @, no blanks, and a dot in the domain: what any mail system asks at the least.
EMAIL = r"[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f.]+(\.[^@\s\x00-\x1f\x7f.]+)+"
_EMAIL = re.compile(EMAIL)

Fields = Mapping[str, Any]
"""Fields of a customer whose types were checked: texts, lists of texts, booleans, mappings, or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address; a part that is absent is None. `country` is an ISO 3166-1 alpha-2 code."""

    address: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None


_NO_ADDRESS = Address()
_SHARED_LENGTH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A customer of one company. There is no time in it: the API never tells a true one (C08)."""

    id: int
    first_name: str
    last_name: str = ""
    email: str | None = None
    phone: str | None = None
    mobile: str | None = None
    image: str | None = None
    tags: tuple[str, ...] = ()
    primary_address: Address | None = None
    shipping_address: Address | None = None
    accepts_marketing: bool = False
    reference_ids: tuple[tuple[str, str], ...] = ()
    """Pairs of client id and the reference id that this application has set, never an empty one."""

    def reference_id(self, client_id: str) -> str:
        """Return the reference id that this application has set, or "" (C07, C11)."""
        for owner, reference_id in self.reference_ids:
            if owner == client_id:
                return reference_id
        return ""


def new_customer(customer_id: int, client_id: str, fields: Fields, assumptions: Assumptions) -> Customer:
    """Return a new customer with the fields that an application sent; fields outside EDITABLE are ignored (C10).

    Raise BadField (C09 no first name or no contact, C12 country, A22 email).
    """
    values = _stored(fields, None, client_id, assumptions)
    if not values.get("first_name"):
        raise BadField(Quirk.C09_CONTACT_REQUIRED, "first_name", "is required")
    if not any(values.get(contact) for contact in CONTACTS):
        raise BadField(Quirk.C09_CONTACT_REQUIRED, "email", "one of email, phone and mobile is required")
    return Customer(id=customer_id, **values)


def changed_customer(customer: Customer, client_id: str, fields: Fields, assumptions: Assumptions) -> Customer:
    """Return the customer with the sent fields changed and the others kept (C17).

    Raise BadField (A13 clearing what must stay, C12 country, A22 email).
    """
    if assumptions.choice(Quirk.A13_CLEARING) == "refused":
        _refuse_cleared(fields)
    changed = replace(customer, **_stored(fields, customer, client_id, assumptions))
    if not changed.first_name:
        raise BadField(Quirk.A13_CLEARING, "first_name", "must not be empty")
    if not any(getattr(changed, contact) for contact in CONTACTS):
        raise BadField(Quirk.A13_CLEARING, "email", "one of email, phone and mobile must stay")
    return changed


def quirks_of(fields: Fields, *, is_change: bool) -> list[Quirk]:
    """Return the quirks that storing these fields may touch, whether it succeeds or not.

    Quirks that only a refusal touches are not among them: the refusal names its own.
    """
    met = []
    if fields.get("mobile"):
        met += [Quirk.T07_PHONES_ARE_STRINGS, Quirk.A11_COMPARISON]  # unique by the digits, or as stored
    elif fields.get("phone"):
        met.append(Quirk.T07_PHONES_ARE_STRINGS)
    if any(fields.get(name) is not None for name in _ADDRESSES):
        met += [Quirk.A05_ADDRESS_KEYS, Quirk.A23_PARTIAL_ADDRESS] if is_change else [Quirk.A05_ADDRESS_KEYS]
    if is_change and any(value in (None, "") for value in fields.values()):
        met.append(Quirk.A13_CLEARING)
    return met


def with_reference_ids(customer: Customer, pairs: Iterable[tuple[str, str]]) -> Customer:
    """Return the customer with these reference ids by client id; empty ones are dropped."""
    return replace(customer, reference_ids=tuple((owner, text) for owner, text in pairs if text))


def _refuse_cleared(fields: Fields) -> None:
    for name in EDITABLE:
        if name in fields and fields[name] in (None, ""):
            raise BadField(Quirk.A13_CLEARING, name, "must not be empty")


def _stored(fields: Fields, customer: Customer | None, client_id: str, assumptions: Assumptions) -> dict[str, Any]:
    """Return the editable fields as they are stored; `customer` is the record before the change."""
    values: dict[str, Any] = {}
    for name, sent in fields.items():
        if name in _OPTIONAL_TEXTS:
            values[name] = sent or None
        elif name in _NAMES:
            values[name] = sent or ""
        elif name == "email":
            values[name] = _email(sent, assumptions)
        elif name in _ADDRESSES:
            values[name] = _address(name, sent, customer, assumptions)
        elif name == "tags":
            values[name] = _tags(sent or ())
        elif name == "accepts_marketing":
            values[name] = bool(sent)
        elif name == "reference_id":
            values["reference_ids"] = _references(customer, client_id, sent)
    return values


def _shared(value: Any) -> Any:
    """Return an equal value seen before if it is cached: cities and tags repeat, and a million copies cost memory.

    Only short values are cached, because a cached value is kept for as long as the process lives.
    """
    return value if value is None or len(value) > _SHARED_LENGTH else _seen(value)


@lru_cache(maxsize=4096)
def _seen(value: Any) -> Any:
    return value


def _tags(sent: Iterable[str]) -> tuple[str, ...]:
    tags = tuple(map(_shared, sent))
    return tags if sum(map(len, tags)) > _SHARED_LENGTH else _shared(tags)


def _email(sent: str | None, assumptions: Assumptions) -> str | None:
    if sent and not _EMAIL.fullmatch(sent) and assumptions.choice(Quirk.A22_EMAIL_SYNTAX) == "refused":
        raise BadField(Quirk.A22_EMAIL_SYNTAX, "email", "is no email address")
    return sent or None


def _references(customer: Customer | None, client_id: str, sent: str | None) -> tuple[tuple[str, str], ...]:
    """In the place where it was, so that the same one sent again changes nothing (W14)."""
    before = {} if customer is None else dict(customer.reference_ids)
    return tuple((owner, text) for owner, text in {**before, client_id: sent or ""}.items() if text)


def _address(name: str, sent: Fields | None, customer: Customer | None, assumptions: Assumptions) -> Address | None:
    if sent is None:
        return None
    parts = {part: _shared(sent[part] or None) for part in ADDRESS_PARTS if part in sent}
    if parts.get("country") is not None:
        parts["country"] = _country(f"{name}.country", parts["country"], assumptions)
    before: Address | None = None if customer is None else getattr(customer, name)
    if before is not None and assumptions.choice(Quirk.A23_PARTIAL_ADDRESS) == "merged":
        address = replace(before, **parts)
    else:
        address = Address(**parts)
    return None if address == _NO_ADDRESS else address


def _country(field: str, sent: str, assumptions: Assumptions) -> str:
    upper = sent.upper() if sent.isascii() else sent  # there are letters beyond ASCII that become two in upper case
    code = upper if assumptions.choice(Quirk.A21_CASE_OF_COUNTRY) == "accepted" else sent
    if code not in country_codes():
        quirk = Quirk.A21_CASE_OF_COUNTRY if upper in country_codes() else Quirk.C12_COUNTRY_CODE
        raise BadField(quirk, field, "is no two-letter ISO 3166-1 country code")
    return code
