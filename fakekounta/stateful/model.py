"""The model: a dict of customers, each a dict of its fields, and the rules of the catalogue as plain functions.

`Beliefs` holds the choices of each assumption that the server's responses have not ruled out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from fakekounta.catalogue.assumptions import CHOICES, Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.customers import ADDRESS_PARTS, ADDRESSES, CONTACTS, CUSTOMER
from fakekounta.core.kinds import Private, Texts

Choices = Mapping[Quirk, str]
State = dict[str, Any]
"""A customer's fields as POST takes them, absent ones as None ("" for texts of a name, [] for tags), and
`reference_ids`: a dict of "own" and "other", the two applications, to their reference ids."""

OWN, OTHER = "own", "other"
_NEW: State = {
    one.name: list(one.absent) if isinstance(one.kind, Texts) else one.absent
    for one in CUSTOMER.sent.values()
    if not isinstance(one.kind, Private)
}


class Model:
    """The customers and webhooks of the machine, as the server must have them."""

    nouns = "customers"

    def __init__(self) -> None:
        self.customers: dict[int, State] = {}
        self.past: dict[int, list[State]] = {}
        """All states of each customer, the oldest first; the last is the current one, unless it was deleted."""
        self.webhooks: dict[int, dict[str, Any]] = {}
        """The own application's webhooks: `topic address format filter headers`, the last two `{}` if there is none."""

    def put(self, customer_id: int, state: State) -> None:
        """Set the customer's state, and add it to `past`."""
        self.customers[customer_id] = state
        self.past.setdefault(customer_id, []).append(state)

    @property
    def ids(self) -> Iterable[int]:
        """The ids of the customers."""
        return self.customers.keys()

    def shown(self, number: int) -> str:
        """Return a customer as text, without its absent fields."""
        if number not in self.customers:
            return "not there"
        return repr({name: one for name, one in self.customers[number].items() if one not in (None, "", [], False)})

    def _where(self, matches: Callable[[State], bool]) -> list[int]:
        """Return the ids of the customers that match, oldest first."""
        return sorted(one for one, state in self.customers.items() if matches(state))

    def by_email(self, email: str) -> list[int]:
        """Return the ids with this email, regardless of case (C04, A11)."""
        return self._where(lambda state: (state["email"] or "").casefold() == email.casefold())

    def by_mobile(self, mobile: str, comparison: str) -> list[int]:
        """Return the ids with this mobile, compared as A11 chooses (C06)."""
        return self._where(lambda state: same_number(state["mobile"], mobile, comparison))

    def by_name_and_phone(self, first_name: str, last_name: str, phone: str, comparison: str) -> list[int]:
        """Return the ids with these names and this phone, compared as A11 chooses (C05)."""
        return self._where(
            lambda state: (
                (state["first_name"], state["last_name"]) == (first_name, last_name)
                and same_number(state["phone"], phone, comparison)
            )
        )

    def by_reference_id(self, application: str, reference_id: str) -> list[int]:
        """Return the ids with this reference id (C02, C11)."""
        return self._where(lambda state: bool(state["reference_ids"][application] == reference_id))

    def clashes(self, customer_id: int | None, after: State, choices: Choices) -> bool:
        """Return whether another customer has the mobile that this one gets (C14); A08 says whether POST checks it."""
        mobile = after["mobile"]
        if mobile is None:
            return False
        if customer_id is None and choices[Quirk.A08_MOBILE_CHECKED_ON_CREATE] == "update_only":
            return False
        if customer_id is not None and self.customers[customer_id]["mobile"] == mobile:
            return False
        return any(one != customer_id for one in self.by_mobile(mobile, choices[Quirk.A11_COMPARISON]))


class Beliefs:
    """The choices that are still possible, by assumption.

    An assumption in `given` has one choice. Any other begins with all choices of the catalogue, and loses those that a
    response rules out. Raises ValueError for an unknown id or choice.
    """

    def __init__(self, given: Mapping[str, str]) -> None:
        Assumptions(given)
        self._possible: dict[Quirk, tuple[str, ...]] = {
            quirk: (given[quirk.id],) if quirk.id in given else tuple(choices) for quirk, choices in CHOICES.items()
        }

    def possible(self, quirk: Quirk) -> tuple[str, ...]:
        """Return the choices of one assumption that no response has ruled out."""
        return self._possible[quirk]

    def keep(self, quirk: Quirk, fitting: Collection[str]) -> bool:
        """Keep only the choices that fit a response. If none is possible, return False and change nothing."""
        kept = tuple(name for name in self._possible[quirk] if name in fitting)
        if kept:
            self._possible[quirk] = kept
        return bool(kept)

    def combinations(self, *quirks: Quirk) -> Iterator[Choices]:
        """Yield each combination of choices of these assumptions that is still possible."""
        for names in product(*(self._possible[quirk] for quirk in quirks)):
            yield dict(zip(quirks, names, strict=True))

    def keep_combinations(self, fitting: Collection[Choices]) -> bool:
        """Keep only the choices in fitting combinations, as `keep` does for one assumption."""
        for quirk in {quirk for choices in fitting for quirk in choices}:
            self.keep(quirk, {choices[quirk] for choices in fitting})
        return bool(fitting)


def new_state(fields: Mapping[str, Any]) -> State:
    """Return the customer that a POST of these fields creates."""
    return _stored({**_NEW, "reference_ids": {OWN: "", OTHER: ""}}, fields, OWN, merges=False)


def changed_state(before: State, fields: Mapping[str, Any], application: str, choices: Choices) -> State | None:
    """Return the customer after a PUT of these fields, or None where it must be refused (A13)."""
    if choices[Quirk.A13_CLEARING] == "refused" and any(value in (None, "") for value in fields.values()):
        return None
    after = _stored(before, fields, application, merges=choices[Quirk.A23_PARTIAL_ADDRESS] == "merged")
    return after if is_complete(after) else None


def is_complete(state: State) -> bool:
    """Return whether the customer has a first name and a contact (C09)."""
    return bool(state["first_name"]) and any(state[name] for name in CONTACTS)


def same_number(one: str | None, other: str | None, comparison: str) -> bool:
    """Return whether two phone numbers count as the same (A11)."""
    if one is None or other is None:
        return False
    return one == other if comparison == "exact" else _digits(one) == _digits(other)


def _digits(number: str) -> str:
    return "".join(filter(str.isdigit, number)) or number


def _stored(before: State, fields: Mapping[str, Any], application: str, *, merges: bool) -> State:
    after = dict(before)
    for name, sent in fields.items():
        if name == "reference_id":
            after["reference_ids"] = {**before["reference_ids"], application: sent or ""}
        elif name in ADDRESSES:
            after[name] = _address(before[name] if merges else None, sent)
        elif isinstance(_NEW[name], list):
            after[name] = list(sent or ())
        else:
            after[name] = sent or _NEW[name]
    return after


def _address(before: Mapping[str, Any] | None, sent: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if sent is None:
        return None
    parts = {**dict.fromkeys(ADDRESS_PARTS), **(before or {}), **{part: value or None for part, value in sent.items()}}
    return parts if any(parts.values()) else None
