"""The checks that the rules share: they compare responses with the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from typing import Any

from fakekounta.catalogue.quirks import Quirk
from fakekounta.stateful.api import Item, Record
from fakekounta.stateful.comparing import Blame
from fakekounta.stateful.contradiction import Refused
from fakekounta.stateful.model import OWN, Choices
from fakekounta.stateful.operations import Operations

_FINDING = (Quirk.A10_SEVERAL_MATCH, Quirk.A11_COMPARISON)


class Checks(Operations):
    """Compares results of operations with the model; raises Contradiction."""

    def compare(self, shown: Any, customer: int, blame: Blame, application: str = OWN) -> None:
        """Compare a returned customer with the model's."""
        state = self.model.customers[customer]
        if isinstance(shown, Record):
            self.comparison.record(shown, customer, state, application, blame)
            if shown.at is not None:
                self.comparison.timestamps(shown, shown.at, customer)
        elif isinstance(shown, Item):
            self.comparison.item(shown, customer, state, application, blame)
        else:
            self.comparison.loosely(_fields_of(shown), customer, state, blame)

    def compare_or_absent(
        self, shown: Any, customer: int, blame: Blame = lambda _: Quirk.C03_GET_BY_ID, application: str = OWN
    ) -> None:
        there = customer in self.model.customers
        if there != (shown is not None):
            what = f"customer {customer} is {'not ' if there else ''}there, but the model says otherwise"
            raise self.witness.contradiction(Quirk.C03_GET_BY_ID, what, [customer])
        if there:
            self.compare(shown, customer, blame, application)

    def listed(self, found: list[Any], wanted: list[int], quirk: Quirk, *, repeats: Quirk | None = None) -> None:
        """Check that the list has these customers, each once, in a possible order (A15).

        Contradicts `quirk`, or `repeats` if a customer occurs more than once.
        """
        ids = [id_of(one) for one in found]
        if sorted(ids) != wanted:
            missing, more = sorted(set(wanted) - set(ids)), sorted(set(ids) - set(wanted))
            twice = sorted({one for one in ids if ids.count(one) > 1})
            what = f"the list lacks {missing}, has {more} that do not belong to it, and {twice} more than once"
            blamed = repeats if twice and repeats else quirk
            raise self.witness.contradiction(blamed, what, {*missing, *more, *twice} & self.model.past.keys())
        by_name = sorted(wanted, key=lambda one: (self.model.customers[one]["first_name"].casefold(), one))
        orders = {"id": wanted, "first_name": by_name, "newest_first": wanted[::-1]}
        fitting = {name for name, order in orders.items() if order == ids}
        self.api.keep(Quirk.A15_ORDER_OF_LISTS, fitting or {"another"}, f"the order {ids}")
        for one in found:
            self.compare(one, id_of(one), lambda _: Quirk.C19_LIST_ITEMS_ARE_ABRIDGED)

    def lists_are_short(self) -> bool:
        """Return whether a list of all customers needs at most `most_pages` requests."""
        return self.target.kounta is not None or self.api.pages(self.api.ask("GET", "/customers")) <= self.most_pages

    def found(self, found: Any, wanted: Any, quirk: Quirk) -> None:
        """Check that the result of a look-up is possible under a choice of A10 and A11."""
        customer = None if found is None else id_of(found)
        expected = [(choices, _picked(wanted(choices), choices)) for choices in self.ways(*_FINDING)]
        if not self.beliefs.keep_combinations([choices for choices, one in expected if one == customer]):
            possible = sorted({str(one) for _, one in expected})
            matching = {one for choices, _ in expected for one in wanted(choices)}
            blamed = Quirk.A10_SEVERAL_MATCH if customer in matching else quirk
            what = f"found {customer}, but the model has {' or '.join(possible)}"
            raise self.witness.contradiction(blamed, what, matching | (self.model.past.keys() & {customer}))
        if customer is not None and not isinstance(found, int):
            self.compare(found, customer, lambda _: Quirk.C03_GET_BY_ID)

    def must_refuse(
        self, refusing: list[Choices], quirks: tuple[Quirk, ...], what: str, reason: Quirk, otherwise: Quirk
    ) -> None:
        """Check that the operation was refused if and only if it must be; rule out the choices that do not fit."""
        refused = self.refusal is not None
        fitting = [choices for choices in self.ways(*quirks) if (choices in refusing) == refused]
        if not fitting and refused:
            raise self.witness.contradiction(otherwise, f"{what} was refused: {self.refusal}")
        if not fitting:
            raise self.witness.contradiction(reason, f"{what} was not refused")
        self.beliefs.keep_combinations(fitting)
        if reason is Quirk.C14_MOBILE_IS_UNIQUE:
            self.refused_as(Quirk.A07_TAKEN_MOBILE)
        elif "mobile" not in what:  # without a clash, so that the mobile cannot be the reason
            self.refused_as(Quirk.A17_VALIDATION_ERROR)

    def refused_as(self, quirk: Quirk) -> None:
        """Check that the status of the last refusal, if it was an HTTP response, is a possible choice."""
        if isinstance(self.refusal, Refused):
            self.api.keep(quirk, {str(self.refusal.status)}, "the status of a refusal")

    def ways(self, *quirks: Quirk) -> list[Choices]:
        return list(self.beliefs.combinations(*quirks))


def id_of(found: Any) -> Any:
    """Return the id in the result of an operation: the result itself, or its `id`."""
    if isinstance(found, Mapping):
        return found["id"]
    return getattr(found, "id", found)


def _fields_of(shown: Any) -> Mapping[str, Any]:
    if isinstance(shown, Mapping):
        return shown
    if is_dataclass(shown) and not isinstance(shown, type):
        return asdict(shown)
    return getattr(shown, "__dict__", {})


def _picked(ids: list[int], choices: Choices) -> int | None:
    if not ids:
        return None
    return ids[0] if choices[Quirk.A10_SEVERAL_MATCH] == "oldest" else ids[-1]
