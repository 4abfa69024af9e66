"""Responses with a page of a list (P01 to P07)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Response, request

from fakekounta.catalogue.quirks import Quirk
from fakekounta.web.answers import json_answer
from fakekounta.web.exchange import Exchange

_NUMBER = re.compile(r"[0-9]+")
_BEYOND_ALL = 10**15


def page_answer(
    exchange: Exchange,
    fetch: Callable[[int, int], tuple[list[Any], int]],
    show: Callable[[Any], Any],
    *,
    size: int | None = None,
    after: Callable[[Any], str | None] = lambda _: None,
) -> Response:
    """Return a page of a list. `fetch(start, stop)` returns items and the total; `show` makes the record of an item.

    `size` is that of the page; without it, the world's (P01). `after` returns the URL of the page after an item, None
    for one with `page=N`.
    """
    if size is None:
        exchange.covers(Quirk.P01_PAGE_SIZE)
        size = exchange.world.page_size
    page = _asked_page(exchange)
    found, total = fetch(page * size, (page + 1) * size)
    pages = -(-total // size) or int(exchange.world.assumptions.choice(Quirk.P06_PAGES_OF_AN_EMPTY_LIST))
    headers = [("X-Pages", str(pages))]  # P02
    exchange.covers(Quirk.T05_LISTS_ARE_BARE_ARRAYS, Quirk.P02_X_PAGES_AND_X_PAGE)
    if page + 1 < pages:
        exchange.covers(Quirk.P03_X_NEXT_PAGE)
        headers.append(("X-Next-Page", after(found[-1]) or exchange.page_url(page + 2)))
    if total and not found:
        exchange.covers(Quirk.P05_BEYOND_THE_END)
    return json_answer([show(item) for item in found], headers=headers)


def _asked_page(exchange: Exchange) -> int:
    """Return the requested page, counted from 0; a text that is not a number is the first page (P05)."""
    parameter = request.args.get("page")
    header = exchange.environ.get("HTTP_X_PAGE", "")
    if parameter is not None:
        exchange.covers(Quirk.P04_PAGE_PARAMETER)
        if header:
            exchange.covers(Quirk.P07_PAGE_PARAMETER_WINS)
        return max(_number(parameter) - 1, 0)
    return _number(header)


def _number(text: str) -> int:
    """Return the number of a text, 0 for any other text."""
    if not _NUMBER.fullmatch(text):
        return 0
    return int(text) if len(text) <= len(str(_BEYOND_ALL)) else _BEYOND_ALL
