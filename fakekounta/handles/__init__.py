"""What a test holds in its hand: companies, customers and webhooks of whatever world is there at the moment."""

from fakekounta.handles.customers import CompanyHandle, CompanyHandles, Customers
from fakekounta.handles.webhooks import Webhooks

__all__ = ["CompanyHandle", "CompanyHandles", "Customers", "Webhooks"]
