"""Strategies for customers that the API refuses, each with one error and the quirk that is the reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.company import unique_on_create
from fakekounta.core.customers import ADDRESSES, CONTACTS, CUSTOMER, EDITABLE, Fields, new_customer
from fakekounta.core.errors import BadField
from fakekounta.strategies.address import addresses, countries
from fakekounta.strategies.customer import new_customers
from fakekounta.strategies.parts import ABSENT, Body, Strategy, given_parts, shown
from fakekounta.strategies.texts import names
from fakekounta.strategies.violations import NOT_AN_OBJECT, Violation, chosen, refused, violation
from fakekounta.strategies.wrong import NOT_TEXT, wrong_fields


class RefusedCustomer(NamedTuple):
    """A body for which a POST is refused, and the quirk that is the reason."""

    body: Any
    quirk: Quirk


_NOTHING = st.sampled_from((ABSENT, None, ""))
_SPOILT_EMAILS = (
    *("a", "@", "a@", "@b.co", "a@b", "a@@b.co", "a@b@c.co", "a b@c.co", " a@b.co", "a@b.co ", "a@b.co\n", " ", "\t"),
    *("a@.co", "a@b.", "a@b..co", "a@b.co.", "mailto a@b.co", "Ada <a@b.co>", "a\x00@b.co", "a@\x7f.co", "x" * 256),
)
_NOT_EMAILS = st.one_of(
    st.sampled_from(_SPOILT_EMAILS), names().map(lambda name: name.replace("@", "")).map(lambda name: name or "a")
)
_NOT_COUNTRIES = st.sampled_from(
    ("ZZ", "UK", "AUS", "A", "036", "Australia", " AU", "AU ", "AU\n", " ", "XK", "EU", "ÄU", "ＡＵ", "A\x00", "-")
)
_LOWER_CASE_COUNTRIES = st.sampled_from(countries()).flatmap(
    lambda code: st.sampled_from((code.lower(), code.capitalize(), code[0].lower() + code[1]))
)
_RIGHT = {"first_name": "Ada", "phone": "0"}
_BY_WISH = (NOT_AN_OBJECT.quirk, Quirk.A14_OTHER_FIELDS)
_UNKNOWN = (
    "id",
    "people_id",
    "company_id",
    "name",
    "created_at",
    "addresses",
    "First_Name",
    "e-mail",
    "",
    "primary_email_address",
)
_OTHER_FIELDS = st.dictionaries(st.sampled_from(_UNKNOWN), NOT_TEXT, min_size=1, max_size=2)


def refused_customers(
    *,
    quirks: Iterable[Quirk | str] | None = None,
    taken_mobiles: Sequence[str] = (),
    assumptions: Mapping[str, str] | None = None,
    **parts: Any,
) -> st.SearchStrategy[RefusedCustomer]:
    """Return a strategy for bodies for which a POST is refused, each with one error and its quirk.

    The errors: C09, C12 and C22; texts that are no email and countries in lower case, if they are refused under
    `assumptions` (as in `FakeKounta`); C14 if there are `taken_mobiles`, numbers of existing customers. Two errors are
    drawn only if `quirks` names them: T15, a body that is JSON but no object, and A14, other fields, for a fake whose
    choice is to refuse them.

    `quirks`, members or ids, limits the errors to these. `parts` are fields as in `new_customers`; the error is never
    in one of them. Raises TypeError for a keyword that is no field, ValueError if no error is possible.
    """
    given_parts("refused_customers", parts, EDITABLE)
    replaceable = [name for name in EDITABLE if parts.get(name, ...) is ...]
    ways = _ways(taken_mobiles, Assumptions(assumptions))
    kinds = chosen("refused_customers", ways, quirks, replaceable=replaceable, by_wish=_BY_WISH)
    return shown("refused_customers", parts, refused(kinds, new_customers(**parts)).map(RefusedCustomer._make))


def _ways(taken_mobiles: Sequence[str], assumptions: Assumptions) -> list[Violation]:
    """Return all errors."""
    ways = [
        violation(Quirk.C09_CONTACT_REQUIRED, first_name=_NOTHING),
        violation(Quirk.C09_CONTACT_REQUIRED, **dict.fromkeys(CONTACTS, _NOTHING)),
        *(violation(Quirk.C12_COUNTRY_CODE, **{name: _with_country(_NOT_COUNTRIES)}) for name in ADDRESSES),
        *(violation(Quirk.C22_STRICT_TYPES, **{key: one}) for key, one in wrong_fields(CUSTOMER).items()),
        NOT_AN_OBJECT,
        Violation(quirk=Quirk.A14_OTHER_FIELDS, fields=_OTHER_FIELDS, replaced=frozenset()),
    ]
    for name in ADDRESSES:
        ways += _if_refused({name: {"country": "au"}}, assumptions, **{name: _with_country(_LOWER_CASE_COUNTRIES)})
    ways += _if_refused({"email": "a"}, assumptions, email=_NOT_EMAILS)
    if taken_mobiles and unique_on_create(assumptions):
        ways.append(violation(Quirk.C14_MOBILE_IS_UNIQUE, mobile=st.sampled_from(taken_mobiles)))
    return ways


def _if_refused(example: Fields, assumptions: Assumptions, **fields: Strategy) -> list[Violation]:
    """Return an error with the quirk for which the core refuses the example, or nothing if it accepts the example."""
    try:
        new_customer(1, "", {**_RIGHT, **example}, assumptions)
    except BadField as refusal:
        return [violation(refusal.quirk, **fields)]
    return []


def _with_country(codes: Strategy) -> st.SearchStrategy[Body]:
    return addresses(country=codes)
