"""Customers of a server, with the names of `fakekounta.worlds.handles.customers`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakekounta.core.customers import CUSTOMER, Customer
from fakekounta.remote.calls import Calls
from fakekounta.remote.records import RemoteRecords, refuse_unsendable
from fakekounta.schemas.customers import customer_of
from fakekounta.worlds.handles.errors import refuse_unknown
from fakekounta.worlds.handles.protocols import KountaCustomers

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from fakekounta.settings.keywords import CustomerChanges, NewCustomer


class RemoteCustomers(RemoteRecords[Customer], KountaCustomers):
    """The customers of one company of the server."""

    def __init__(self, calls: Calls, company_id: int) -> None:
        super().__init__(calls, company_id, "customers", "customer", customer_of)

    def add(self, *, announce: bool = False, **fields: Unpack[NewCustomer]) -> Customer:
        refuse_unsendable(fields)
        return self._added(fields, announce=announce)

    def change(self, customer_id: int, *, announce: bool = False, **fields: Unpack[CustomerChanges]) -> Customer:
        refuse_unsendable(fields)
        refuse_unknown(fields, CUSTOMER.sent, "a customer")
        return self._changed(customer_id, fields, announce=announce)
