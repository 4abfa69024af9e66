"""The fields of the bodies with which orders, lines and payments are created and changed (D20, D30, D32, M01)."""

from __future__ import annotations

from fakekounta.core.fields import sent_only
from fakekounta.core.kinds import Amount, Flag, Moment, Text, Texts, Url, Whole
from fakekounta.core.orders.kinds import Wholes
from fakekounta.core.resources import Many, Shape

_VARIATIONS = (sent_only("price_variation", Amount(0, 10)), sent_only("price_fixed_variation", Amount()))
_ABOUT_LINE = (
    sent_only("quantity", Amount(-10_000, 10_000)),
    sent_only("unit_price", Amount(-1e6, 1e6)),
    sent_only("unit_price_inc_tax", Amount(-1e6, 1e6)),
    *_VARIATIONS,
    sent_only("notes", Text()),
    sent_only("modifiers", Wholes()),
    sent_only(
        "option_sets",
        Many(Shape("sent_option_set", (sent_only("option_set_id", Whole(1)), sent_only("options", Wholes())))),
    ),
)
LINE_SENT = Shape("sent_line", (sent_only("product_id", Whole(1)), sent_only("number", Whole(1)), *_ABOUT_LINE))
"""A line of a POST or PUT (D32, D33)."""
PAYMENT_SENT = Shape(
    "sent_payment",
    (
        sent_only("method_id", Whole(1)),
        sent_only("amount", Amount()),
        sent_only("tip", Amount()),
        sent_only("ref", Text()),
        sent_only("credit_card_surcharge", Amount()),
    ),
)
"""A payment of a POST (M01)."""
PAYMENT_CHANGES = Shape("payment_changes", (sent_only("ref", Text()), sent_only("tip", Amount())))
"""What a PUT of a payment may change (M03)."""
NEW_ORDER = Shape(
    "new_order",
    (
        sent_only("site_id", Whole(1)),
        sent_only("lines", Many(LINE_SENT)),
        sent_only("status", Text()),
        sent_only("notes", Text()),
        sent_only("order_type", Text()),
        sent_only("guests", Whole(0, 10_000)),
        sent_only("customer_id", Whole(1)),
        sent_only("sale_number", Text()),
        *_VARIATIONS,
        sent_only("price_limit", Amount()),
        sent_only("payments", Many(PAYMENT_SENT)),
        sent_only("callback_uri", Url()),
        sent_only("complete_when_paid", Flag()),
        sent_only("pass_thru_printing", Flag()),
        sent_only("lock", Texts()),
        sent_only("placed_at", Moment()),
        sent_only("fulfil_at", Moment()),
    ),
)
"""The fields of a POST (D20)."""
ORDER_CHANGES = Shape(
    "order_changes", (sent_only("status", Text()), sent_only("notes", Text()), sent_only("customer_id", Whole(1)))
)
"""What a PUT may change (D30)."""
