"""The rules: customers are made, read, looked up, listed, changed and deleted, each checked against the model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, is_dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, MultipleResults, initialize, multiple, precondition, rule

from fakekounta.assumptions import CHOICES
from fakekounta.quirks import Quirk
from fakekounta.stateful import draws
from fakekounta.stateful.api import Item, Record
from fakekounta.stateful.beliefs import Choices
from fakekounta.stateful.comparing import Blame, addresses_shown
from fakekounta.stateful.contradiction import Refused
from fakekounta.stateful.marking import marked
from fakekounta.stateful.model import OTHER, OWN, State, changed_state, new_state
from fakekounta.stateful.operations import Operations

customers: Bundle[int] = Bundle("customers")
NEW = st.runner().flatmap(lambda machine: machine.new_customers())
CHANGES = st.runner().flatmap(lambda machine: machine.customer_changes())
_MAKING = (Quirk.A08_MOBILE_CHECKED_ON_CREATE, Quirk.A11_COMPARISON)
_CHANGING = (Quirk.A13_CLEARING, Quirk.A23_PARTIAL_ADDRESS, *_MAKING)
_FINDING = (Quirk.A10_SEVERAL_MATCH, Quirk.A11_COMPARISON)
KEYS = ("email", "mobile", "name and phone", "reference id", "other reference id")
_A23 = Quirk.A23_PARTIAL_ADDRESS
_REFUSED = object()


class CustomerRules(Operations):
    """What a client does, in any order."""

    refusal: Exception | None = None
    """With what the last operation was refused."""

    # --- making

    @initialize(target=customers, bodies=st.lists(NEW, max_size=6))
    def start_with(self, bodies: list[dict[str, Any]]) -> MultipleResults[int]:
        """So many that there are pages, and that some have an email, a name or a reference id in common."""
        made = [self._create(fields) for fields in bodies]
        return multiple(*(one for one in made if one is not None))

    @rule(target=customers, fields=NEW)
    def create_customer(self, fields: dict[str, Any]) -> int | MultipleResults[int]:
        """C09, C10, C14, C15, C20."""
        made = self._create(fields)
        return multiple() if made is None else made

    def _create(self, fields: dict[str, Any]) -> int | None:
        if self.target.mark and "tags" in self.fields:
            fields = {"tags": [], **fields}
        fields = marked(fields, self.target.mark)
        state = new_state(fields)
        clashes = [choices for choices in self._ways(*_MAKING) if self.model.clashes(None, state, choices)]
        made = self.attempt(f"create({fields})", lambda: self.create(fields))
        self._must_refuse(
            clashes, _MAKING, f"create of {fields}", Quirk.C14_MOBILE_IS_UNIQUE, self._sharing(state)
        )
        if made is _REFUSED:
            return None
        customer_id = id_of(made)
        if not isinstance(customer_id, int) or customer_id in self.model.past:
            raise self.witness.contradiction(
                Quirk.C15_CREATED_WITH_LOCATION, f"create has returned {made!r}, not the id of a new customer"
            )
        self.model.put(customer_id, state)
        seen = self.api.read(customer_id)
        if seen is None:
            what = f"customer {customer_id} was just created, but is not there"
            raise self.witness.contradiction(Quirk.C20_CREATED_IS_FOUND_AT_ONCE, what, [customer_id])
        self.compare(seen, customer_id, lambda _: Quirk.C10_FIELDS_ON_CREATE)
        return customer_id

    def _sharing(self, state: State) -> Quirk:
        """What is contradicted where a customer is refused although nothing is wrong with it."""
        reference_id = state["reference_ids"][OWN]
        if reference_id and self.model.by_reference_id(OWN, reference_id):
            return Quirk.C02_REFERENCE_FILTER_IS_A_LIST
        return Quirk.C09_CONTACT_REQUIRED

    # --- reading and looking up

    @rule(customer=customers)
    def read_customer(self, customer: int) -> None:
        """C03, C07, C08, C11."""
        self.doing(f"read({customer})")
        self._compare_or_absent(self.read(customer), customer)

    @rule(
        customer=customers,
        keys=st.lists(st.sampled_from(KEYS), min_size=1, unique=True),
        former=st.booleans(),
        swaps_case=st.booleans(),
    )
    def look_up(self, customer: int, keys: list[str], *, former: bool, swaps_case: bool) -> None:
        """C02, C04 to C06, C11, A10, A11: by what the customer has, or had before it was changed last.

        A key that it has not is passed over. `swaps_case` is for the email, where case does not count (A11).
        """
        past = self.model.past[customer]
        state = past[max(len(past) - 2, 0)] if former else past[-1]
        for key in keys:
            values = lookup_values(state, key)
            if all(values):
                swaps = swaps_case and key == "email" and values[0].isascii()
                _LOOK_UPS[key](self, *([values[0].swapcase()] if swaps else values))

    def _look_up_by_email(self, email: str) -> None:
        self.doing(f"find_by_email({email!r})")
        wanted = self.model.by_email(email)
        as_stored = any(self.model.customers[one]["email"] == email for one in wanted)
        quirk = Quirk.C04_LOOKUP_BY_EMAIL_REDIRECTS if as_stored or not wanted else Quirk.A11_COMPARISON
        self._found(self.find_by_email(email), lambda _: wanted, quirk)

    def _look_up_by_mobile(self, mobile: str) -> None:
        def wanted(choices: Choices) -> list[int]:
            return self.model.by_mobile(mobile, choices[Quirk.A11_COMPARISON])

        self.doing(f"find_by_mobile({mobile!r})")
        self._found(self.find_by_mobile(mobile), wanted, Quirk.C06_LOOKUP_BY_MOBILE_REDIRECTS)

    def _look_up_by_name_and_phone(self, first_name: str, last_name: str, phone: str) -> None:
        def wanted(choices: Choices) -> list[int]:
            return self.model.by_name_and_phone(first_name, last_name, phone, choices[Quirk.A11_COMPARISON])

        self.doing(f"find_by_name_and_phone({first_name!r}, {last_name!r}, {phone!r})")
        found = self.find_by_name_and_phone(first_name, last_name, phone)
        self._found(found, wanted, Quirk.C05_LOOKUP_BY_NAME_AND_PHONE_REDIRECTS)

    def _look_up_by_reference_id(self, reference_id: str) -> None:
        self.doing(f"find_by_reference_id({reference_id!r})")
        found = list(self.find_by_reference_id(reference_id))
        wanted = self.model.by_reference_id(OWN, reference_id)
        foreign = set(map(id_of, found)) & set(self.model.by_reference_id(OTHER, reference_id)) - set(wanted)
        if foreign:
            what = f"{reference_id!r} finds {sorted(foreign)}, to whom only another application has given it"
            raise self.witness.contradiction(Quirk.C11_REFERENCE_ID_IS_PRIVATE, what, foreign)
        self.listed(found, wanted, Quirk.C02_REFERENCE_FILTER_IS_A_LIST)

    @rule()
    def list_customers(self) -> None:
        """C01, C19, A15."""
        if self.lists_are_short():
            self.doing("list_all()")
            found = list(self.list_all())
            mine = [one for one in found if id_of(one) in self.model.past]
            self.listed(mine, sorted(self.model.customers), Quirk.C01_LIST)

    # --- changing

    @rule(customer=customers, fields=CHANGES)
    def change_customer(self, customer: int, fields: dict[str, Any]) -> None:
        """C13, C14, C16 to C18, A13, A23."""
        fields = marked(fields, self.target.mark)
        before = self.model.customers.get(customer)
        if before is None:
            self._refuses_the_gone(customer, fields)
            return
        made = [(choices, changed_state(before, fields, OWN, choices)) for choices in self._ways(*_CHANGING)]
        taken = [one for one, state in made if state is not None and self.model.clashes(customer, state, one)]
        refused = [one for one, state in made if state is None] + taken
        clears = any(state is None for _, state in made)
        changed = self.attempt(f"change({customer}, {fields})", lambda: self.change(customer, fields))
        self._must_refuse(
            refused,
            _CHANGING,
            f"change to {fields}",
            Quirk.A13_CLEARING if clears else Quirk.C14_MOBILE_IS_UNIQUE,
            Quirk.C13_FIELDS_ON_UPDATE,
        )
        if changed is not _REFUSED:
            self._settle(customer, before, fields, changed)

    def _settle(self, customer: int, before: State, fields: Mapping[str, Any], told: Any) -> None:
        """Take over what the server has made of a change, which A23 leaves open."""
        seen = self.api.read(customer)
        states = {name: changed_state(before, fields, OWN, _merging(name)) for name in CHOICES[_A23]}
        fitting = {name for name, state in states.items() if state and addresses_shown(seen, state)}
        if fitting and not self.beliefs.keep(_A23, fitting):
            raise self.witness.contradiction(_A23, f"an address that was sent was {min(fitting)}", [customer])
        state = states[self.beliefs.possible(_A23)[0]]
        assert state is not None, "a refusal was expected"  # noqa: S101 - seen before
        self.model.put(customer, state)
        for shown in (seen, told):
            if shown is not None:
                self.compare(shown, customer, _blame(fields))

    def _refuses_the_gone(self, customer: int, fields: dict[str, Any]) -> None:
        if self.attempt(f"change({customer}, {fields})", lambda: self.change(customer, fields)) is not _REFUSED:
            what = f"customer {customer} was deleted, but can be changed"
            raise self.witness.contradiction(Quirk.C03_GET_BY_ID, what, [customer])

    @precondition(lambda self: self.other_api is not None and "reference_id" in self.fields)
    @rule(customer=customers, reference_id=draws.reference_ids())
    def change_other_reference_id(self, customer: int, reference_id: str) -> None:
        """C11: the own one stays as it was, and so does all the rest."""
        before = self.model.customers.get(customer)
        fields = marked({"reference_id": reference_id}, self.target.mark)
        possible = [
            changed_state(before, fields, OTHER, choices)
            for choices in self._ways(Quirk.A13_CLEARING, _A23)
            if before is not None
        ]
        given = fields["reference_id"]
        done = self.attempt(f"change_as_other({customer}, {given!r})", lambda: self.change_as_other(customer, given))
        if done is _REFUSED:
            if before is not None and None not in possible:
                what = f"another application cannot set its reference id {given!r}"
                raise self.witness.contradiction(Quirk.C11_REFERENCE_ID_IS_PRIVATE, what, [customer])
            return
        state = next((one for one in possible if one is not None), None)
        if state is None:
            raise self.witness.contradiction(Quirk.A13_CLEARING, "clearing is not refused", [customer])
        self.model.put(customer, state)
        assert self.other_api is not None, "the rule's precondition"  # noqa: S101
        for api, application in ((self.other_api, OTHER), (self.api, OWN)):
            self._compare_or_absent(api.read(customer), customer, _blame_other, application)

    @rule(customer=customers)
    def delete_customer(self, customer: int) -> None:
        """C21."""
        there = customer in self.model.customers
        done = self.attempt(f"delete({customer})", lambda: self.delete(customer))
        if there:
            self.api.keep(Quirk.C21_NO_DELETE, {"405" if done is _REFUSED else "204"}, "the answer to DELETE")
        if done is not _REFUSED:
            self.model.customers.pop(customer, None)
        self._compare_or_absent(self.api.read(customer), customer)

    # --- what the rules share

    def doing(self, operation: str) -> None:
        """What a failure from here on says was done."""
        self.witness.operation = operation
        self.witness.exchange = "nothing by the machine itself"

    def attempt(self, operation: str, act: Any) -> Any:
        """What an operation returns, or `_REFUSED`."""
        self.doing(operation)
        self.refusal = None
        try:
            return act()
        except self._refusals as refusal:
            self.refusal = refusal
            return _REFUSED

    def compare(self, shown: Any, customer: int, blame: Blame, application: str = OWN) -> None:
        """What was shown of a customer that is there is what the model has."""
        state = self.model.customers[customer]
        if isinstance(shown, Record):
            self.comparison.record(shown, customer, state, application, blame)
            if shown.at is not None:
                self.comparison.timestamps(shown, shown.at, customer)
        elif isinstance(shown, Item):
            self.comparison.item(shown, customer, state, application, blame)
        else:
            self.comparison.loosely(_fields_of(shown), customer, state, blame)

    def _compare_or_absent(
        self, shown: Any, customer: int, blame: Blame = lambda _: Quirk.C03_GET_BY_ID, application: str = OWN
    ) -> None:
        there = customer in self.model.customers
        if there != (shown is not None):
            what = f"customer {customer} is {'not ' if there else ''}there, but the model says otherwise"
            raise self.witness.contradiction(Quirk.C03_GET_BY_ID, what, [customer])
        if there:
            self.compare(shown, customer, blame, application)

    def listed(self, found: list[Any], wanted: list[int], quirk: Quirk) -> None:
        """The list has these customers, each once, in an order that it can have (A15)."""
        ids = [id_of(one) for one in found]
        if sorted(ids) != wanted:
            missing, more = sorted(set(wanted) - set(ids)), sorted(set(ids) - set(wanted))
            twice = sorted({one for one in ids if ids.count(one) > 1})
            what = f"the list lacks {missing}, has {more} that do not belong to it, and {twice} more than once"
            raise self.witness.contradiction(quirk, what, {*missing, *more, *twice} & self.model.past.keys())
        by_name = sorted(wanted, key=lambda one: (self.model.customers[one]["first_name"].casefold(), one))
        fitting = {name for name, order in (("id", wanted), ("first_name", by_name)) if order == ids}
        self.api.keep(Quirk.A15_ORDER_OF_LISTS, fitting or {"another"}, f"the order {ids}")
        for one in found:
            self.compare(one, id_of(one), lambda _: Quirk.C19_LIST_ITEMS_ARE_ABRIDGED)

    def lists_are_short(self) -> bool:
        """Whether all customers can be listed with a decent number of requests."""
        return self.target.kounta is not None or self.api.pages(self.api.ask("GET", "/customers")) <= self.most_pages

    def _found(self, found: Any, wanted: Any, quirk: Quirk) -> None:
        """A look-up has found one of those that it can have found (A10, A11)."""
        customer = None if found is None else id_of(found)
        expected = [(choices, _picked(wanted(choices), choices)) for choices in self._ways(*_FINDING)]
        if not self.beliefs.keep_combinations([choices for choices, one in expected if one == customer]):
            possible = sorted({str(one) for _, one in expected})
            several = {one for choices, _ in expected for one in wanted(choices)}
            blamed = Quirk.A10_SEVERAL_MATCH if customer in several else quirk
            what = f"found {customer}, but the model has {' or '.join(possible)}"
            raise self.witness.contradiction(blamed, what, several | ({customer} & self.model.past.keys()))
        if customer is not None and not isinstance(found, int):
            self.compare(found, customer, lambda _: Quirk.C03_GET_BY_ID)

    def _must_refuse(
        self, refusing: list[Choices], quirks: tuple[Quirk, ...], what: str, reason: Quirk, otherwise: Quirk
    ) -> None:
        """It was refused where it must be, for this reason, and only there; what that says of the choices is kept."""
        refused = self.refusal is not None
        fitting = [choices for choices in self._ways(*quirks) if (choices in refusing) == refused]
        if not fitting and refused:
            raise self.witness.contradiction(otherwise, f"{what} was refused: {self.refusal}")
        if not fitting:
            raise self.witness.contradiction(reason, f"{what} was not refused")
        self.beliefs.keep_combinations(fitting)
        if isinstance(self.refusal, Refused):
            by = Quirk.A07_TAKEN_MOBILE if reason is Quirk.C14_MOBILE_IS_UNIQUE else Quirk.A17_VALIDATION_ERROR
            if reason is Quirk.C14_MOBILE_IS_UNIQUE or "mobile" not in what:  # else either may be the reason
                self.api.keep(by, {str(self.refusal.status)}, "the status of a refusal")

    def _ways(self, *quirks: Quirk) -> list[Choices]:
        return list(self.beliefs.combinations(*quirks))


def id_of(found: Any) -> Any:
    """The id that an operation has returned, by itself or in something."""
    if isinstance(found, Mapping):
        return found["id"]
    return getattr(found, "id", found)


def lookup_values(state: State, key: str) -> tuple[Any, ...]:
    """What a customer is looked up with by one of KEYS; one that is empty or None cannot be asked for (A20)."""
    if key == "name and phone":
        return state["first_name"], state["last_name"], state["phone"]
    if key in ("reference id", "other reference id"):
        return (state["reference_ids"][OWN if key == "reference id" else OTHER],)
    return (state[key],)


_LOOK_UPS: dict[str, Callable[..., None]] = {
    "email": CustomerRules._look_up_by_email,  # noqa: SLF001 - of this module
    "mobile": CustomerRules._look_up_by_mobile,  # noqa: SLF001
    "name and phone": CustomerRules._look_up_by_name_and_phone,  # noqa: SLF001
    "reference id": CustomerRules._look_up_by_reference_id,  # noqa: SLF001
    "other reference id": CustomerRules._look_up_by_reference_id,  # noqa: SLF001
}


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


def _merging(name: str) -> Choices:
    return {Quirk.A13_CLEARING: "clears", _A23: name}


def _blame(sent: Iterable[str]) -> Blame:
    """C13 for what was sent, C17 for what was not."""
    names = {*sent} | ({"primary_email_address"} if "email" in sent else set())
    return lambda name: Quirk.C13_FIELDS_ON_UPDATE if name in names else Quirk.C17_PUT_IS_PARTIAL


def _blame_other(name: str) -> Quirk:
    return Quirk.C11_REFERENCE_ID_IS_PRIVATE if name == "reference_id" else Quirk.C17_PUT_IS_PARTIAL
