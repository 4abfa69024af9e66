"""The values of the model of orders: orders, lines and payments, with amounts as fractions."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

from fakekounta.catalogue.quirks import Quirk
from fakekounta.process.dataclass import dataclass
from fakekounta.stateful.shop import Dish

ONE = Fraction(1)
TERMINAL = ("REJECTED", "COMPLETE", "DELETED")
STATUSES = ("SUBMITTED", "ACCEPTED", "REJECTED", "ON_HOLD", "PENDING", "COMPLETE", "DELETED")
FIRST = ("SUBMITTED", "ON_HOLD", "PENDING", "COMPLETE")
PATHS = (
    *(("SUBMITTED", "ACCEPTED"), ("SUBMITTED", "REJECTED"), ("ACCEPTED", "ON_HOLD"), ("ACCEPTED", "PENDING")),
    *(("ON_HOLD", "COMPLETE"), ("PENDING", "COMPLETE")),
)


class No(Exception):
    """Signals that a request must be refused because of a quirk."""

    def __init__(self, quirk: Quirk) -> None:
        super().__init__(quirk.id)
        self.quirk = quirk


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line. `base` is its price without what modifiers and options add."""

    dish: Dish
    base: Fraction
    extras: Fraction = Fraction()
    quantity: Fraction = ONE
    factor: Fraction = ONE
    fixed: Fraction | None = None
    modifiers: tuple[int, ...] = ()
    options: tuple[tuple[int, tuple[int, ...]], ...] = ()
    notes: str = ""

    @property
    def unit_price(self) -> Fraction:
        """The price of one unit without tax."""
        return self.base + self.extras


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment; a negative amount is a refund."""

    method: int
    amount: Fraction
    tip: Fraction = Fraction()
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order as the server must have it. `listed` is the moment from which lists have it (D23)."""

    site: int
    status: str
    created: datetime
    listed: datetime
    lines: tuple[Line, ...] = ()
    payments: tuple[Payment, ...] = ()
    factor: Fraction = ONE
    fixed: Fraction | None = None
    notes: str = ""
    sale_number: str = ""
    customer: int | None = None
    register: int | None = None
    staff: int | None = None
    callback: str | None = None
    locked: bool = False
    completes: bool = False
    deleted: bool = False

    @property
    def paid(self) -> Fraction:
        """The sum of the payments, without tips (M04)."""
        return sum((one.amount for one in self.payments), Fraction())

    @property
    def is_discounted(self) -> bool:
        """Whether a variation makes it, or a line of it, cheaper."""
        variations = [(one.factor, one.fixed) for one in self.lines]
        return any(factor < 1 or (fixed or 0) < 0 for factor, fixed in (*variations, (self.factor, self.fixed)))
