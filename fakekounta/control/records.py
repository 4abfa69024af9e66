"""What the control calls of customers and of the collections share: their parameters, a page, the record of a path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from fakekounta.control.calls import CallRefused, current_namespace, in_namespace, number_in_path, parameter_number
from fakekounta.control.companies import COMPANY, company_of_query
from fakekounta.control.described import FLAG, Schema, whole
from fakekounta.worlds.handles import CompanyHandle
from fakekounta.worlds.handles.records import MOST_AT_ONCE

_USUAL = 100
CHANGE: Mapping[str, Schema] = {**COMPANY, "announce": FLAG}
"""The parameters of a call that changes records."""
PAGE: Mapping[str, Schema] = {**COMPANY, "offset": whole(0, 10**12), "limit": whole(1, MOST_AT_ONCE)}
"""The parameters of a call that returns a page of records."""

_Done = TypeVar("_Done")


def page_of_query() -> tuple[int, int]:
    """Return the position of the first record of the page that a query names, and of the first after it."""
    offset = parameter_number("offset", 0)
    return offset, offset + parameter_number("limit", _USUAL)


def of_known(noun: str, number: str, act: Callable[[CompanyHandle, int], _Done]) -> _Done:
    """Return the result of `act` for the company of the query and the id in the path.

    If `act` raises KeyError, because there is no such record, raise CallRefused with 404 and the record's noun.
    """
    company = company_of_query(current_namespace())
    try:
        return in_namespace(lambda here: act(company_of_query(here), number_in_path(number) or 0))
    except KeyError:
        raise CallRefused(f"company {company.id} has no {noun} with this id", 404) from None
