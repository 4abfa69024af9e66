"""Read records as the API itself answers them, by id or in a list, as documents of a seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.collection import Collection
from fakekounta.core.customers import ADDRESS, ADDRESSES, CONTACTS
from fakekounta.core.errors import BadField
from fakekounta.core.references import Reference, References
from fakekounta.core.resources import Parts, Shape
from fakekounta.core.values import moment
from fakekounta.schemas.schemas import in_parts

_OTHER_EMAIL, _ID_STR = "primary_email_address", "id_str"
_TIMES = ("created_at", "updated_at")
_READ_ONLY = frozenset((_OTHER_EMAIL, _ID_STR, *_TIMES))


def customer_document(record: Any) -> Any:
    """Return a document of a customer without the keys that only responses have; any other value unchanged.

    Timestamps are dropped, because the API never shows the true ones (C08). Raise BadField if two keys contradict each
    other, or if a key that is dropped has a value that no response has.
    """
    if not isinstance(record, Mapping) or _READ_ONLY.isdisjoint(record):
        return record
    document = {key: value for key, value in record.items() if key not in _READ_ONLY}
    if _OTHER_EMAIL in record and document.setdefault("email", record[_OTHER_EMAIL]) != record[_OTHER_EMAIL]:
        raise BadField(Quirk.A04_EMAIL_KEYS, _OTHER_EMAIL, "contradicts email")
    if _ID_STR in record and record[_ID_STR] != str(record.get("id")):
        raise BadField(Quirk.T14_LONG_IDS_HAVE_ID_STR, _ID_STR, "contradicts id")
    for key in _TIMES:
        if key in record:
            _check_time(key, record[key])
    if not any(document.get(name) for name in CONTACTS) and not {"phone", "mobile"} & record.keys():
        raise BadField(
            Quirk.C19_LIST_ITEMS_ARE_ABRIDGED,
            "email",
            "is empty, and a list item has neither phone nor mobile; take the whole record, by its id",
        )
    return {**document, **{key: _address(document[key]) for key in ADDRESSES if key in document}}


def _check_time(key: str, value: Any) -> None:
    try:
        moment(key, value)
    except ValueError as error:
        raise BadField(Quirk.C08_TIMESTAMPS_ARE_NOW, key, str(error).partition(": ")[2]) from None


def _address(address: Any) -> Any:
    """Return an address without its id; its other form is understood as in requests."""
    if not isinstance(address, Mapping):
        return address
    own = {key: value for key, value in address.items() if key not in ("id", _ID_STR)}
    return in_parts(own) if ADDRESS.fits(own) else own


def record_document(collection: Collection[Any], record: Any, place: str = "") -> Any:
    """Return a document of a record of a collection without the keys that only responses have.

    Counts of other records and computed values are dropped; of a record that is referred to, only the id stays. Raise
    ValueError, with the place of the record, if two keys contradict each other.
    """
    if not isinstance(record, Mapping):
        return record
    try:
        record = collection.as_stored(record)
    except ValueError as error:
        raise ValueError(f"{place}.{error}".lstrip(".")) from None
    if _ID_STR in record and record[_ID_STR] != str(record.get("id")):
        raise ValueError(f"{place}.{_ID_STR}: contradicts id".lstrip("."))
    resource = collection.resource
    fields = {**dict(resource.listed), **dict(resource.shown), **resource.by_name}
    names = {key: field.name for key, field in fields.items()}
    only_shown = {*collection.counts, _ID_STR, *collection.computed} - fields.keys()
    return {
        names.get(key, key): _stored(fields[key].kind, value) if key in fields else value
        for key, value in record.items()
        if key not in only_shown
    }


def _stored(kind: Any, value: Any) -> Any:
    if isinstance(kind, References) and isinstance(value, list):
        return [one["id"] if isinstance(one, Mapping) and "id" in one else one for one in value]
    if isinstance(kind, Parts) and isinstance(value, list):
        return [_part(kind.shape, one) for one in value]
    if not isinstance(value, Mapping):
        return value
    if isinstance(kind, Reference) and "id" in value:
        return value["id"]
    return {key: one for key, one in value.items() if key != _ID_STR}


def _part(shape: Shape, part: Any) -> Any:
    """Return an object of a list with its fields as they are stored."""
    if not isinstance(part, Mapping):
        return part
    kinds = {key: field.kind for key, field in shape.by_name.items()}
    return {key: _stored(kinds.get(key), one) for key, one in part.items() if key != _ID_STR}
