"""Strategies of the webhook lab's state machine: few values, so that a change often changes nothing."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.webhook_model import MEANT_BY, TOKENS

MODES = st.sampled_from(["immediate", "collect"])
OWNERS = st.sampled_from(list(TOKENS))
CREATED, UPDATED, DELETED = "customers/created", "customers/updated", "customers/deleted"
ADDRESSES: list[dict[str, Any] | None] = [
    None,
    {"address": None, "city": "Farville", "state": None, "postal_code": None, "country": "AU"},
]
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "first_name": st.sampled_from(["Al", "Bo"]),
    "last_name": st.sampled_from(["", "Lee"]),
    "email": st.sampled_from(["al@example.com", "bo@example.com"]),
    "phone": st.sampled_from([None, "02 1"]),
    "mobile": st.sampled_from([None, "04 1", "04 2"]),
    "image": st.sampled_from([None, "x.png"]),
    "tags": st.sampled_from([[], ["a"], ["a", "b"]]),
    "primary_address": st.sampled_from(ADDRESSES),
    "shipping_address": st.sampled_from(ADDRESSES),
    "accepts_marketing": st.booleans(),
    "reference_id": st.sampled_from(["", "R", "S"]),
}
FIELDS = st.fixed_dictionaries({}, optional=VALUES)
FEW_FIELDS = st.sampled_from(list(VALUES)).flatmap(lambda name: st.fixed_dictionaries({name: VALUES[name]}))
REFERENCE = st.fixed_dictionaries({"reference_id": VALUES["reference_id"]})
Listener = tuple[str, str, list[str]]
Start = tuple[list[Listener], list[dict[str, Any]]]
# Application, topic and attributes; half of the webhooks listen to every update.
LISTENERS: st.SearchStrategy[Listener] = st.one_of(
    st.tuples(OWNERS, st.just(UPDATED), st.just([])),
    st.tuples(OWNERS, st.just(UPDATED), st.just([])),
    st.tuples(OWNERS, st.just(UPDATED), st.lists(st.sampled_from(list(MEANT_BY)), max_size=2)),
    st.tuples(OWNERS, st.sampled_from([CREATED, DELETED]), st.just([])),
)
STARTS = st.tuples(st.lists(LISTENERS, min_size=1, max_size=3), st.lists(FIELDS, min_size=1, max_size=2))
FAILS = st.sampled_from([0, 0, 1, 4, 5, 6])
SECONDS = st.sampled_from([1, 59, 60, 61, 240, 300, 1_499, 1_500, 5_399, 5_400, 7_200, 7_200, 86_400])
PICK = st.integers(0, 10**6)
Happening = tuple[str, int, str, dict[str, Any], int]
EVENTS: st.SearchStrategy[Happening] = st.tuples(
    st.sampled_from(["change", "change", "change", "create", "delete", "delete quietly"]),
    PICK,
    OWNERS,
    FIELDS | FEW_FIELDS | REFERENCE,
    FAILS,
)
