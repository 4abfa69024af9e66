"""The machine of orders: its rules make, change, pay, complete, delete and list orders, and check each result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, MultipleResults, invariant, multiple, rule
from hypothesis.strategies import SearchStrategy

from fakekounta.catalogue.quirks import Quirk
from fakekounta.stateful import order_draws
from fakekounta.stateful.checking import id_of
from fakekounta.stateful.contradiction import Refused
from fakekounta.stateful.order_checking import OrderChecks
from fakekounta.stateful.order_model import SCOPES
from fakekounta.stateful.order_operations import BEGIN
from fakekounta.stateful.order_rules import Sent
from fakekounta.stateful.order_values import Order
from fakekounta.stateful.shop import exact

orders: Bundle[int] = Bundle("orders")

_ACTS = ("accept", "accept", "reject", "pay", "complete", "delete")
_LINE_ACTS: SearchStrategy[tuple[str, int, dict[str, Any]]] = st.one_of(
    st.tuples(st.just("add"), st.just(0), order_draws.NEW_LINES),
    st.tuples(st.just("change"), st.integers(1, 3), order_draws.LINE_CHANGES),
    st.tuples(st.just("remove"), st.integers(1, 3), st.just({})),
)


class OrderMachine(OrderChecks):
    """Makes, reads, changes, pays, completes, deletes and lists orders in any order; compares each result with a model.

    Needs a fake, to which it adds a small shop. Subclass it: replace operations to put your client between the machine
    and the server, and give `TestCase` to pytest or unittest. See `fakekounta.stateful.order_operations`.
    """

    # --- making --------------------------------------------------------------------------------------------------

    @rule(target=orders, drawn=order_draws.NEW_ORDERS, times=st.sampled_from([1, 1, 2]))
    def make_order(self, drawn: dict[str, Any], times: int) -> MultipleResults[int]:
        """Check D20 to D25, D50 to D69: an order by the API, or the same one twice (D24)."""
        sent = self._sendable(drawn, None)
        made = [self._make(f"create({sent})", sent) for _ in range(times)]
        return multiple(*(one for one in made if one is not None))

    def _make(self, what: str, sent: dict[str, Any]) -> int | None:
        def model() -> Order:
            return self.rules_of_orders.created(sent, self.now, self.model.is_taken)

        order = self.tried(what, lambda: self.create_order(sent), model, Quirk.D20_FIELDS_OF_NEW_ORDERS)
        return None if order is None else self.made(order, sent)

    @rule(target=orders, drawn=order_draws.NEW_ORDERS, has_register=st.booleans())
    def ring_up(self, drawn: dict[str, Any], *, has_register: bool) -> MultipleResults[int]:
        """Check D23 and S11: an order by the POS, which lists have at once."""
        register, staff = (self.shop.registers[0], self.shop.staff[0]) if has_register else (None, None)
        sent = self._sendable(drawn, None)
        ids = {"register_id": register, "staff_member_id": staff} if has_register else {}

        def model() -> Order:
            return replace(self.rules_of_orders.rung_up(sent, self.now), register=register, staff=staff)

        act = self._pos(lambda: self.fake.orders.ring_up(**sent, **ids))
        order = self.tried(f"ring_up({sent})", act, model, Quirk.D20_FIELDS_OF_NEW_ORDERS)
        return multiple() if order is None else multiple(self.made(order, sent, is_at_pos=True))

    def _sendable(self, drawn: Mapping[str, Any], number: int | None) -> dict[str, Any]:
        def is_open() -> float:
            order = None if number is None else self.model.orders[number]
            return 1 if order is None else float(self.rules_of_orders.total(order) - order.paid)

        return order_draws.sendable(drawn, self.shop, is_open)

    def _pos(self, act: Callable[[], Any]) -> Callable[[], Any]:
        """Return an act of the POS that raises Refused, without a status, where the POS does not do it."""

        def done() -> Any:
            try:
                return act()
            except ValueError as error:
                raise Refused(0, str(error)) from None

        return done

    # --- changing ------------------------------------------------------------------------------------------------

    @rule(order=orders, changes=st.lists(order_draws.ORDER_CHANGES, min_size=1, max_size=3))
    def send_changes(self, order: int, changes: list[dict[str, Any]]) -> None:
        """Check D28 to D30, D35, D56 to D58, D62."""
        for drawn in changes:
            self._send(order, self._sendable(drawn, order))

    def _send(self, order: int, sent: dict[str, Any]) -> None:
        quirk = Quirk.D29_TRANSITIONS if "status" in sent else Quirk.D30_CHANGED_ORDER
        change = partial(self.rules_of_orders.changed, sent=sent)
        self.changed(order, f"change({sent})", lambda: self.change_order(order, sent), change, quirk)

    @rule(order=orders, acts=st.lists(_LINE_ACTS, min_size=1, max_size=3))
    def change_lines(self, order: int, acts: list[tuple[str, int, dict[str, Any]]]) -> None:
        """Check D12, D13, D32 to D34, D36, D68."""
        for act, line, drawn in acts:
            sent = self._sendable(drawn, order)
            do, model, quirk = self._about_line(act, order, line, sent)
            self.changed(order, f"{act} line {line or ''} {sent}", do, model, quirk)

    def _about_line(self, act: str, order: int, line: int, sent: Sent) -> tuple[Any, Any, Quirk]:
        """Return what a change of a line does, what the model makes of it, and the quirk of the route."""
        api, rules = self.api, self.rules_of_orders
        if act == "add":
            return lambda: api.add_line(order, sent), lambda one: rules.with_line(one, sent), Quirk.D32_NEW_LINES
        if act == "change":
            changed = partial(rules.with_changed_line, number=line, sent=sent)
            return lambda: api.change_line(order, line, sent), changed, Quirk.D33_CHANGED_LINES
        return lambda: api.remove_line(order, line), partial(rules.without_line, number=line), Quirk.D33_CHANGED_LINES

    @rule(order=orders, payments=st.lists(order_draws.PAYMENTS, min_size=1, max_size=2))
    def pay_for_order(self, order: int, payments: list[dict[str, Any]]) -> None:
        """Check M01, M02, M04, M20 to M24, D58, D59."""
        for drawn in payments:
            self._pay(order, self._sendable(drawn, order))
        self.api.ask_for_payments(order)

    def _pay(self, order: int, sent: dict[str, Any]) -> None:
        paid = partial(self.rules_of_orders.paid, sent=sent)
        self.changed(order, f"pay({sent})", lambda: self.pay_order(order, sent), paid, Quirk.M01_NEW_PAYMENT)

    @rule(order=orders, payment=st.integers(1, 2), sent=order_draws.PAYMENT_CHANGES)
    def change_payment(self, order: int, payment: int, sent: dict[str, Any]) -> None:
        """Check M03."""
        self.changed(
            order,
            f"change_payment({payment}, {sent})",
            lambda: self.api.change_payment(order, payment, sent),
            lambda before: self.rules_of_orders.with_changed_payment(before, payment, sent),
            Quirk.M03_CHANGED_PAYMENT,
        )

    @rule(order=orders, acts=st.lists(st.sampled_from(_ACTS), min_size=1, max_size=3))
    def act_at_pos(self, order: int, acts: list[str]) -> None:
        """Check D11, D28, D31, D59, D70 and D71."""
        for act in acts:
            do = self._pos(partial(getattr(self.fake.orders, act), order))
            done = partial(self.rules_of_orders.at_pos, act=act)
            self.changed(order, f"{act} at the POS", do, done, Quirk.D28_STATUSES)

    # --- reading -------------------------------------------------------------------------------------------------

    @rule(order=orders)
    def read_one_order(self, order: int) -> None:
        """Check D04 and D05, and D23: a new order cannot be found by its sale number yet."""
        self.doing(f"read_order({order})")
        shown = self.read_order(order)
        if shown is None:
            raise self.witness.contradiction(Quirk.D05_ORDER_BY_ID, f"order {order} is not there", [order])
        if isinstance(shown, Mapping):
            self.compare(shown, order)
        self._look_up(order)

    def _look_up(self, order: int) -> None:
        sale_number = self.model.orders[order].sale_number
        if not sale_number:
            return
        self.doing(f"find_order({sale_number!r})")
        found = self.find_order(sale_number)
        wanted = self.model.listed(self.now, lambda one: one.sale_number == sale_number)
        if (found if found is None else id_of(found)) != next(iter(wanted), None):
            what = f"{sale_number!r} finds {found if found is None else id_of(found)}, but the model has {wanted}"
            raise self.witness.contradiction(Quirk.D04_SALE_ID, what, wanted)

    @rule(lists=st.lists(order_draws.LISTS, min_size=1, max_size=6), seconds=st.sampled_from([2, 0, 1, 10]))
    def list_some_orders(self, lists: list[tuple[list[str], dict[str, int], int]], seconds: int) -> None:
        """Check D01 to D03, D06 to D08, D50, D61 and K04, some time later: lists have new orders then."""
        self.target.wait(seconds)
        for filters, query, before in lists:
            self._list(filters, query, before)

    def _list(self, filters: list[str], query: dict[str, int], before: int) -> None:
        """Check one list; `before` is how many scopes stand before `orders`."""
        names = [self._filter(one) for one in filters]
        ahead = [one for one in names[:before] if one.partition("/")[0] in SCOPES]
        place = "/".join([*ahead, "orders", *(one for one in names if one not in ahead)])
        bounds = {name: self._bound(name, at) for name, at in query.items()}
        texts = {name: at.isoformat() if name.startswith("created") else str(at) for name, at in bounds.items()}
        self.doing(f"list_orders({place!r}, {texts})")
        found = list(self.list_orders(place, {name: text.replace("+00:00", "Z") for name, text in texts.items()}))
        values = {name: exact(at) if name.startswith("value") else at for name, at in bounds.items()}
        wanted = self.model.listed(self.now, lambda one: self.model.passes(one, names, values))
        self._check_list([id_of(one) for one in found], wanted, names, query)
        for one in found:
            if isinstance(one, Mapping):
                self.compare(one, id_of(one))

    def _filter(self, one: str) -> str:
        scope, _, at = one.partition("/")
        return f"{scope}/{getattr(self.shop, scope)[int(at)]}" if at.isdecimal() else one

    def _bound(self, name: str, at: int) -> Any:
        """Return a bound: a total of an order or near it, or a moment near the beginning."""
        if name.startswith("created"):
            return _BEGIN + timedelta(seconds=at)
        totals = sorted({float(self.rules_of_orders.total(one)) for one in self.model.orders.values()})
        return totals[at % len(totals)] if totals else at

    def _check_list(self, found: list[int], wanted: list[int], names: list[str], query: Mapping[str, Any]) -> None:
        if found == wanted:
            return
        missing, more = sorted(set(wanted) - set(found)), sorted(set(found) - set(wanted))
        what = f"the list is {found}, but the model has {wanted}"
        raise self.witness.contradiction(self._blamed(missing, more, names, query), what, [*missing, *more] or None)

    def _blamed(self, missing: list[int], more: list[int], names: list[str], query: Mapping[str, Any]) -> Quirk:
        """Return the quirk that a wrong list contradicts."""
        if not missing and not more:
            return Quirk.D06_NEWEST_FIRST
        if any(number not in self.model.orders or self.model.orders[number].listed > self.now for number in more):
            return Quirk.D50_LISTING_DELAY
        if any(self.model.orders[number].deleted for number in self._about_deletion(missing, more, names)):
            return Quirk.D61_DELETED_IN_LISTS
        if query and all(self.model.passes(self.model.orders[number], names, {}) for number in more):
            return Quirk.D03_QUERY_FILTERS
        if any(one.startswith("customers/") for one in names):
            return Quirk.K04_CUSTOMER_ORDERS
        return Quirk.D02_PATH_FILTERS if names else Quirk.D01_ALL_ORDERS

    def _about_deletion(self, missing: list[int], more: list[int], names: list[str]) -> list[int]:
        """Return the orders that are wrong in a list because they are deleted, if they are."""
        if "deleted" in names:
            return []
        return more if self._follows(Quirk.D61_DELETED_IN_LISTS) == "only_deleted" else missing

    # --- webhooks ------------------------------------------------------------------------------------------------

    @invariant()
    def events_are_announced(self) -> None:
        """Check D31, D70 and D71: each webhook gets each event, in the order of the changes."""
        made = [(one.webhook.id, one.topic, one.record) for one in self.fake.webhooks.deliveries]
        here = self.shop.sites[0]
        for name, webhook in self.webhooks.items():
            found = [(record.id, record.status) for number, _, record in made if number == webhook]
            topic = f"orders/{name.partition(' ')[0]}"
            events = [(number, status) for one, number, status in self.model.events if one == topic]
            wanted = [one for one in events if " " not in name or self.model.orders[one[0]].site == here]
            self._check_events(found, wanted, Quirk.D71_DELETED_TOPIC if name == "deleted" else _D70)
        calls = [(record.id, record.status) for _, topic, record in made if topic == "callback"]
        wanted = [(number, status) for topic, number, status in self.model.events if topic == "callback"]
        self._check_events(calls, wanted, Quirk.D31_CALLBACK)

    def _check_events(self, found: list[Any], wanted: list[Any], quirk: Quirk) -> None:
        if found != wanted:
            raise self.witness.contradiction(quirk, f"the deliveries are of {found}, but the model has {wanted}")


_BEGIN = datetime.fromisoformat(BEGIN)
_D70 = Quirk.D70_COMPLETED_TOPIC
