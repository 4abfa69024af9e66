"""What a test holds in its hand: companies, customers, webhooks, exchanges, faults of whatever world is there."""

from fakekounta.worlds.handles.customers import CompanyHandle, CompanyHandles, Customers
from fakekounta.worlds.handles.faults import Faults
from fakekounta.worlds.handles.requests import Requests
from fakekounta.worlds.handles.webhooks import Webhooks

__all__ = ["CompanyHandle", "CompanyHandles", "Customers", "Faults", "Requests", "Webhooks"]
