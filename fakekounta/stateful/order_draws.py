"""The order machine's strategies: small pools of values, so that lists match and sale numbers repeat.

Ids are drawn as names and positions, because the ids of a fake are known only once a run begins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from fakekounta.stateful.order_model import BOUNDS, MARKS
from fakekounta.stateful.shop import Shop

_UNKNOWN_ID = 99
_HOOK = "https://fakekounta-machine.invalid/hook"
_Body = SearchStrategy[dict[str, Any]]

_DISHES = st.sampled_from(["latte", "latte", "tea", "cake", "cake", "soup"])
_EXTRAS = st.sampled_from([["sugar"], ["sugar", "-sugar"], ["-sugar"], []])
_OPTIONS = st.just([{"option_set_id": 7, "options": ["sugar"]}])
_FACTOR, _FIXED = st.sampled_from([0.9, 1.15, 0, 1]), st.sampled_from([-2, 0.55])
_PLAIN: Mapping[str, Any] = {
    "quantity": st.sampled_from([1, 2, 3, 0.5, -1]),
    "notes": st.sampled_from(["hot", "李娜"]),
}


def _with(required: Mapping[str, Any], **optional: Any) -> _Body:
    return st.fixed_dictionaries(dict(required), optional={**_PLAIN, **optional})


def _lines(required: Mapping[str, Any]) -> _Body:
    """Return a strategy for lines, a few of which are refused."""
    return st.one_of(
        _with(required),
        _with({**required, "unit_price": st.sampled_from([3.335, 0.005, 10])}, price_variation=_FACTOR),
        _with({**required, "unit_price_inc_tax": st.sampled_from([4.44, 10])}),
        _with({**required, "price_fixed_variation": _FIXED}),
        _with({**required, "modifiers": _EXTRAS}, price_variation=_FACTOR),
        _with({**required, "option_sets": _OPTIONS}),
        _with({**required, "modifiers": _EXTRAS, "option_sets": _OPTIONS}),
        _with({**required, "price_variation": _FACTOR, "price_fixed_variation": _FIXED}),
    )


_NEW_LINES = _lines({"product_id": _DISHES})
NEW_LINES = _NEW_LINES | st.fixed_dictionaries({"product_id": _DISHES, "number": st.integers(1, 3)})
LINE_CHANGES = _lines({}) | st.fixed_dictionaries({"product_id": _DISHES})
PAYMENTS: _Body = st.fixed_dictionaries(
    {"method_id": st.integers(0, 1), "amount": st.sampled_from(["open", "open", 1, 2.5, 20, -1])},
    optional={"tip": st.sampled_from([1, 0.05]), "ref": st.sampled_from(["T-88", "T-89"])},
)
PAYMENT_CHANGES: _Body = st.fixed_dictionaries({}, optional={"ref": st.just("T-90"), "tip": st.sampled_from([1, 3])})
_STATUSES = st.sampled_from(["SUBMITTED", "ON_HOLD", "PENDING", "COMPLETE"])
_CUSTOMERS = st.integers(0, 1) | st.none()
_ABOUT: Mapping[str, Any] = {
    "site_id": st.integers(0, 1),
    "customer_id": _CUSTOMERS,
    "sale_number": st.sampled_from(["WEB-1", "WEB-2", ""]),
    "complete_when_paid": st.booleans(),
}
_SOME_LINES = st.lists(_NEW_LINES, min_size=1, max_size=2)
NEW_ORDERS: _Body = st.one_of(
    st.fixed_dictionaries(
        {**_ABOUT, "lines": st.lists(_NEW_LINES, max_size=3)},
        optional={
            "status": _STATUSES,
            "notes": st.sampled_from(["Window seat", "0"]),
            "payments": st.lists(PAYMENTS, min_size=1, max_size=1),
            "callback_uri": st.just(_HOOK),
            "lock": st.sampled_from([["PAYMENTS"], []]),
            "price_limit": st.sampled_from([5, 1_000]),
            "pass_thru_printing": st.booleans(),
        },
    ),
    st.fixed_dictionaries({**_ABOUT, "lines": _SOME_LINES, "price_variation": _FACTOR}),
    st.fixed_dictionaries({**_ABOUT, "lines": _SOME_LINES, "price_fixed_variation": _FIXED}),
)
ORDER_CHANGES: _Body = st.fixed_dictionaries(
    {"status": st.sampled_from(["ACCEPTED", "REJECTED", "ON_HOLD", "PENDING", "COMPLETE", "DELETED"])}
) | st.fixed_dictionaries({}, optional={"notes": st.just("changed"), "customer_id": _CUSTOMERS})
_STATUS_FILTERS = ("submitted", "accepted", "on_hold", "pending", "complete", "rejected", "pending/accounts")
_MARK_FILTERS = tuple(one for one in MARKS if one not in _STATUS_FILTERS)
_SCOPE_FILTERS = ("sites/0", "sites/1", "customers/0", "customers/1", "registers/0", "staff/0")


def _kind(one: str) -> str:
    """Return what two filters of a path cannot have in common."""
    return "status" if one in _STATUS_FILTERS else one.partition("/")[0]


_FILTERS = st.lists(
    st.sampled_from(_SCOPE_FILTERS) | st.sampled_from((*_STATUS_FILTERS, *_MARK_FILTERS)), max_size=2, unique_by=_kind
)
_BOUND_NAMES = st.sampled_from([f"{kind}_{bound}" for kind in ("value", "created") for bound in BOUNDS])
LISTS: SearchStrategy[tuple[list[str], dict[str, int], int]] = st.tuples(
    _FILTERS, st.just({}) | st.dictionaries(_BOUND_NAMES, st.integers(0, 3), max_size=2), st.integers(0, 2)
)
"""A list: the filters of the path, the bounds of the query, and how many scopes stand before `orders`."""


def sendable(drawn: Mapping[str, Any], shop: Shop, is_open: Callable[[], float]) -> dict[str, Any]:
    """Return a drawn body with the ids of a shop, and with what is open as the amount "open"."""
    return {key: _SENT.get(key, _as_it_is)(one, shop, is_open) for key, one in drawn.items()}


def _as_it_is(one: Any, _: Shop, __: Callable[[], float]) -> Any:
    return one


def _several(some: Any, shop: Shop, is_open: Callable[[], float]) -> list[dict[str, Any]]:
    return [sendable(one, shop, is_open) for one in some]


def _dishes(names: Any, shop: Shop, _: Callable[[], float]) -> list[int]:
    numbers = ((shop.names[name.lstrip("-")], name.startswith("-")) for name in names)
    return [-number if is_negative else number for number, is_negative in numbers]


_SENT: Mapping[str, Callable[[Any, Shop, Callable[[], float]], Any]] = {
    "site_id": lambda at, shop, _: shop.sites[at],
    "customer_id": lambda at, shop, _: None if at is None else shop.customers[at],
    "method_id": lambda at, shop, _: shop.methods[at],
    "product_id": lambda name, shop, _: shop.names[name],
    "modifiers": _dishes,
    "options": _dishes,
    "option_sets": _several,
    "lines": _several,
    "payments": _several,
    "amount": lambda one, _, is_open: is_open() if one == "open" else one,
}
