"""Handles: objects for the companies, customers, webhooks, exchanges and faults of the current world."""

from fakekounta.worlds.handles.collections import CollectionHandle
from fakekounta.worlds.handles.companies import CompanyHandle, CompanyHandles
from fakekounta.worlds.handles.customers import Customers
from fakekounta.worlds.handles.errors import Clash
from fakekounta.worlds.handles.faults import Faults, KountaFaults
from fakekounta.worlds.handles.requests import Requests
from fakekounta.worlds.handles.webhooks import Webhooks

__all__ = [
    "Clash",
    "CollectionHandle",
    "CompanyHandle",
    "CompanyHandles",
    "Customers",
    "Faults",
    "KountaFaults",
    "Requests",
    "Webhooks",
]
