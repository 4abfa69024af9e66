"""Strategies for bodies that the API refuses, each with one error and the quirk that is the reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.company import unique_on_create
from fakekounta.core.customers import ADDRESS_PARTS, ADDRESSES, CONTACTS, CUSTOMER, EDITABLE, Fields, new_customer
from fakekounta.core.errors import BadField
from fakekounta.core.kinds import Flag, Kind, Text, Texts, by_kind
from fakekounta.core.resources import Nested
from fakekounta.process.dataclass import dataclass
from fakekounta.strategies.address import addresses, countries
from fakekounta.strategies.customer import new_customers
from fakekounta.strategies.parts import ABSENT, Body, Strategy, given_parts, present, shown
from fakekounta.strategies.texts import names


class RefusedCustomer(NamedTuple):
    """A body for which a POST is refused, and the quirk that is the reason."""

    body: Any
    quirk: Quirk


@dataclass(frozen=True, slots=True, kw_only=True)
class _Violation:
    """One kind of error: values that replace fields of a valid customer, or the whole body."""

    quirk: Quirk
    fields: Strategy
    replaced: frozenset[str]


_NOTHING = st.sampled_from((ABSENT, None, ""))
_NOT_TEXT: Strategy = st.one_of(
    st.sampled_from((0, 7, -1.5, True, False, [], {}, ["Ada"], {"a": 1}, 412_345_678, 2**64)), st.integers()
)
_NOT_TEXTS = st.sampled_from(
    ("VIP", "", 0, False, {}, {"VIP": True}, [None], [7], ["VIP", None], ["VIP", ["x"]], [{}], [True])
)
_NOT_ADDRESS = st.sampled_from(
    ("1 High St", "", 0, False, True, [], ["1 High St"], [{}], {"lines": "1 High St"}, {"lines": [1]}, {"zone": 7})
)
_NOT_OBJECTS: Strategy = st.sampled_from(([], "Ada", 0, True, [{"first_name": "Ada", "email": "ada@example.com"}], ""))
_NOT_BOOLEAN = st.sampled_from((0, 1, "", "true", "false", "yes", "on", [], {}, 0.0))
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
_BY_WISH = (Quirk.T15_BODY_IS_A_JSON_OBJECT, Quirk.A14_OTHER_FIELDS)
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
_OTHER_FIELDS = st.dictionaries(st.sampled_from(_UNKNOWN), _NOT_TEXT, min_size=1, max_size=2)


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
    replaceable = frozenset(name for name in EDITABLE if parts.get(name, ...) is ...)
    wanted = None if quirks is None else {one.id if isinstance(one, Quirk) else one for one in quirks}
    ways: dict[Quirk, list[_Violation]] = {}
    for way in _ways(taken_mobiles, Assumptions(assumptions)):
        asked_for = way.quirk not in _BY_WISH if wanted is None else way.quirk.id in wanted
        if asked_for and way.replaced <= replaceable:
            ways.setdefault(way.quirk, []).append(way)
    _refuse_unreachable(wanted, ways)
    # Draw the quirk first, then the error: a dozen errors are wrong types, which would be drawn too often.
    kinds = st.sampled_from([st.sampled_from(some) for some in ways.values()])
    return shown("refused_customers", parts, _refused(kinds, new_customers(**parts)))


def _refuse_unreachable(wanted: set[str] | None, ways: Mapping[Quirk, list[_Violation]]) -> None:
    missing = sorted((wanted or set()) - {quirk.id for quirk in ways})
    if missing or not ways:
        what = ", ".join(missing) or "anything"
        raise ValueError(f"refused_customers(): no body can be refused for {what} with these arguments")


@st.composite
def _refused(draw: st.DrawFn, kinds: Strategy, right: Strategy) -> RefusedCustomer:
    way: _Violation = draw(draw(kinds))
    changes = draw(way.fields)
    if not isinstance(changes, Mapping):
        return RefusedCustomer(changes, way.quirk)
    return RefusedCustomer(present({**draw(right), **changes}), way.quirk)


def _ways(taken_mobiles: Sequence[str], assumptions: Assumptions) -> list[_Violation]:
    """Return all errors."""
    ways = [
        _way(Quirk.C09_CONTACT_REQUIRED, first_name=_NOTHING),
        _way(Quirk.C09_CONTACT_REQUIRED, **dict.fromkeys(CONTACTS, _NOTHING)),
        *(_way(Quirk.C12_COUNTRY_CODE, **{name: _with_country(_NOT_COUNTRIES)}) for name in ADDRESSES),
        *_wrong_types(),
        _Violation(quirk=Quirk.T15_BODY_IS_A_JSON_OBJECT, fields=_NOT_OBJECTS, replaced=frozenset()),
        _Violation(quirk=Quirk.A14_OTHER_FIELDS, fields=_OTHER_FIELDS, replaced=frozenset()),
    ]
    for name in ADDRESSES:
        ways += _if_refused({name: {"country": "au"}}, assumptions, **{name: _with_country(_LOWER_CASE_COUNTRIES)})
    ways += _if_refused({"email": "a"}, assumptions, email=_NOT_EMAILS)
    if taken_mobiles and unique_on_create(assumptions):
        ways.append(_way(Quirk.C14_MOBILE_IS_UNIQUE, mobile=st.sampled_from(taken_mobiles)))
    return ways


def _if_refused(example: Fields, assumptions: Assumptions, **fields: Strategy) -> list[_Violation]:
    """Return an error with the quirk for which the core refuses the example, or nothing if it accepts the example."""
    try:
        new_customer(1, "", {**_RIGHT, **example}, assumptions)
    except BadField as refusal:
        return [_way(refusal.quirk, **fields)]
    return []


def _way(quirk: Quirk, **fields: Strategy) -> _Violation:
    return _Violation(quirk=quirk, fields=st.fixed_dictionaries(fields), replaced=frozenset(fields))


def _with_country(codes: Strategy) -> st.SearchStrategy[Body]:
    return addresses(country=codes)


def _wrong_types() -> list[_Violation]:
    """Return the wrong types (C22), field by field, and within addresses."""
    parts = [addresses(blanks=True, **{part: _NOT_TEXT}) for part in ADDRESS_PARTS]
    wrong: Mapping[type[Kind], Strategy] = {
        Text: _NOT_TEXT,
        Texts: _NOT_TEXTS,
        Flag: _NOT_BOOLEAN,
        Nested: st.one_of(_NOT_ADDRESS, st.sampled_from(parts).flatmap(lambda one: one)),
    }
    return [_way(Quirk.C22_STRICT_TYPES, **{key: by_kind(wrong, one.kind)}) for key, one in CUSTOMER.sent.items()]
