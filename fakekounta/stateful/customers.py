"""The rules about customers: create, read, look up, list, change and delete, each checked against the model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, MultipleResults, initialize, multiple, precondition, rule
from hypothesis.strategies import SearchStrategy

from fakekounta.catalogue.assumptions import CHOICES
from fakekounta.catalogue.quirks import Quirk
from fakekounta.stateful import draws
from fakekounta.stateful.base import REFUSED
from fakekounta.stateful.checking import Checks, id_of
from fakekounta.stateful.comparing import Blame, addresses_shown
from fakekounta.stateful.model import OTHER, OWN, Choices, State, changed_state, new_state
from fakekounta.stateful.operations import Operations

customers: Bundle[int] = Bundle("customers")


# Functions, not lambdas: old versions of Hypothesis look up the source of a lambda each time.


def _new_customers(machine: Operations) -> SearchStrategy[dict[str, Any]]:
    return machine.new_customers()


def _customer_changes(machine: Operations) -> SearchStrategy[dict[str, Any]]:
    return machine.customer_changes()


def _has_another_application(machine: Operations) -> bool:
    return machine.other_api is not None and "reference_id" in machine.fields


NEW = st.runner().flatmap(_new_customers)
CHANGES = st.runner().flatmap(_customer_changes)
_MAKING = (Quirk.A08_MOBILE_CHECKED_ON_CREATE, Quirk.A11_COMPARISON)
_CHANGING = (Quirk.A13_CLEARING, Quirk.A23_PARTIAL_ADDRESS, *_MAKING)
KEYS = ("email", "mobile", "name and phone", "name and another's phone", "reference id", "other reference id")
_A23 = Quirk.A23_PARTIAL_ADDRESS


class CustomerRules(Checks):
    """The operations of a client, in any order."""

    # --- creating

    @initialize(target=customers, bodies=st.lists(NEW, max_size=6))
    def start_with(self, bodies: list[dict[str, Any]]) -> MultipleResults[int]:
        """Create enough customers for several pages, some with the same email, name or reference id."""
        made = [self._create(fields) for fields in bodies]
        return multiple(*(one for one in made if one is not None))

    @rule(target=customers, fields=NEW)
    def create_customer(self, fields: dict[str, Any]) -> int | MultipleResults[int]:
        """Check C09, C10, C14, C15 and C20."""
        made = self._create(fields)
        return multiple() if made is None else made

    def _create(self, fields: dict[str, Any]) -> int | None:
        if self.target.mark and "tags" in self.fields:
            fields = {"tags": [], **fields}
        fields = self.target.marked(fields)
        state = new_state(fields)
        clashes = [choices for choices in self.ways(*_MAKING) if self.model.clashes(None, state, choices)]
        made = self.attempt(f"create({fields})", lambda: self.create(fields))
        self.must_refuse(clashes, _MAKING, f"create of {fields}", Quirk.C14_MOBILE_IS_UNIQUE, self._sharing(state))
        if made is REFUSED:
            return None
        customer_id = id_of(made)
        if not isinstance(customer_id, int) or customer_id in self.model.past:
            raise self.witness.contradiction(
                Quirk.C15_CREATED_WITH_LOCATION, f"create returned {made!r}, not the id of a new customer"
            )
        self.model.put(customer_id, state)
        seen = self.api.read(customer_id)
        if seen is None:
            what = f"customer {customer_id} was just created, but is not there"
            raise self.witness.contradiction(Quirk.C20_CREATED_IS_FOUND_AT_ONCE, what, [customer_id])
        self.compare(seen, customer_id, lambda _: Quirk.C10_FIELDS_ON_CREATE)
        return customer_id

    def _sharing(self, state: State) -> Quirk:
        """Return the quirk that is contradicted when a valid customer is refused."""
        reference_id = state["reference_ids"][OWN]
        if reference_id and self.model.by_reference_id(OWN, reference_id):
            return Quirk.C02_REFERENCE_FILTER_IS_A_LIST
        return Quirk.C09_CONTACT_REQUIRED

    # --- reading and looking up

    @rule(customer=customers)
    def read_customer(self, customer: int) -> None:
        """Check C03, C07, C08 and C11."""
        self.doing(f"read({customer})")
        self.compare_or_absent(self.read(customer), customer)

    @rule(
        customer=customers,
        other=customers,
        keys=st.lists(st.sampled_from(KEYS), min_size=1, unique=True),
        former=st.booleans(),
        swaps_case=st.booleans(),
    )
    def look_up(self, customer: int, other: int, keys: list[str], *, former: bool, swaps_case: bool) -> None:
        """Check C02, C04 to C06, C11, A10, A11: look up by the customer's values, or by those before its last change.

        A key without a value is skipped. `swaps_case` changes the case of the email, which does not matter (A11); the
        phone of `other` is for a look-up by name and phone that perhaps no customer has.
        """
        past = self.model.past[customer]
        state = past[max(len(past) - 2, 0)] if former else past[-1]
        for key in keys:
            values = lookup_values(state, key, phone=self.model.past[other][-1]["phone"])
            if all(values):
                swaps = swaps_case and key == "email" and values[0].isascii()
                _LOOK_UPS[key](self, *([values[0].swapcase()] if swaps else values))

    def _look_up_by_email(self, email: str) -> None:
        self.doing(f"find_by_email({email!r})")
        wanted = self.model.by_email(email)
        as_stored = any(self.model.customers[one]["email"] == email for one in wanted)
        quirk = Quirk.C04_LOOKUP_BY_EMAIL_REDIRECTS if as_stored or not wanted else Quirk.A11_COMPARISON
        self.found(self.find_by_email(email), lambda _: wanted, quirk)

    def _look_up_by_mobile(self, mobile: str) -> None:
        def wanted(choices: Choices) -> list[int]:
            return self.model.by_mobile(mobile, choices[Quirk.A11_COMPARISON])

        self.doing(f"find_by_mobile({mobile!r})")
        self.found(self.find_by_mobile(mobile), wanted, Quirk.C06_LOOKUP_BY_MOBILE_REDIRECTS)

    def _look_up_by_name_and_phone(self, first_name: str, last_name: str, phone: str) -> None:
        def wanted(choices: Choices) -> list[int]:
            return self.model.by_name_and_phone(first_name, last_name, phone, choices[Quirk.A11_COMPARISON])

        self.doing(f"find_by_name_and_phone({first_name!r}, {last_name!r}, {phone!r})")
        found = self.find_by_name_and_phone(first_name, last_name, phone)
        self.found(found, wanted, Quirk.C05_LOOKUP_BY_NAME_AND_PHONE_REDIRECTS)

    def _look_up_by_reference_id(self, reference_id: str) -> None:
        self.doing(f"find_by_reference_id({reference_id!r})")
        found = list(self.find_by_reference_id(reference_id))
        wanted = self.model.by_reference_id(OWN, reference_id)
        foreign = set(map(id_of, found)) & set(self.model.by_reference_id(OTHER, reference_id)) - set(wanted)
        if foreign:
            what = f"{reference_id!r} finds {sorted(foreign)}, which have it only for another application"
            raise self.witness.contradiction(Quirk.C11_REFERENCE_ID_IS_PRIVATE, what, foreign)
        self.listed(found, wanted, Quirk.C02_REFERENCE_FILTER_IS_A_LIST)

    @rule()
    def list_customers(self) -> None:
        """Check C01, C19 and A15."""
        if self.lists_are_short():
            self.doing("list_all()")
            found = list(self.list_all())
            mine = [one for one in found if id_of(one) in self.model.past]
            self.listed(mine, sorted(self.model.customers), Quirk.C01_LIST)

    # --- changing

    @rule(customer=customers, fields=CHANGES)
    def change_customer(self, customer: int, fields: dict[str, Any]) -> None:
        """Check C13, C14, C16 to C18, A13 and A23."""
        fields = self.target.marked(fields)
        before = self.model.customers.get(customer)
        if before is None:
            self._refuses_the_gone(
                customer, self.attempt(f"change({customer}, {fields})", lambda: self.change(customer, fields))
            )
            return
        made = [(choices, changed_state(before, fields, OWN, choices)) for choices in self.ways(*_CHANGING)]
        taken = [one for one, state in made if state is not None and self.model.clashes(customer, state, one)]
        refused = [one for one, state in made if state is None] + taken
        clears = any(state is None for _, state in made)
        changed = self.attempt(f"change({customer}, {fields})", lambda: self.change(customer, fields))
        self.must_refuse(
            refused,
            _CHANGING,
            f"change to {fields}",
            Quirk.A13_CLEARING if clears else Quirk.C14_MOBILE_IS_UNIQUE,
            Quirk.C13_FIELDS_ON_UPDATE,
        )
        if changed is not REFUSED:
            self._settle(customer, before, fields, changed)

    def _settle(self, customer: int, before: State, fields: Mapping[str, Any], answer_fields: Any) -> None:
        """Set the model to the address that the server kept after a change; A23 names two possible ones."""
        seen = self.api.read(customer)
        states = {name: changed_state(before, fields, OWN, _merging(name)) for name in CHOICES[_A23]}
        fitting = {name for name, state in states.items() if state and addresses_shown(seen, state)}
        if fitting and not self.beliefs.keep(_A23, fitting):
            raise self.witness.contradiction(_A23, f"an address that was sent was {min(fitting)}", [customer])
        state = states[self.beliefs.possible(_A23)[0]]
        assert state is not None, "a refusal was expected"  # noqa: S101 - checked before
        self.model.put(customer, state)
        for shown in (seen, answer_fields):
            if shown is not None:
                self.compare(shown, customer, _blame(fields))

    def _refuses_the_gone(self, customer: int, done: Any) -> None:
        if done is not REFUSED:
            what = f"customer {customer} was deleted, but can be changed"
            raise self.witness.contradiction(Quirk.C03_GET_BY_ID, what, [customer])

    @precondition(_has_another_application)
    @rule(customer=customers, reference_id=draws.reference_ids())
    def change_other_reference_id(self, customer: int, reference_id: str) -> None:
        """Check C11: the application's own reference id and all other fields are unchanged."""
        before = self.model.customers.get(customer)
        fields = self.target.marked({"reference_id": reference_id})
        given = fields["reference_id"]
        done = self.attempt(f"change_as_other({customer}, {given!r})", lambda: self.change_as_other(customer, given))
        if before is None:
            self._refuses_the_gone(customer, done)
            return
        made = [(choices, changed_state(before, fields, OTHER, choices)) for choices in self.ways(*_CHANGING)]
        refusing = [choices for choices, state in made if state is None]
        what = f"another application's reference id {given!r}"
        self.must_refuse(refusing, _CHANGING, what, Quirk.A13_CLEARING, Quirk.C11_REFERENCE_ID_IS_PRIVATE)
        if done is REFUSED:
            return
        self.model.put(customer, next(state for _, state in made if state is not None))
        assert self.other_api is not None, "the rule's precondition"  # noqa: S101
        for api, application in ((self.other_api, OTHER), (self.api, OWN)):
            self.compare_or_absent(api.read(customer), customer, _blame_other, application)
        if given:
            self._look_up_by_reference_id(given)

    @rule(customer=customers)
    def delete_customer(self, customer: int) -> None:
        """Check C21."""
        there = customer in self.model.customers
        done = self.attempt(f"delete({customer})", lambda: self.delete(customer))
        if there:
            status = "204" if done is not REFUSED else str(getattr(self.refusal, "status", 405))
            self.api.keep(Quirk.C21_NO_DELETE, {status}, "the response to DELETE")
        if done is not REFUSED:
            self.model.customers.pop(customer, None)
        self.compare_or_absent(self.api.read(customer), customer)


def lookup_values(state: State, key: str, *, phone: str | None) -> tuple[Any, ...]:
    """Return the values for a look-up by one of KEYS; a look-up by an empty value or None is impossible."""
    if key == "name and another's phone":
        return state["first_name"], state["last_name"], phone
    if key == "name and phone":
        return state["first_name"], state["last_name"], state["phone"]
    if key in ("reference id", "other reference id"):
        return (state["reference_ids"][OWN if key == "reference id" else OTHER],)
    return (state[key],)


_LOOK_UPS: dict[str, Callable[..., None]] = {
    "email": CustomerRules._look_up_by_email,  # noqa: SLF001 - of this module
    "mobile": CustomerRules._look_up_by_mobile,  # noqa: SLF001
    "name and another's phone": CustomerRules._look_up_by_name_and_phone,  # noqa: SLF001
    "name and phone": CustomerRules._look_up_by_name_and_phone,  # noqa: SLF001
    "reference id": CustomerRules._look_up_by_reference_id,  # noqa: SLF001
    "other reference id": CustomerRules._look_up_by_reference_id,  # noqa: SLF001
}


def _merging(name: str) -> Choices:
    return {Quirk.A13_CLEARING: "clears", _A23: name}


def _blame(sent: Iterable[str]) -> Blame:
    """Return which quirk to blame, by field: C13 for a field that was sent, C17 for the others."""
    names = {*sent} | ({"primary_email_address"} if "email" in sent else set())
    return lambda name: Quirk.C13_FIELDS_ON_UPDATE if name in names else Quirk.C17_PUT_IS_PARTIAL


def _blame_other(name: str) -> Quirk:
    return Quirk.C11_REFERENCE_ID_IS_PRIVATE if name == "reference_id" else Quirk.C17_PUT_IS_PARTIAL
