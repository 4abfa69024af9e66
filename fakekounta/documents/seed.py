"""Seed files: customers in JSON (an array) or JSON Lines (one object a line)."""

from __future__ import annotations

import gc
import json
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fakekounta.assumptions import Assumptions
from fakekounta.core.company import empty_store, unique_on_create
from fakekounta.core.customers import Customer
from fakekounta.core.errors import BadField, BadRequest
from fakekounta.core.store import CustomerStore, Held, MobileHeld
from fakekounta.documents.customers import MAX_ID, customer_from
from fakekounta.documents.parsing import parse_json, parse_object

Place = Callable[[int], str]


class SeedError(ValueError):
    """Seed data is wrong; the message is one line that says where and why."""


def read_seed_file(path: str | Path) -> tuple[list[Any], Place]:
    """The documents in a seed file, and a function that names the place of each. Raises SeedError."""
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
        raise SeedError(f"{file}{_line_of_fault(data)}: {_of_file(refusal)}") from None
    return documents


def _line_of_fault(data: bytes) -> str:
    try:
        json.loads(data)
    except json.JSONDecodeError as error:
        return f":{error.lineno}"
    except (ValueError, RecursionError):
        pass  # not a matter of one line
    return ""


def _lines(file: Path, data: bytes) -> tuple[list[Any], Place]:
    documents: list[Any] = []
    numbers: list[int] = []
    with _no_garbage_collection():
        for number, line in enumerate(data.split(b"\n"), start=1):
            if not line or line.isspace():
                continue
            try:
                documents.append(parse_object(line))
            except BadRequest as refusal:
                raise SeedError(f"{file}:{number}: {_of_file(refusal)}") from None
            numbers.append(number)
    return documents, lambda index: f"{file}:{numbers[index]}"


def _of_file(refusal: BadRequest) -> str:
    return refusal.description.replace("The body", "it", 1)


def seeded_store(documents: Sequence[Any], place: Place, client_id: str, assumptions: Assumptions) -> CustomerStore:
    """A store with the customers that the documents describe. Raises SeedError."""
    store = empty_store(assumptions)
    store.keep_ids_from(max((_id_of(document) + 1 for document in documents), default=0))
    with _no_garbage_collection():
        customers = _customers(documents, place, client_id, assumptions, store.next_id)
        try:
            store.add_all(customers, unique_mobile=unique_on_create(assumptions))
        except Held as held:
            raise SeedError(f"{place(held.position)}: {clash(held)}") from None
    return store


def _customers(
    documents: Sequence[Any], place: Place, client_id: str, assumptions: Assumptions, next_id: int
) -> list[Customer]:
    customers: list[Customer] = []
    try:
        for customer_id, document in enumerate(documents, start=next_id):
            customers.append(customer_from(document, client_id, assumptions, customer_id=customer_id))
    except BadField as refusal:
        raise SeedError(f"{place(len(customers))}: {refusal.description}") from None
    return customers


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """A million new objects, none of them garbage, would be searched for garbage again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _id_of(document: Any) -> int:
    """The id in a document if there is a good one; a bad one is refused later, with its place."""
    number = document.get("id") if isinstance(document, Mapping) else None
    return number if type(number) is int and 0 < number <= MAX_ID else 0


def clash(held: Held) -> str:
    if isinstance(held, MobileHeld):
        return f"mobile: is already used by customer {held.customer_id}"
    return f"id: there is a customer {held.customer_id} already"
