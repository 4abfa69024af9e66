"""The order, its lines and its payments, each field declared once."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from fakekounta.core.collection import SEEDED_AT
from fakekounta.core.fields import declared
from fakekounta.core.kinds import Amount, Choice, Flag, Moment, Text, Texts, Url, Whole
from fakekounta.core.orders.kinds import Wholes
from fakekounta.core.references import Reference
from fakekounta.core.reprs import fields_given
from fakekounta.core.resources import Nested, Parts, Resource
from fakekounta.process.dataclass import dataclass

STATUSES = ("SUBMITTED", "ACCEPTED", "REJECTED", "ON_HOLD", "PENDING", "COMPLETE", "DELETED")
"""All statuses of an order (D28)."""
SUBMITTED, ACCEPTED, REJECTED, ON_HOLD, PENDING, COMPLETE, DELETED = STATUSES

ZERO, ONE = Decimal(0), Decimal(1)
_SUM = 1e18


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A product, or a payment method, as it was when the order was made."""

    id: int = declared(Whole(1), required=True, example=301)
    name: str = declared(Text(), absent="", example="Flat white")

    __repr__ = fields_given


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTax:
    """A tax of a line; `rate` is a factor, 0.1 for 10 %."""

    id: int = declared(Whole(1), required=True)
    name: str = declared(Text(), absent="")
    rate: Decimal = declared(Amount(0, 10), required=True)

    __repr__ = fields_given


NAMED = Resource("named", Named)
LINE_TAX = Resource("line_tax", LineTax)


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionSet:
    """The options of one option set that were chosen, as ids of products."""

    name: str = declared(Text(), absent="")
    option_set_id: int = declared(Whole(1), required=True)
    options: tuple[int, ...] = declared(Wholes())

    __repr__ = fields_given


OPTION_SET = Resource("option_set", OptionSet)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The course of a meal with which a line is served (D12)."""

    name: str = declared(Text(), absent="")
    ordinal: int = declared(Whole(), absent=0)
    status: str = declared(Text(), absent="")

    __repr__ = fields_given


_COURSE = Resource("course", Course)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A product of an order (D12). Amounts are in the company's currency; `unit_price` is without tax."""

    number: int = declared(Whole(), absent=0)
    """Its position from 1; computed."""
    line_id: str = declared(Text(), absent="")
    """Unique within the order; computed if it is empty."""
    product: Named = declared(Nested(NAMED), required=True)
    quantity: Decimal = declared(Amount(-10_000, 10_000), absent=ONE)
    price_variation: Decimal = declared(Amount(0, 10), absent=ONE)
    price_fixed_variation: Decimal | None = declared(Amount())
    modifiers: tuple[int, ...] = declared(Wholes())
    """The ids of modifiers; a negative one is taken away."""
    notes: str = declared(Text(), absent="")
    unit_price: Decimal = declared(Amount(-1e12, 1e12), absent=ZERO)
    unit_tax: Decimal = declared(Amount(-_SUM, _SUM), absent=ZERO)
    """Computed, as the totals."""
    line_total_ex_tax: Decimal = declared(Amount(-_SUM, _SUM), absent=ZERO)
    line_total_tax: Decimal = declared(Amount(-_SUM, _SUM), absent=ZERO)
    taxes: tuple[LineTax, ...] = declared(Parts(LINE_TAX))
    option_sets: tuple[OptionSet, ...] = declared(Parts(OPTION_SET), shown=False)
    """The options that were chosen; the record has them under `options` of the order (D14)."""
    part_of_option_set: bool = declared(Flag())
    course: Course | None = declared(Nested(_COURSE))
    from_order_id: int | None = declared(Whole(1))
    """The order from which the POS moved the line."""

    __repr__ = fields_given


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment of an order; a negative amount is a refund. `number` is its position from 1."""

    number: int = declared(Whole(), absent=0)
    """Computed."""
    method: Named | None = declared(Nested(NAMED))
    amount: Decimal = declared(Amount(), required=True)
    tip: Decimal = declared(Amount(), absent=ZERO)
    ref: str = declared(Text(), absent="")
    created_at: datetime = declared(Moment(), absent=SEEDED_AT)

    __repr__ = fields_given


ACTS_OF_POS = ("ring_up", "accept", "reject", "pay", "complete", "delete")


@dataclass(frozen=True, slots=True, kw_only=True)
class PosAct:
    """What the POS did to an order, and when."""

    name: str = declared(Choice(ACTS_OF_POS), required=True)
    at: datetime = declared(Moment(), required=True)

    __repr__ = fields_given


LINE = Resource("line", Line)
PAYMENT = Resource("payment", Payment)
_POS_ACT = Resource("pos_act", PosAct)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order of a company. If it has lines, its totals are computed from them; otherwise they are as given."""

    id: int = declared(Whole(1), required=True, in_list=True)
    sale_number: str = declared(Text(), absent="", in_list=True, example="WEB-1001")
    status: str = declared(Choice(STATUSES), absent=SUBMITTED, in_list=True)
    notes: str = declared(Text(), absent="", in_list=True, example="Window seat")
    guests: int | None = declared(Whole(0, 10_000))
    order_type: str = declared(Text(), absent="", in_list=True, example="Dine in")
    total: Decimal = declared(Amount(-_SUM, _SUM), absent=ZERO, in_list=True)
    """With tax, without tips (M04)."""
    total_tax: Decimal = declared(Amount(-_SUM, _SUM), absent=ZERO, in_list=True)
    paid: Decimal = declared(Amount(-_SUM, _SUM), absent=ZERO, in_list=True)
    """The sum of the amounts of the payments; computed if there are any."""
    tips: Decimal = declared(Amount(-_SUM, _SUM), absent=ZERO)
    register_id: int | None = declared(Reference("registers"), in_list=True)
    site_id: int | None = declared(Reference("sites"), in_list=True)
    staff_member_id: int | None = declared(Reference("staff"), in_list="staff_id")
    customer_id: int | None = declared(Whole(1), shown=False)
    lines: tuple[Line, ...] = declared(Parts(LINE))
    price_variation: Decimal = declared(Amount(0, 10), absent=ONE)
    price_fixed_variation: Decimal | None = declared(Amount())
    payments: tuple[Payment, ...] = declared(Parts(PAYMENT), shown=False)
    order_payment_type: str = declared(Text(), absent="")
    callback_uri: str | None = declared(Url())
    client_id: str | None = declared(Text(), shown=False)
    """The application that sent it, which signs the calls of `callback_uri`; None for the company's first."""
    acts: tuple[PosAct, ...] = declared(Parts(_POS_ACT), shown=False)
    """What the POS did to it, the oldest first. No response of the API has them."""
    lock: tuple[str, ...] = declared(Texts())
    placed_at: datetime | None = declared(Moment())
    fulfil_at: datetime | None = declared(Moment())
    group_id: int | None = declared(Whole(1))
    refunded_order_id: int | None = declared(Whole(1), in_list=True)
    deleted: bool = declared(Flag(), in_list=True)
    complete_when_paid: bool = declared(Flag(), shown=False)
    listed_from: datetime | None = declared(Moment(), shown=False)
    """When it appears in lists; None if it did at once (D23)."""
    created_at: datetime = declared(Moment(), absent=SEEDED_AT, in_list=True)
    updated_at: datetime = declared(Moment(), absent=SEEDED_AT, in_list=True)

    __repr__ = fields_given


ORDER = Resource("order", Order)
"""The declared fields of an order (D05, D08)."""


TERMINAL = frozenset((REJECTED, COMPLETE, DELETED))
"""The statuses of orders that no longer change (D28)."""


def is_discounted(order: Order) -> bool:
    """Return whether a price variation makes the order, or one of its lines, cheaper."""
    variations = [(one.price_variation, one.price_fixed_variation) for one in order.lines]
    variations.append((order.price_variation, order.price_fixed_variation))
    return any(factor < 1 or (fixed or ZERO) < 0 for factor, fixed in variations)
