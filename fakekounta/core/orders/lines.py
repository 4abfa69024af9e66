"""The lines of orders: made and changed as pure functions of the sent fields (D12, D13, D32 to D36, D68)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.errors import BadField, NotFound, Unchangeable
from fakekounta.core.orders.collection import numbered
from fakekounta.core.orders.order import ONE, SUBMITTED, ZERO, Line, OptionSet, Order
from fakekounta.core.orders.premises import Premises, unknown_in_body
from fakekounta.core.orders.pricing import ex_tax, priced, rate_of
from fakekounta.core.orders.sent import Sent, amount_of, given_in, stamped
from fakekounta.core.orders.statuses import check_open


def with_lines(order: Order, sent: Sequence[Sent], premises: Premises, *, several: bool) -> Order:
    """Return the order with more lines, each at its `number` or at the end (D32). Raise as `changed_order` does."""
    if not _lines_may_change(order, premises):
        return order
    lines = list(order.lines)
    for at, one in enumerate(sent):
        place = f"{at}." if several else ""
        line = new_line(one, place.rstrip("."), order.site_id, premises)
        number = one.get("number") or len(lines) + 1
        if number > len(lines) + 1:
            raise BadField(Quirk.D32_NEW_LINES, f"{place}number", f"must be at most {len(lines) + 1}")
        lines.insert(number - 1, line)
    return _with(order, lines, premises)


def with_changed_line(order: Order, number: int, sent: Sent, premises: Premises) -> Order:
    """Return the order with one line changed, and moved if another `number` is sent (D33)."""
    before = line_of(order, number)
    if not _lines_may_change(order, premises):
        return order
    after = _changed_line(before, given_in(sent), order.site_id, premises)
    lines = [one for one in order.lines if one is not before]
    place = given_in(sent).get("number", number)
    if place > len(lines) + 1:
        raise BadField(Quirk.D33_CHANGED_LINES, "number", f"must be at most {len(lines) + 1}")
    lines.insert(place - 1, after)
    return _with(order, lines, premises)


def without_line(order: Order, number: int, premises: Premises) -> Order:
    """Return the order without one line; those after it move up (D33)."""
    gone = line_of(order, number)
    if not _lines_may_change(order, premises):
        return order
    return _with(order, [one for one in order.lines if one is not gone], premises)


def line_of(order: Order, number: int) -> Line:
    """Return a line by its number. Raise NotFound."""
    if not 1 <= number <= len(order.lines):
        raise NotFound(Quirk.D33_CHANGED_LINES, f"Not Found: the order has no line {number}")
    return order.lines[number - 1]


def _with(order: Order, lines: Sequence[Line], premises: Premises) -> Order:
    bare = order if lines else replace(order, total=ZERO, total_tax=ZERO)
    return stamped(priced(numbered(replace(bare, lines=tuple(lines))), premises.assumptions), order, premises.now)


def _lines_may_change(order: Order, premises: Premises) -> bool:
    """Return whether lines may change: until the order is accepted (D34). Raise as D56 chooses if it is terminal."""
    if not check_open(order, premises.assumptions):
        return False
    if order.status != SUBMITTED:
        raise Unchangeable(Quirk.D34_LINES_UNTIL_ACCEPTED, f"The lines of an order that is {order.status} are fixed")
    return True


def new_line(sent: Sent, place: str, site_id: int | None, premises: Premises) -> Line:
    """Return a new line. Raise BadField, and UnknownInBody."""
    given, where = given_in(sent), f"{place}." if place else ""
    if "product_id" not in given:
        raise BadField(Quirk.D54_REQUIRED_FIELDS, f"{where}product_id", "is required")
    offer = premises.offer(f"{where}product_id", given["product_id"], site_id)
    line = Line(product=offer.product, unit_price=offer.unit_price, taxes=offer.taxes)
    return _filled(line, given, where, site_id, premises, base=offer.unit_price)


def _changed_line(line: Line, given: Sent, site_id: int | None, premises: Premises) -> Line:
    if "product_id" not in given:
        return _filled(line, given, "", site_id, premises, base=None)
    offer = premises.offer("product_id", given["product_id"], site_id)
    moved = replace(line, product=offer.product, unit_price=offer.unit_price, taxes=offer.taxes)
    return _filled(moved, given, "", site_id, premises, base=offer.unit_price)


def _filled(
    line: Line, given: Sent, where: str, site_id: int | None, premises: Premises, *, base: Decimal | None
) -> Line:
    """Return the line with the sent fields; `base` is the price of the product, None if it keeps its price."""
    modifiers, option_sets = given.get("modifiers"), given.get("option_sets")
    if modifiers and option_sets:
        raise BadField(Quirk.D32_NEW_LINES, f"{where}modifiers", "cannot be given with option_sets")
    filled = replace(
        line,
        quantity=amount_of(given.get("quantity"), line.quantity),
        notes=given.get("notes", line.notes),
        modifiers=line.modifiers if modifiers is None else tuple(modifiers),
        **variations(given, where, is_of_option_sets=bool(option_sets or line.option_sets)),
    )
    if option_sets is not None:
        filled = replace(
            filled, option_sets=_option_sets(filled, option_sets, where, premises), part_of_option_set=bool(option_sets)
        )
    price = _sent_price(filled, given)
    if price is None and base is None and modifiers is None and option_sets is None:
        return filled
    if price is None:
        price = line.unit_price - _extras(line, where, site_id, premises) if base is None else base
    return replace(filled, unit_price=price + _extras(filled, where, site_id, premises))


def _sent_price(line: Line, given: Sent) -> Decimal | None:
    """Return the price without tax that was sent; the one with tax counts only without it (D32)."""
    if "unit_price" in given:
        return amount_of(given["unit_price"])
    if "unit_price_inc_tax" in given:
        return ex_tax(amount_of(given["unit_price_inc_tax"]), rate_of(line))
    return None


def _extras(line: Line, where: str, site_id: int | None, premises: Premises) -> Decimal:
    """Return what modifiers and options add to the price of a line. Raise UnknownInBody."""
    field = f"{where}option_sets" if line.option_sets else f"{where}modifiers"
    for gone in (-one for one in line.modifiers if one <= 0):
        premises.found("products", "product", field, gone)
    numbers = [one for one in line.modifiers if one > 0] + [one for each in line.option_sets for one in each.options]
    prices = sum((premises.offer(field, one, site_id).unit_price for one in numbers), ZERO)
    if not prices or premises.assumptions.choice(Quirk.D68_PRICE_OF_MODIFIER) == "added":
        return prices
    return ZERO


def _option_sets(line: Line, sent: Sequence[Sent], where: str, premises: Premises) -> tuple[OptionSet, ...]:
    """Return the chosen options. Raise BadField, and UnknownInBody for those that the product does not have (D14)."""
    product = premises.shelves["products"].get(line.product.id)
    known = {one.id: one for one in product.option_sets} if product is not None else {}
    chosen = []
    for at, one in enumerate(sent):
        place, number, options = f"{where}option_sets.{at}", one.get("option_set_id"), tuple(one.get("options") or ())
        if number is None:
            raise BadField(Quirk.D32_NEW_LINES, f"{place}.option_set_id", "is required")
        if known and number not in known:
            raise unknown_in_body(f"{place}.option_set_id", f"there is no option set {number}")
        of = known.get(number)
        for option in options:
            if of is not None and option not in of.option_ids:
                raise unknown_in_body(f"{place}.options", f"option set {number} has no product {option}")
        chosen.append(OptionSet(name="" if of is None else of.name, option_set_id=number, options=options))
    return tuple(chosen)


def variations(given: Sent, where: str, *, is_of_option_sets: bool) -> dict[str, Any]:
    """Return the sent price variations. Raise BadField for both at once, and for a line with option sets (D13)."""
    names = [name for name in ("price_variation", "price_fixed_variation") if name in given]
    if len(names) == 2:
        raise BadField(Quirk.D13_PRICE_VARIATIONS, f"{where}price_variation", "cannot be given with the fixed one")
    if names and is_of_option_sets:
        raise BadField(Quirk.D13_PRICE_VARIATIONS, f"{where}{names[0]}", "cannot be given with option_sets")
    if not names:
        return {}
    neither = {"price_variation": ONE, "price_fixed_variation": None}
    return {**neither, names[0]: amount_of(given[names[0]])}
