"""The machine's strategies: small pools of values with edge cases, so that look-ups match and mobiles repeat."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from fakekounta.core.customers import ADDRESS_PARTS, CONTACTS, CUSTOMER
from fakekounta.core.kinds import Email, Flag, Kind, Phone, Private, Text, Texts, Url, by_kind
from fakekounta.core.resources import Nested
from fakekounta.core.webhooks import ATTRIBUTES

_NOTHING = st.sampled_from([None, ""])
_NUMBERS_AND_WORDS = ("0", "null", "李娜", "Zoë", "O'Neil", "👩‍🚀 Sally", "عمر", "x" * 60)
_FIRST_NAMES = st.sampled_from(["Ada", "ada", *_NUMBERS_AND_WORDS])
_LAST_NAMES = st.sampled_from(["Lovelace", "Ng", *_NUMBERS_AND_WORDS])
_EMAILS = st.sampled_from(["ada@example.com", "Ada@Example.com", "a+pos@example.com", "o'neil_0@mail.example.com"])
_MOBILES = st.sampled_from(["0412345678", "0412 345 678", "+61 412 345 678", "0499000001", "0499000002", "0499000003"])
_PHONES = st.sampled_from(["02 8765 4321", "0287654321", "+61 2 8765 4321", "0"])
_REFERENCE_IDS = st.sampled_from(["LOYALTY-7", "loyalty-7", "7", "07", "a b+c&d=é"])
_TAGS = st.lists(st.sampled_from(["Gold Member", "gold member", "Newsletter", "0", "é"]), max_size=3, unique=True)
_IMAGES = st.just("https://images.example.com/1.png?size=64&x=é")
_PART: dict[str, SearchStrategy[Any]] = {
    "address": st.sampled_from(["Suite 5, Level 12", "1 O'Connell St", "0"]),
    "city": st.sampled_from(["Beeftown", "München"]),
    "state": st.sampled_from(["NSW", "VIC"]),
    "postal_code": st.sampled_from(["2112", "0800"]),
    "country": st.sampled_from(["AU", "NZ", "ZW"]),
}
_ADDRESSES = st.fixed_dictionaries(_PART) | st.fixed_dictionaries(
    {}, optional={name: part | st.none() for name, part in _PART.items()}
)
_OF_KIND: dict[type[Kind], SearchStrategy[Any]] = {
    Text: _LAST_NAMES,
    Email: _EMAILS,
    Phone: _PHONES,
    Url: _IMAGES,
    Texts: _TAGS,
    Nested: _ADDRESSES,
    Private: _REFERENCE_IDS,
    Flag: st.booleans(),
}
_VALUES: dict[str, SearchStrategy[Any]] = {
    **{key: by_kind(_OF_KIND, one.kind) for key, one in CUSTOMER.sent.items()},
    "first_name": _FIRST_NAMES,
    "mobile": _MOBILES,
}
_EMPTY: dict[type[Kind], SearchStrategy[Any]] = {Text: _NOTHING, Texts: st.just([]), Nested: st.none()}
_CLEARED: dict[str, SearchStrategy[Any]] = {
    key: by_kind(_EMPTY, one.kind)
    for key, one in CUSTOMER.sent.items()
    if not one.required and not isinstance(one.kind, Flag)
}

_TOPICS = ("customers/created", "customers/updated", "customers/deleted")
UPDATED = _TOPICS[1]
HOST = "https://fakekounta-machine.invalid/"  # RFC 6761: no such host exists, and so nothing is delivered
_ATTRIBUTES = st.lists(st.sampled_from(list(ATTRIBUTES)), min_size=1, unique=True)
_FILTERED: SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"attributes": _ATTRIBUTES}, optional={"site_ids": st.none()}
)
_FILTERS = _FILTERED | st.sampled_from([{}, {"site_ids": None}, {"attributes": None}])
_HEADERS = st.fixed_dictionaries(
    {}, optional={"Authorization": st.just("Bearer abc"), "X-Shop": st.sampled_from(["7", "a, b"])}
)

FIELDS = tuple(_VALUES)
assert set(_PART) == set(ADDRESS_PARTS)  # noqa: S101 - a bug of this module


@lru_cache
def new_customers(fields: tuple[str, ...]) -> SearchStrategy[dict[str, Any]]:
    """Return a strategy for bodies of a POST with only these fields: `first_name`, a contact, and any of the rest."""
    rest = {name: _VALUES[name] for name in fields if name != "first_name"}
    contacts = [name for name in CONTACTS if name in fields]

    def bodies(contact: str) -> SearchStrategy[dict[str, Any]]:
        optional = {name: values for name, values in rest.items() if name != contact}
        return st.fixed_dictionaries({"first_name": _FIRST_NAMES, contact: _VALUES[contact]}, optional=optional)

    return st.one_of(*map(bodies, contacts))


@lru_cache
def customer_changes(fields: tuple[str, ...]) -> SearchStrategy[dict[str, Any]]:
    """Return a strategy for bodies of a PUT with some of these fields, each with a value or cleared."""
    values = {name: _VALUES[name] | _CLEARED[name] if name in _CLEARED else _VALUES[name] for name in fields}
    alone = st.one_of(*(st.fixed_dictionaries({name: value}) for name, value in values.items()))
    cleared = {name: _CLEARED[name] for name in fields if name in _CLEARED and name not in CONTACTS}
    return alone | st.fixed_dictionaries({}, optional=values) | st.fixed_dictionaries({}, optional=cleared)


def reference_ids() -> SearchStrategy[str]:
    """Return a strategy for reference ids that are sometimes equal to those of the other application; "" clears."""
    return _REFERENCE_IDS | st.just("")


_WEBHOOK: dict[str, SearchStrategy[Any]] = {
    "format": st.sampled_from(["json", "xml"]),
    "filter": _FILTERS,
    "headers": _HEADERS | st.none(),
}
_ADDRESS: dict[str, SearchStrategy[Any]] = {"address": st.sampled_from(["a", "b?key=c+d&e=%20"]).map(HOST.__add__)}


def new_webhooks() -> SearchStrategy[dict[str, Any]]:
    """Return a strategy for bodies of a POST; their attribute filters are for `UPDATED` only (W16)."""
    filtered = {"topic": st.just(UPDATED), **_ADDRESS, "filter": _FILTERED}
    return st.fixed_dictionaries(filtered) | st.fixed_dictionaries(
        {"topic": st.sampled_from(_TOPICS), **_ADDRESS}, optional=_WEBHOOK
    )


def webhook_changes() -> SearchStrategy[dict[str, Any]]:
    """Return a strategy for bodies of a PUT; their attribute filters are for `UPDATED` only (W16)."""
    return st.fixed_dictionaries({"filter": _FILTERED}) | st.fixed_dictionaries({}, optional={**_ADDRESS, **_WEBHOOK})
