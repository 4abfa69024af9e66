"""The rules of the model of orders: those of the catalogue, as functions that share no code with the fake."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from fakekounta.catalogue.quirks import Quirk
from fakekounta.stateful.order_sums import MILLIONTH, Sums, half_up, of_line, of_order, to_cent
from fakekounta.stateful.order_values import FIRST, ONE, PATHS, STATUSES, TERMINAL, Line, No, Order, Payment
from fakekounta.stateful.shop import Dish, Shop, exact

_DELAYS = {"2s": 2, "10s": 10}

Sent = Mapping[str, Any]
Choose = Callable[[Quirk], str]


class OrderRules:
    """What becomes of an order by each request, under some choices. Methods raise No."""

    def __init__(self, shop: Shop, follows: Choose) -> None:
        self.shop = shop
        self.follows = follows

    # --- sums ----------------------------------------------------------------------------------------------------

    def sums(self, order: Order) -> Sums:
        """Return total and tax of an order; both are 0 without lines."""
        if not order.lines:
            return Sums(Fraction(), Fraction())
        lines = [of_line(one, self.follows(Quirk.D69_FIXED_VARIATION)) for one in order.lines]
        return of_order(lines, order.factor, order.fixed, self.follows(Quirk.D67_ROUNDING))

    def line_sums(self, line: Line) -> tuple[Fraction, Fraction, Fraction]:
        """Return tax of a unit, total without tax, and tax of a line, as its record shows them."""
        rounding = self.follows(Quirk.D67_ROUNDING)
        total, tax = (to_cent(one, rounding) for one in of_line(line, self.follows(Quirk.D69_FIXED_VARIATION)))
        return to_cent(line.unit_price * line.dish.rate, rounding), total - tax, tax

    def total(self, order: Order) -> Fraction:
        """Return the total with tax."""
        return self.sums(order).total

    # --- orders --------------------------------------------------------------------------------------------------

    def created(self, sent: Sent, now: datetime, taken: Callable[[str], bool]) -> Order:
        """Return the order that a POST makes; `taken` tells whether a sale number was sent before (D51)."""
        delay = _DELAYS.get(self.follows(Quirk.D50_LISTING_DELAY), 0)
        order = replace(self._made(sent, now), listed=now + timedelta(seconds=delay))
        number = sent.get("sale_number")
        if number and self.follows(Quirk.D51_TAKEN_SALE_NUMBER) == "409" and taken(number):
            raise No(Quirk.D51_TAKEN_SALE_NUMBER)
        return order

    def rung_up(self, sent: Sent, now: datetime) -> Order:
        """Return the order that the POS makes: PENDING, and in lists at once."""
        return self._made({"status": "PENDING", **sent}, now)

    def _made(self, sent: Sent, now: datetime) -> Order:
        if sent["site_id"] not in self.shop.sites:
            raise No(Quirk.D55_UNKNOWN_IN_BODY)
        if not sent.get("lines") and self.follows(Quirk.D54_REQUIRED_FIELDS) == "lines_too":
            raise No(Quirk.D54_REQUIRED_FIELDS)
        self._check_customer(sent.get("customer_id"))
        if sent.get("pass_thru_printing") and sent["site_id"] in self.shop.unprinted:
            raise No(Quirk.D40_PASS_THRU_OFFLINE)
        status = sent.get("status") or self.follows(Quirk.D53_STATUS_WHEN_OMITTED)
        if status not in FIRST:
            raise No(Quirk.D28_STATUSES)
        order = Order(
            site=sent["site_id"],
            status=status,
            created=now,
            listed=now,
            notes=sent.get("notes", ""),
            sale_number=sent.get("sale_number", ""),
            customer=sent.get("customer_id"),
            callback=sent.get("callback_uri"),
            locked="PAYMENTS" in sent.get("lock", ()),
            completes=sent.get("complete_when_paid", False),
            **_varied(sent, has_options=False),
        )
        order = replace(order, lines=tuple(self._new_line(one, order.site) for one in sent.get("lines", ())))
        for one in sent.get("payments", ()):
            order = replace(order, payments=(*order.payments, self._payment(order, one)))
        limit = sent.get("price_limit")
        if limit is not None and self.total(order) > exact(limit) and self.follows(Quirk.D60_PRICE_LIMIT) == "refused":
            raise No(Quirk.D60_PRICE_LIMIT)
        self._check_paid(order)
        self._check_stock(order)
        return self._settled(order)

    def changed(self, order: Order, sent: Sent) -> Order:
        """Return the order after a PUT (D29, D30)."""
        if not sent or not self._is_open(order):
            return order
        given = {"customer" if name == "customer_id" else name: one for name, one in sent.items() if name != "status"}
        self._check_customer(sent.get("customer_id"))
        after = replace(order, **given)
        status = sent.get("status") or order.status
        if status not in STATUSES:
            raise No(Quirk.D28_STATUSES)
        if status != order.status and (order.status, status) not in PATHS:
            self._refuse(Quirk.D29_TRANSITIONS)
        elif status != order.status:
            after = replace(after, status=status)
            self._check_paid(after)
            self._check_stock(after)
        return self._settled(after)

    def _refuse(self, quirk: Quirk) -> None:
        """Raise No, unless changes that are not possible are ignored (D56)."""
        if self.follows(Quirk.D56_CHANGE_REFUSED) != "ignored":
            raise No(quirk)

    def _is_open(self, order: Order) -> bool:
        if order.status in TERMINAL:
            self._refuse(Quirk.D56_CHANGE_REFUSED)
        return order.status not in TERMINAL

    def _check_customer(self, number: int | None) -> None:
        if number is not None and number not in self.shop.customers:
            raise No(Quirk.D55_UNKNOWN_IN_BODY)

    def _check_paid(self, order: Order) -> None:
        is_unpaid = order.status == "COMPLETE" and order.paid < self.total(order)
        if is_unpaid and self.follows(Quirk.D57_COMPLETE_WHILE_UNPAID) == "refused":
            raise No(Quirk.D57_COMPLETE_WHILE_UNPAID)

    def _check_stock(self, order: Order) -> None:
        counted = {one.dish.id: one.dish.stock for one in order.lines if one.dish.stock is not None}
        wanted = {dish: sum(one.quantity for one in order.lines if one.dish.id == dish) for dish in counted}
        is_short = any(wanted[dish] > stock for dish, stock in counted.items())
        if is_short and order.status in ("ON_HOLD", "PENDING", "COMPLETE"):
            raise No(Quirk.D35_OUT_OF_STOCK)

    def _settled(self, order: Order) -> Order:
        """Return the order, COMPLETE if it completes by being paid (D58, M23)."""
        if order.status in TERMINAL or not order.payments or order.paid < self.total(order):
            return order
        waits = order.status == "SUBMITTED" and self.follows(Quirk.D58_COMPLETE_WHEN_PAID) == "past_submitted"
        if order.completes:
            return order if waits else replace(order, status="COMPLETE")
        return replace(order, status="COMPLETE") if self.follows(Quirk.M23_FULLY_PAID) == "complete" else order

    # --- lines ---------------------------------------------------------------------------------------------------

    def with_line(self, order: Order, sent: Sent) -> Order:
        """Return the order with one more line (D32)."""
        if not self._takes_lines(order):
            return order
        line, number = self._new_line(sent, order.site), sent.get("number") or len(order.lines) + 1
        if number > len(order.lines) + 1:
            raise No(Quirk.D32_NEW_LINES)
        return replace(order, lines=(*order.lines[: number - 1], line, *order.lines[number - 1 :]))

    def with_changed_line(self, order: Order, number: int, sent: Sent) -> Order:
        """Return the order with another line at this number (D33)."""
        self._check_number(number, order.lines, Quirk.D33_CHANGED_LINES)
        if not self._takes_lines(order):
            return order
        line = order.lines[number - 1]
        if "product_id" in sent:
            dish = self._dish(sent["product_id"], order.site)
            line = replace(line, dish=dish, base=dish.prices[order.site])
        line = self._filled(line, sent, order.site)
        return replace(order, lines=(*order.lines[: number - 1], line, *order.lines[number:]))

    def without_line(self, order: Order, number: int) -> Order:
        """Return the order without the line at this number (D33)."""
        self._check_number(number, order.lines, Quirk.D33_CHANGED_LINES)
        if not self._takes_lines(order):
            return order
        return replace(order, lines=(*order.lines[: number - 1], *order.lines[number:]))

    def _check_number(self, number: int, there: tuple[Any, ...], quirk: Quirk) -> None:
        if not 1 <= number <= len(there):
            raise No(quirk)

    def _takes_lines(self, order: Order) -> bool:
        if not self._is_open(order):
            return False
        if order.status != "SUBMITTED":
            raise No(Quirk.D34_LINES_UNTIL_ACCEPTED)
        return True

    def _dish(self, number: int, site: int) -> Dish:
        if number not in self.shop.dishes:
            raise No(Quirk.D55_UNKNOWN_IN_BODY)
        if site not in self.shop.dishes[number].prices:
            raise No(Quirk.D36_NOT_AT_SITE)
        return self.shop.dishes[number]

    def _new_line(self, sent: Sent, site: int) -> Line:
        dish = self._dish(sent["product_id"], site)
        return self._filled(Line(dish=dish, base=dish.prices[site]), sent, site)

    def _filled(self, line: Line, sent: Sent, site: int) -> Line:
        if sent.get("modifiers") and sent.get("option_sets"):
            raise No(Quirk.D32_NEW_LINES)
        changes = dict(_varied(sent, has_options=bool(sent.get("option_sets") or line.options)))
        if "quantity" in sent:
            changes["quantity"] = exact(sent["quantity"])
        if "notes" in sent:
            changes["notes"] = sent["notes"]
        if "modifiers" in sent:
            changes["modifiers"] = tuple(sent["modifiers"])
        if "option_sets" in sent:
            changes["options"] = tuple((one["option_set_id"], tuple(one["options"])) for one in sent["option_sets"])
        if "unit_price" in sent:
            changes["base"] = exact(sent["unit_price"])
        elif "unit_price_inc_tax" in sent:
            changes["base"] = half_up(exact(sent["unit_price_inc_tax"]) / (1 + line.dish.rate), MILLIONTH)
        filled = replace(line, **changes)
        return replace(filled, extras=self._extras(filled, site))

    def _extras(self, line: Line, site: int) -> Fraction:
        """Return what modifiers and options add; those taken away subtract nothing (D68)."""
        added = [one for one in line.modifiers if one > 0] + [one for _, some in line.options for one in some]
        prices = sum((self._dish(one, site).prices[site] for one in added), Fraction())
        return prices if self.follows(Quirk.D68_PRICE_OF_MODIFIER) == "added" else Fraction()

    # --- payments ------------------------------------------------------------------------------------------------

    def paid(self, order: Order, sent: Sent) -> Order:
        """Return the order with one more payment by the API (M01)."""
        payment = self._payment(order, sent)
        if order.status in TERMINAL and self.follows(Quirk.M20_PAYMENT_ON_TERMINAL) == "refused":
            raise No(Quirk.M20_PAYMENT_ON_TERMINAL)
        if order.locked and self.follows(Quirk.D59_LOCK) == "refused":
            raise No(Quirk.D59_LOCK)
        is_known = any(payment.ref and one.ref == payment.ref for one in order.payments)
        if is_known and self.follows(Quirk.M22_SAME_REF) == "409":
            raise No(Quirk.M22_SAME_REF)
        return self._settled(replace(order, payments=(*order.payments, payment)))

    def _payment(self, order: Order, sent: Sent) -> Payment:
        if sent["method_id"] not in self.shop.methods:
            raise No(Quirk.D55_UNKNOWN_IN_BODY)
        amount, is_open = exact(sent["amount"]), max(self.total(order) - order.paid, Fraction())
        choice = self.follows(Quirk.M21_PAID_TOO_MUCH)
        if amount > is_open and amount > 0 and choice == "refused":
            raise No(Quirk.M21_PAID_TOO_MUCH)
        if amount > is_open and amount > 0 and choice == "capped":
            amount = is_open
        tip = exact(sent.get("tip", 0))
        return Payment(method=sent["method_id"], amount=amount, tip=tip, ref=sent.get("ref", ""))

    def with_changed_payment(self, order: Order, number: int, sent: Sent) -> Order:
        """Return the order after a PUT of a payment: another tip is another payment, of nothing (M03)."""
        self._check_number(number, order.payments, Quirk.M03_CHANGED_PAYMENT)
        payments = list(order.payments)
        before = payments[number - 1]
        payments[number - 1] = after = replace(before, ref=sent.get("ref", before.ref))
        more = exact(sent["tip"]) - before.tip if "tip" in sent else Fraction()
        if more:
            payments.append(replace(after, amount=Fraction(), tip=more))
        return replace(order, payments=tuple(payments))

    # --- at the POS ----------------------------------------------------------------------------------------------

    def at_pos(self, order: Order, act: str, amount: Any = None) -> Order:
        """Return the order after an act of the POS (D28, D59). Raise No if the POS does not do it."""
        if act in ("accept", "reject"):
            if order.status != "SUBMITTED":
                raise No(Quirk.D28_STATUSES)
            return replace(order, status="ACCEPTED" if act == "accept" else "REJECTED")
        if act == "delete":
            if order.deleted:
                raise No(Quirk.D11_DELETED_ORDERS)
            return replace(order, status="DELETED", deleted=True)
        if order.status in TERMINAL:
            raise No(Quirk.D28_STATUSES)
        is_paid = order.paid >= self.total(order)
        settled = order if act == "complete" and is_paid else self._paid_in_cash(order, amount)
        return replace(settled, status="COMPLETE") if act == "complete" else settled

    def _paid_in_cash(self, order: Order, amount: Any) -> Order:
        if order.locked:
            raise No(Quirk.D59_LOCK)
        due = self.total(order) - order.paid if amount is None else exact(amount)
        payment = Payment(method=self.shop.methods[0], amount=due)
        return self._settled(replace(order, payments=(*order.payments, payment)))


def _varied(sent: Sent, *, has_options: bool) -> dict[str, Any]:
    """Return the price variation that was sent; one of both excludes the other (D13)."""
    names = [name for name in ("price_variation", "price_fixed_variation") if name in sent]
    if len(names) == 2 or (names and has_options):
        raise No(Quirk.D13_PRICE_VARIATIONS)
    if not names:
        return {}
    value = exact(sent[names[0]])
    return {"factor": value, "fixed": None} if names == ["price_variation"] else {"factor": ONE, "fixed": value}
