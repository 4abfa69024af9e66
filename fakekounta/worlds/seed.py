"""Seed files: customers in JSON (an array) or JSON Lines (one object a line)."""

from __future__ import annotations

import gc
import json
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.core.company import empty_store, keep_all
from fakekounta.core.customers import Customer
from fakekounta.core.errors import BadField, BadRequest
from fakekounta.core.store import CustomerStore, Held, MobileHeld
from fakekounta.schemas.customers import customer_from
from fakekounta.schemas.parsing import parse_json, parse_object

Place = Callable[[int], str]
Source = tuple[Iterable[Any], Place]
"""Documents, and a function that returns the place of each in its file, for messages."""


class SeedError(ValueError):
    """Signals that seed data is invalid; the message is one line with the position and the reason."""


def read_seed_file(path: str | Path) -> Source:
    """Return the documents in a seed file. Raise SeedError, for JSON Lines while they are read.

    JSON Lines are read one by one: a million documents at once would cost time as well as memory.
    """
    file = Path(path)
    try:
        data = file.read_bytes().removeprefix(BOM_UTF8)
    except OSError as error:
        raise SeedError(f"{file}: cannot be read: {error.strerror}") from None
    if data.lstrip()[:1] == b"[":
        return _array(file, data), lambda index: f"{file}: item {index + 1}"
    return _lines(file, data)


def _array(file: Path, data: bytes) -> list[Any]:
    try:
        documents: list[Any] = parse_json(data)
    except BadRequest as refusal:
        raise SeedError(f"{file}{_line_of_error(data)}: {_of_file(refusal)}") from None
    return documents


def _line_of_error(data: bytes) -> str:
    try:
        json.loads(data)
    except json.JSONDecodeError as error:
        return f":{error.lineno}"
    except (ValueError, RecursionError):
        pass  # the error is not in one line
    return ""


def _lines(file: Path, data: bytes) -> Source:
    numbers: list[int] = []

    def documents() -> Iterator[dict[str, Any]]:
        for number, line in enumerate(data.split(b"\n"), start=1):
            if not line or line.isspace():
                continue
            try:
                document = parse_object(line)
            except BadRequest as refusal:
                raise SeedError(f"{file}:{number}: {_of_file(refusal)}") from None
            numbers.append(number)
            yield document

    return documents(), lambda index: f"{file}:{numbers[index]}"


def _of_file(refusal: BadRequest) -> str:
    return refusal.description.replace("The body", "it", 1)


def seeded_store(sources: Iterable[Source], client_id: str, assumptions: Assumptions) -> CustomerStore:
    """Return a store with the customers that the documents describe. Raise SeedError."""
    store = empty_store(assumptions)
    customers: list[Customer] = []
    with_id: set[int] = set()
    places: list[tuple[int, Place]] = []
    with _no_garbage_collection():
        for documents, place in sources:
            places.append((len(customers), place))
            try:
                for number, document in enumerate(documents, start=len(customers)):
                    customers.append(
                        customer_from(document, client_id, assumptions, customer_id=store.next_id + number)
                    )
                    if "id" in document:
                        with_id.add(number)
            except BadField as refusal:
                raise SeedError(f"{place(len(customers) - places[-1][0])}: {refusal.description}") from None
        _keep(store, _unnumbered_but(customers, with_id), assumptions, places)
    return store


def _unnumbered_but(customers: list[Customer], with_id: set[int]) -> list[Customer]:
    """Return the customers. If the seed gives some an id, the others get id 0, so that the store numbers them."""
    if not with_id:
        return customers
    return [one if number in with_id else replace(one, id=0) for number, one in enumerate(customers)]


def _keep(
    store: CustomerStore, customers: list[Customer], assumptions: Assumptions, places: list[tuple[int, Place]]
) -> None:
    try:
        keep_all(store, customers, assumptions)
    except Held as held:
        start, place = next(one for one in reversed(places) if one[0] <= held.position)
        raise SeedError(f"{place(held.position - start)}: {clash(held)}") from None


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Switch off garbage collection, which would search a million new objects, all in use, again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def clash(held: Held) -> str:
    if isinstance(held, MobileHeld):
        return f"mobile: is already used by customer {held.customer_id}"
    return f"id: there is a customer {held.customer_id} already"
