"""Read the pages of a list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from contracts.arranging import precondition
from contracts.target import KountaTarget


def pages(target: KountaTarget, first: httpx.Response) -> Iterator[httpx.Response]:
    """Yield this page of a list and all later ones, each by the X-Next-Page of the one before."""
    answer = first
    yield answer
    while "X-Next-Page" in answer.headers:
        answer = target.get(answer.headers["X-Next-Page"])
        yield answer


def in_list(target: KountaTarget, customer_id: int, headers: Mapping[str, str | None] | None = None) -> dict[str, Any]:
    """Return the customer's item in the list of all customers, which is searched from the last page to the first."""
    headers = headers or {}
    first = target.find_with(headers)
    precondition(first.headers.get("X-Pages", "").isdigit(), "P02", first)
    last = int(first.headers["X-Pages"])
    for page in range(last - 1, -1, -1):
        for item in target.items(target.find_with({**headers, "X-Page": str(page)})):
            if item["id"] == customer_id:
                return dict(item)
    pytest.fail(f"customer {customer_id} is on none of the {last} pages of the list")
