"""What the API's OpenAPI document says about orders, their lines and their payments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.core.errors import BadField, Conflict, UnknownInBody
from fakekounta.core.kinds import Kind, Whole
from fakekounta.core.orders.bodies import LINE_SENT, NEW_ORDER, ORDER_CHANGES, PAYMENT_CHANGES, PAYMENT_SENT
from fakekounta.core.orders.index import FILTERS
from fakekounta.core.orders.order import LINE, STATUSES
from fakekounta.core.orders.pos import PAID
from fakekounta.core.orders.statuses import FIRST
from fakekounta.core.resources import Many, Shape
from fakekounta.openapi.collections import record_schema
from fakekounta.openapi.kinds import closed, or_null
from fakekounta.openapi.operation import Operation, Refusals
from fakekounta.openapi.paths import Document, array_of, ref
from fakekounta.openapi.taken import taken
from fakekounta.web.order_paths import QUERY
from fakekounta.web.orders import SCOPE_NAMES, responds_with_order, shows_whole_orders

_JSON = "application/json"
_BAD_BODY: Refusals = (400, 413, BadField, UnknownInBody, Conflict)
_LIST = Operation(query=(*QUERY, "page"), answers={200: "OrderPage"}, refusals=(BadField,))


def _writing(body: str, status: int, answer: str) -> Operation:
    return Operation(bodies=((_JSON, body),), answers={status: answer}, refusals=_BAD_BODY)


_KINDS = ("", "filtered_", "pending_accounts_")
OPERATIONS: Mapping[str, Operation] = {
    "orders.list_orders": _LIST,
    **{f"orders.list_{one.replace('/', '_')}_orders": _LIST for one in FILTERS},
    **{f"orders.list_{kind}orders_of_{name}": _LIST for name in SCOPE_NAMES.values() for kind in _KINDS},
    "orders.get_order": Operation(answers={200: "Order"}),
    "orders.get_order_by_sale_number": Operation(answers={200: "Order"}),
    "orders.create_order": _writing("NewOrder", 201, "OrderCreated"),
    "orders.change_order": _writing("OrderChanges", 200, "OrderChanged"),
    "order_parts.list_lines": Operation(query=("page",), answers={200: "LinePage"}),
    "order_parts.create_lines": _writing("NewLines", 201, "Added"),
    "order_parts.change_line": _writing("SentLine", 200, "OrderChanged"),
    "order_parts.delete_line": Operation(answers={204: "Gone"}, refusals=(400, Conflict)),
    "order_parts.create_payment": _writing("NewPayment", 201, "Added"),
    "order_parts.change_payment": _writing("PaymentChanges", 200, "OrderChanged"),
}
UNDESCRIBED = "orders.list_narrowed_orders"
"""The endpoint whose paths OpenAPI cannot describe: several filters, in any order."""
FILTER: Document = {"enum": [one for one in FILTERS if "/" not in one]}
"""The schema of a filter in a path."""
QUERY_DOCS: Mapping[str, str] = {
    **{name: f"Orders of this day, or in these bounds of {name.partition('_')[0]} (D03)." for name in QUERY},
    "start": "The id of the order after which the list begins; in the inventory, of a product (D09, G22).",
}
"""The parameters of queries, with their descriptions."""


def responses(assumptions: Assumptions) -> Iterator[tuple[str, Document | None, tuple[str, ...]]]:
    """Yield name, schema, if there is a body, and headers of each response."""
    yield "LinePage", array_of(ref("schemas", "Line")), ("X-Pages", "X-Next-Page")
    yield "OrderChanged", ref("schemas", "Order") if responds_with_order(assumptions) else None, ()


def schemas(assumptions: Assumptions, order: Document) -> dict[str, Document]:
    """Return the schemas by name; `order` is that of a complete order."""
    whole = {"OrderItem": order} if shows_whole_orders(assumptions) else {}
    line, payment = _body(LINE_SENT), _body(PAYMENT_SENT)
    return {
        **whole,
        "Line": record_schema(LINE),
        "NewOrder": _body(NEW_ORDER, ("site_id",), status={"enum": [*FIRST, None]}),
        "OrderChanges": _body(ORDER_CHANGES, status={"enum": [*STATUSES, None]}),
        "SentLine": line,
        "NewLine": {**line, "required": ["product_id"]},
        "NewLines": {"oneOf": [ref("schemas", "NewLine"), array_of(ref("schemas", "NewLine"))]},
        "NewPayment": {**payment, "required": ["amount"]},
        "PaymentChanges": _body(PAYMENT_CHANGES),
    }


def control_schemas() -> dict[str, Document]:
    """Return the schemas of the bodies of the POS's calls by name."""
    number = or_null(_value(Whole(1)))
    rung_up = _body(NEW_ORDER, ("site_id",), status={"enum": [*FIRST, None]})
    known = {**rung_up["properties"], "register_id": number, "staff_member_id": number}
    paid = {key: or_null(_value(kind)) for key, kind in PAID.items()}
    return {"RungUpOrder": closed(known, known.keys() - {"site_id"}), "OrderPayment": closed(paid, paid)}


CONTROL_BODIES = {"RungUpOrder": {"site_id": 1_640}, "OrderPayment": {}}
"""The examples of these bodies."""


def _body(shape: Shape, required: Iterable[str] = (), **known: Document) -> Document:
    """Return the schema of a body; `known` are stricter schemas of some fields. Further keys are accepted, too."""
    needed = list(required)
    properties = {
        key: known.get(key) or (_value(one.kind) if key in needed else or_null(_value(one.kind)))
        for key, one in shape.sent.items()
    }
    return {"type": "object", "properties": properties, "required": needed}


def _value(kind: Kind) -> Document:
    if isinstance(kind, Many):
        return array_of(_body(kind.shape, _NEEDED.get(kind.shape.name, ())))
    return taken(kind)


_NEEDED = {
    LINE_SENT.name: ("product_id",),
    PAYMENT_SENT.name: ("amount",),
    "sent_option_set": ("option_set_id",),
}
BODIES = {
    "NewOrder": {"site_id": 1_640, "sale_number": "WEB-1001", "notes": "Window seat"},
    "OrderChanges": {"notes": "No sugar"},
    "NewLines": {"product_id": 3_001, "quantity": 2},
    "SentLine": {"quantity": 3},
    "NewPayment": {"method_id": 1_077, "amount": 4.5, "ref": "T-88"},
    "PaymentChanges": {"ref": "T-89"},
}
"""The examples of bodies, by the name of their schema."""
PATHS = {
    "sale_id": "WEB-1001",
    "filter": "complete",
    "line_number": 1,
    "payment_number": 1,
}
"""The examples of parameters of paths."""
