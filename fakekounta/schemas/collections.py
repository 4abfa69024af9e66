"""Read the records of a collection from documents: seed files, the state, the control surface, and keywords."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from fakekounta.core.collection import Collection
from fakekounta.schemas.customers import MAX_ID

_T = TypeVar("_T")


def record_from(
    collection: Collection[_T], document: Any, place: str = "", *, now: datetime | None = None, max_id: int = MAX_ID
) -> _T:
    """Return the record that a document describes, with the id 0 if it gives none.

    It is created `now`, unless the document says when. Raise ValueError that names the field below `place`.
    """
    _refuse_no_object(collection, document, place)
    values = collection.resource.values_in(place, document, optional=("id",))
    if values.setdefault("id", 0) > max_id:
        raise ValueError(f"{place}.id".lstrip(".") + f": must be a whole number from 1 to {max_id}")
    stamps = {} if now is None else collection.stamps(now, created=True)
    given = {name for name in stamps if document.get(name) is not None}
    return collection.resource.cls(**{**values, **{name: at for name, at in stamps.items() if name not in given}})


def changes_from(collection: Collection[Any], document: Any) -> dict[str, Any]:
    """Return the values that a document changes, by field. Raise ValueError that names the field."""
    _refuse_no_object(collection, document, "")
    changeable = collection.resource.by_name.keys() - {"id"}
    for name in document:
        if name not in changeable:
            raise ValueError(f"{name}: cannot be changed; known are {', '.join(sorted(changeable))}")
    return collection.resource.values_in("", document, optional=collection.resource.by_name)


def _refuse_no_object(collection: Collection[Any], document: Any, place: str) -> None:
    if not isinstance(document, Mapping):
        raise ValueError(f"{place or collection.noun}: must be an object")  # noqa: TRY004 - as all wrong documents
