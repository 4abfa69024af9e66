"""Tests of the store: it behaves like a list of customers that is searched completely."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from fakekounta import Customer
from fakekounta.core.index import Index
from fakekounta.core.indexes import Keying, as_stored, digits
from fakekounta.core.store import FIRST_ID, CustomerStore, Held, MobileHeld, Stale
from tests.naive_store import NaiveStore
from tests.shares import examples

# Few values, so that many customers share them; some are equal under one comparison only.
NAMES = ("al", "Al", "Bo", "\u00e9")
LAST_NAMES = ("", "Smith")
EMAILS = (None, "a@example.com", "A@example.com", "b@example.com", "\u00df@example.com", "SS@example.com")
NUMBERS = (None, "04 1", "041", "0-41", "none", "nil")
OWNERS = ("app", "other")
REFERENCES = ("R", "r", "S")
GIVEN_IDS = (0, 0, 0, 1, 2, FIRST_ID, FIRST_ID + 1, FIRST_ID + 5)

CHANGED_FIELDS = st.sampled_from(["first_name", "email", "phone", "mobile", "reference_ids"])
SLICES = ((0, 0), (0, 1), (0, 2), (1, 2), (2, 4), (0, 99), (99, 124), (10**15, 10**15 + 25))

drafts = st.builds(
    Customer,
    id=st.sampled_from(GIVEN_IDS),
    first_name=st.sampled_from(NAMES),
    last_name=st.sampled_from(LAST_NAMES),
    email=st.sampled_from(EMAILS),
    phone=st.sampled_from(NUMBERS),
    mobile=st.sampled_from(NUMBERS),
    reference_ids=st.dictionaries(st.sampled_from(OWNERS), st.sampled_from(REFERENCES)).map(
        lambda pairs: tuple(pairs.items())
    ),
)


# The same two values in another spelling.
KEYS: dict[Callable[[str], str], Callable[[str], str]] = {
    as_stored: str,
    digits: lambda number: re.sub("[^0-9]", "", number) or number,
}

Pair = tuple[CustomerStore, NaiveStore]
Kept = MultipleResults[Customer] | Customer


class StoreMachine(RuleBasedStateMachine):
    """A store and copies of it, with a naive store for each; after each step all look-ups must agree."""

    pairs: Bundle[Pair] = Bundle("pairs")
    seen: Bundle[Customer] = Bundle("seen")  # also outdated ones, of every store

    def __init__(self) -> None:
        super().__init__()
        self.known: list[Pair] = []

    @initialize(
        target=pairs,
        number_key=st.sampled_from([as_stored, digits]),
        order=st.sampled_from(["id", "first_name", "newest_first"]),
    )
    def begin(self, number_key: Callable[[str], str], order: str) -> Pair:
        store = CustomerStore(Keying(number_key, order))
        self.known.append((store, NaiveStore(KEYS[number_key], order=order)))
        return self.known[-1]

    @rule(target=seen, pair=pairs, batch=st.lists(drafts, max_size=4), unique=st.booleans())
    def add_all(self, pair: Pair, batch: list[Customer], unique: bool) -> Kept:
        store, naive = pair
        clash = naive.clash(batch, unique_mobile=unique)
        if clash is None:
            kept = store.add_all(batch, unique_mobile=unique)
            naive.add_all(batch, kept)
            return multiple(*kept)
        with pytest.raises(clash.kind) as caught:
            store.add_all(batch, unique_mobile=unique)
        assert caught.value.position == clash.position
        assert clash.holder in (None, caught.value.customer_id)
        return multiple()

    @rule(target=seen, pair=pairs, draft=drafts)
    def add(self, pair: Pair, draft: Customer) -> Kept:
        store, naive = pair
        if naive.clash([draft], unique_mobile=False):
            return multiple()
        kept = store.add(draft, unique_mobile=False)
        naive.add_all([draft], [kept])
        return kept

    @rule(target=seen, pair=pairs, before=seen, draft=drafts, names=st.sets(CHANGED_FIELDS))
    def change(self, pair: Pair, before: Customer, draft: Customer, names: set[str]) -> Kept:
        store, naive = pair
        after = replace(before, **{name: getattr(draft, name) for name in names})
        if not any(one is before for one in naive.customers):
            with pytest.raises(Stale):
                store.change(before, after)
            return multiple()
        holders = naive.holders(after, but_for=before.id) if after.mobile != before.mobile else []
        if holders:
            with pytest.raises(MobileHeld) as caught:
                store.change(before, after)
            assert caught.value.customer_id == holders[0]
            return multiple()
        store.change(before, after)
        naive.change(before, after)
        return after

    @rule(pair=pairs, customer=consumes(seen))
    def remove(self, pair: Pair, customer: Customer) -> None:
        store, naive = pair
        assert store.remove(customer.id) is naive.remove(customer.id)
        assert store.remove(customer.id) is None

    @rule(pair=pairs, number=st.integers(0, FIRST_ID + 8))
    def keep_ids_from(self, pair: Pair, number: int) -> None:
        store, naive = pair
        store.keep_ids_from(number)
        naive.next_id = max(naive.next_id, number)

    @rule(
        target=pairs,
        pair=pairs,
        number_key=st.sampled_from([as_stored, digits]),
        order=st.sampled_from(["id", "first_name", "newest_first"]),
    )
    def under(self, pair: Pair, number_key: Callable[[str], str], order: str) -> MultipleResults[Pair] | Pair:
        """Make another view of the same customers, which shares all changes."""
        if len(self.known) == 3:
            return multiple()
        store, naive = pair
        view = naive.under(KEYS[number_key], order=order)
        self.known.append((store.under(Keying(number_key, order)), view))
        return self.known[-1]

    @rule(target=pairs, pair=pairs)
    def copy(self, pair: Pair) -> MultipleResults[Pair] | Pair:
        if len(self.known) == 3:
            return multiple()
        store, naive = pair
        self.known.append((store.copy(), naive.copy()))
        return self.known[-1]

    @invariant()
    def all_customers_agree(self) -> None:
        for store, naive in self.known:
            everyone = naive.in_order()
            assert store.all() == everyone
            assert len(store) == len(everyone)
            assert store.next_id == naive.next_id
            for customer in everyone:
                assert store.get(customer.id) is customer
            for number in (0, -1, naive.next_id):
                assert store.get(number) is None

    @invariant()
    def all_lookups_agree(self) -> None:
        for store, naive in self.known:
            for email in EMAILS[1:]:
                assert store.by_email(email or "") == naive.ends(naive.by_email(email or ""))
            for number in NUMBERS[1:]:
                assert store.by_mobile(number or "") == naive.ends(naive.by_mobile(number or ""))
            for first_name in NAMES:
                for last_name in LAST_NAMES:
                    for phone in NUMBERS[1:4]:
                        found = naive.by_name_and_phone(first_name, last_name, phone or "")
                        assert store.by_name_and_phone(first_name, last_name, phone or "") == naive.ends(found)

    @invariant()
    def all_pages_agree(self) -> None:
        for store, naive in self.known:
            everyone = naive.in_order()
            for start, stop in SLICES:
                assert store.page(start, stop) == (everyone[start:stop], len(everyone))

    @invariant()
    def all_pages_of_references_agree(self) -> None:
        for store, naive in self.known:
            for owner in (*OWNERS, "nobody"):
                for reference in (*REFERENCES, ""):
                    found = naive.by_reference(owner, reference)
                    for start, stop in SLICES:
                        assert store.page_by_reference(owner, reference, start, stop) == (found[start:stop], len(found))


# Many steps for each example: an index goes wrong only after several changes of the same few customers.
# No deadline: so many steps take long on a busy machine, which says nothing about the store.
StoreMachine.TestCase.settings = settings(max_examples=examples(50), stateful_step_count=50, deadline=None)
TestStoreAgainstANaiveOne = StoreMachine.TestCase
TestStoreAgainstANaiveOne.__doc__ = "A store and its copies return the same as a searched list, after any operations."


def test_no_id_is_given_twice() -> None:
    """Ids count up from the first, above explicitly given ones, whatever is removed meanwhile."""
    store = CustomerStore()
    ids = []
    for given in (0, 0, FIRST_ID + 10, 5, 0):
        customer = store.add(Customer(id=given, first_name="Al", phone="1"), unique_mobile=True)
        ids.append(customer.id)
        assert store.remove(customer.id) is customer
    assert ids == [FIRST_ID, FIRST_ID + 1, FIRST_ID + 10, 5, FIRST_ID + 11]
    assert store.next_id == FIRST_ID + 12


@pytest.mark.parametrize("culprit", [{"id": 7}, {"mobile": "1"}], ids=str)
def test_a_refused_batch_changes_nothing(culprit: dict[str, Any]) -> None:
    """If the last of several customers is refused, none is stored or indexed, and no id is used."""
    store = CustomerStore()
    first = store.add(Customer(id=7, first_name="Al", mobile="1"), unique_mobile=True)
    draft = Customer(id=0, first_name="Bo", email="b@example.com", phone="2", reference_ids=(("app", "R"),))
    with pytest.raises(Held) as caught:
        store.add_all([draft, draft, replace(draft, **culprit)], unique_mobile=True)
    assert (caught.value.position, caught.value.customer_id) == (2, 7)
    assert (store.all(), store.next_id) == ([first], FIRST_ID)
    assert (store.by_email("b@example.com"), store.by_name_and_phone("Bo", "", "2")) == ((), ())
    assert store.page_by_reference("app", "R", 0, 25) == ([], 0)


def test_an_index_discards_only_the_given_pair() -> None:
    """Discarding an id without this key, or the key None, changes nothing."""
    index = Index()
    index.extend(["a", "b", "b", None], [1, 2, 3, 4])
    index.extend(["d", None], [5, 6])  # all are new, which takes another path
    for key, number in (("a", 2), ("b", 1), ("c", 1), (None, 4)):
        index.discard(key, number)
    assert (list(index.ids("a")), list(index.ids("b")), list(index.ids(None))) == ([1], [2, 3], [])


@pytest.mark.parametrize("order", ["id", "first_name", "newest_first"])
def test_a_changed_customer_is_found_by_its_new_keys_only(order: str) -> None:
    """A change moves the customer in the list and in each index whose key changed, and leaves the others."""
    store = CustomerStore(Keying(as_stored, order))
    draft = Customer(
        id=0, first_name="Bo", last_name="A", email="b@example.com", phone="1", reference_ids=(("app", "R"),)
    )
    store.add(replace(draft, id=1), unique_mobile=False)
    before = store.add(replace(draft, id=2), unique_mobile=False)
    after = replace(before, first_name="Al", phone="2", reference_ids=(("app", "S"),))
    store.change(before, after)
    assert store.by_name_and_phone("Bo", "A", "1")[-1].id == 1
    assert store.by_name_and_phone("Al", "A", "2") == (after, after)
    assert store.by_email("b@example.com")[-1] is after
    assert [store.page_by_reference("app", one, 0, 9)[1] for one in "RS"] == [1, 1]
    assert [one.id for one in store.all()] == ([1, 2] if order == "id" else [2, 1])
