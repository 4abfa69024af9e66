"""What a test holds in its hand: companies, customers, webhooks, exchanges, faults of whatever world is there."""

from fakekounta.handles.customers import CompanyHandle, CompanyHandles, Customers
from fakekounta.handles.faults import Faults
from fakekounta.handles.requests import Requests
from fakekounta.handles.webhooks import Webhooks

__all__ = ["CompanyHandle", "CompanyHandles", "Customers", "Faults", "Requests", "Webhooks"]
