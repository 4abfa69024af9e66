"""The collection of a company's orders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.collection import Collection
from fakekounta.core.computed import CompanyView
from fakekounta.core.orders.index import OrderIndex
from fakekounta.core.orders.order import COMPLETE, ORDER, Line, Order
from fakekounta.core.orders.pricing import priced
from fakekounta.core.orders.records import COMPUTED, stored
from fakekounta.core.records import Record


class Orders(Collection[Order]):
    """The orders of a company, by id in ascending order; lists of the API are newest first (D06)."""

    possible_events: ClassVar[tuple[str, ...]] = (*Collection.possible_events, "completed")

    def happened(self, before: Order | None, after: Order | None, changed: Iterable[str]) -> Iterator[str]:
        """Yield the events: of any change (D73), of becoming COMPLETE (D70), of a deletion, which keeps it (D11)."""
        if after is None:
            yield from () if before is None or before.deleted else ("deleted",)
            return
        yield from super().happened(before, after, changed)
        if after.status == COMPLETE and (before is None or before.status != COMPLETE):
            yield "completed"
        if after.deleted and (before is None or not before.deleted):
            yield "deleted"

    def new_index(self) -> OrderIndex:
        """Return an index for the lists of the API."""
        return OrderIndex()

    def finished(self, record: Order, assumptions: Assumptions) -> Order:
        """Return the order with numbers of its lines and payments, and with the sums that follow from these."""
        return priced(numbered(record), assumptions)

    def as_stored(self, record: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return an order of the API with the id of its customer, and with its option sets in its lines."""
        return stored(record)

    def record(self, record: Order, view: CompanyView) -> Record:
        """Return the complete order (D05)."""
        return {**super().record(record, view), "id_str": str(record.id)}

    def item(self, record: Order, view: CompanyView, scopes: Iterable[str] = (), fields: Iterable[str] = ()) -> Record:
        """Return the abridged order of a list (D07)."""
        return {**super().item(record, view, scopes, fields), "id_str": str(record.id)}


def numbered(order: Order) -> Order:
    """Return the order with its lines and payments numbered from 1, each line with an id of its own (D12)."""
    taken = {line.line_id for line in order.lines}
    new_ids = (text for number in range(1, 2 + len(taken) + len(order.lines)) if (text := str(number)) not in taken)
    lines = [_numbered_line(line, at, line.line_id or next(new_ids)) for at, line in enumerate(order.lines, start=1)]
    payments = [replace(one, number=number) for number, one in enumerate(order.payments, start=1)]
    return replace(order, lines=tuple(lines), payments=tuple(payments))


def _numbered_line(line: Line, number: int, line_id: str) -> Line:
    return line if (line.number, line.line_id) == (number, line_id) else replace(line, number=number, line_id=line_id)


ORDERS = Orders(
    plural="orders",
    resource=ORDER,
    first_id=9_214_773_315_223_301,
    many=(Quirk.D01_ALL_ORDERS, Quirk.D06_NEWEST_FIRST, Quirk.D07_ORDER_ITEM),
    one=(Quirk.D05_ORDER_BY_ID,),
    computed=COMPUTED,
    events={
        "completed": Quirk.D70_COMPLETED_TOPIC,
        "deleted": Quirk.D71_DELETED_TOPIC,
        **dict.fromkeys(("created", "updated"), Quirk.D73_OTHER_TOPICS_OF_ORDERS),
    },
    has_own_routes=True,
)
