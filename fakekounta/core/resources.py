"""Shapes and resources: all declared fields of an object, and the documents and records made from them."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, Generic, TypeVar

from fakekounta.core.fields import Field, WrongDeclaration, fields_of
from fakekounta.core.kinds import Kind, View
from fakekounta.core.values import known_keys

_T = TypeVar("_T")
_NONE = type(None)
_Display = Callable[[Any], dict[str, Any]]
_Converted = tuple[tuple[str, Callable[[Any], Any]], ...]
_Shown = tuple[tuple[str, Callable[[Any, View], Any]], ...]


class _OfShape(Kind):
    """A value made of objects with declared fields."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape


class Nested(_OfShape):
    """An object with declared fields."""

    sent_as: type = dict
    kept_as: type = dict
    reason = "must be an object"
    annotation = "Mapping[str, Any]"

    def fits(self, sent: Any) -> bool:
        return self.shape.fits(sent)

    def document(self, kept: Any) -> Any:
        return None if kept is None else self.shape.document(kept)

    def read(self, name: str, value: Any) -> Any:
        return self.shape.read_whole(name, value)

    def restored(self, document: Any) -> Any:
        return None if document is None else self.shape.restored(document)

    def shown(self, kept: Any, view: View) -> Any:
        if kept is None:
            return None
        record = self.shape.seen(kept, view)
        return view.with_id_str(record) if "id" in record else record


class Many(_OfShape):
    """A list of objects with declared fields."""

    sent_as: type = list
    kept_as: type = list
    reason = "must be an array of objects"
    annotation = "Sequence[Mapping[str, Any]]"

    def fits(self, sent: Any) -> bool:
        return all(type(one) is dict and self.shape.fits(one) for one in sent)

    def document(self, kept: Any) -> list[Any]:
        return [self.shape.document(one) for one in kept]

    def restored(self, document: Any) -> list[Any]:
        return [self.shape.restored(one) for one in document]


class Parts(_OfShape):
    """A list of objects with declared fields, stored as a tuple of objects of their class."""

    sent_as: type = list
    kept_as: type = tuple
    reason = "must be an array of objects"
    annotation = "Sequence[Mapping[str, Any]]"
    absent: Any = ()

    def read(self, name: str, value: Any) -> Any:
        if not isinstance(value, (list, tuple)):
            raise ValueError(f"{name}: {self.reason}")  # noqa: TRY004 - as all wrong documents
        return tuple(self.shape.read_whole(f"{name}[{index}]", one) for index, one in enumerate(value))

    def document(self, kept: Any) -> Any:
        return None if kept is None else [self.shape.document(one) for one in kept]

    def restored(self, document: Any) -> Any:
        return None if document is None else tuple(self.shape.restored(one) for one in document)

    def shown(self, kept: Any, view: View) -> list[Any]:
        return [self.shape.seen(one, view) for one in kept]


class Shape:
    """The fields of an object in a request.

    Attributes:
        name: The name of the object.
        sent: The fields that a body may have, by key.
        by_name: The fields of the class that stores the object, by name; none if it is stored as it was sent.
        keeps_others: Whether unknown keys are kept, so that rules can check them, instead of ignored.

    """

    def __init__(self, name: str, fields: Iterable[Field], *, keeps_others: bool = False) -> None:
        self.name = name
        self.keeps_others = keeps_others
        self.by_name: Mapping[str, Field] = {}
        self.sent: Mapping[str, Field] = _by_key(name, tuple(fields))
        self._checks = lru_cache(maxsize=256)(self._checks_of)  # the rows of a file have the same keys

    def fits(self, sent: Mapping[str, Any]) -> bool:
        """Return whether all keys are known and all values have the right types, as a quick check.

        If it is False, the marshmallow schema decides: it also accepts a few more values, and gives the reason for a
        refusal.
        """
        checks = self._checks((*sent, *map(type, sent.values())))
        if checks is None:
            return False
        for key, fits in checks:  # noqa: SIM110 - all() with a generator costs a microsecond, and a file has 50,000 rows
            if not fits(sent[key]):
                return False
        return True

    def _checks_of(self, keys_and_types: tuple[Any, ...]) -> tuple[tuple[str, Callable[[Any], bool]], ...] | None:
        """Return the checks of items inside values, for keys (the first half) with values of these types (the rest)."""
        half = len(keys_and_types) // 2
        checks = []
        for key, kind in zip(keys_and_types[:half], keys_and_types[half:], strict=True):
            known = self.sent.get(key)
            if known is None or kind not in (known.kind.sent_as, _NONE):
                return None
            if kind in (list, dict):
                checks.append((key, known.kind.fits))
        return tuple(checks)

    def example(self) -> dict[str, Any]:
        """Return a body with the fields that have an example."""
        return {key: one.example for key, one in self.sent.items() if one.example is not None}

    def document(self, kept: Mapping[str, Any]) -> dict[str, Any]:
        """Return the object as JSON."""
        return dict(kept)

    def restored(self, document: Mapping[str, Any]) -> Any:
        """Return the object of a document that `document` returned."""
        return document

    def read_whole(self, place: str, document: Any) -> Any:
        """Return the object in a document of a test, a seed or a state. Raise ValueError that names the field."""
        if not isinstance(document, Mapping) or not self.fits(document):
            raise ValueError(f"{place}: {Nested.reason} with values of the right types")
        return document

    def seen(self, kept: Any, view: View) -> Any:  # noqa: ARG002 - for subclasses
        """Return the object in a complete record of the API."""
        return dict(kept)


class Resource(Shape, Generic[_T]):
    """The declared fields of a class, and the documents and records made from them.

    Attributes:
        own: The fields of the class.
        shown: The keys of the complete record, each with its field.
        listed: The keys of an abridged list item, each with its field.
        record: A function that makes the complete record of an object, with its stored values.
        item: A function that makes the list item.

    """

    def __init__(self, name: str, cls: type[_T], *, more: Iterable[Field] = ()) -> None:
        """Collect the declarations of a dataclass; `more` are fields that only bodies have. Raises WrongDeclaration."""
        self.cls = cls
        own = fields_of(cls)
        self.own = own
        super().__init__(name, (*(one for one in own if one.settable), *more))
        self.by_name: Mapping[str, Field] = {one.name: one for one in own}
        self.shown: tuple[tuple[str, Field], ...] = _keys(cls.__name__, own, _shown_keys)
        self.listed: tuple[tuple[str, Field], ...] = _keys(
            cls.__name__, own, lambda one: [one.in_list] if one.in_list else []
        )

    # Each is made when it is first needed, because few starts need many
    record: cached_property[_Display] = cached_property(lambda self: _display(self.shown))
    item: cached_property[_Display] = cached_property(lambda self: _display(self.listed))
    _document = cached_property(lambda self: _display([(one.name, one) for one in self.own]))
    _written = cached_property(lambda self: _overridden(self.own, "document"))
    _read = cached_property(lambda self: _overridden(self.own, "restored"))
    _shows = cached_property(lambda self: _shown_otherwise(self.shown, "shown"))
    _lists = cached_property(lambda self: _shown_otherwise(self.listed, "listed"))

    def document(self, kept: _T) -> dict[str, Any]:  # type: ignore[override] # an object of the class, not a mapping
        """Return the JSON document of an object; `restored` is the inverse."""
        document = self._document(kept)
        for name, write in self._written:
            document[name] = write(document[name])
        return document

    def read(self, name: str, document: Mapping[str, Any], fields: Iterable[str]) -> dict[str, Any]:
        """Return these fields of a document, each read by its kind. Raise ValueError as the readers of `values` do."""
        return {one: self.by_name[one].kind.read(f"{name}.{one}", document.get(one)) for one in fields}

    def read_whole(self, place: str, document: Any) -> _T:
        return self.cls(**self.values_in(place, document))

    def values_in(self, place: str, document: Any, *, optional: Container[str] = ()) -> dict[str, Any]:
        """Return the values of the fields in a document, by name. Raise ValueError that names the field.

        null stands for the value of an absent field. `optional` fields that the document lacks are left out.
        """
        known_keys(place, document, self.by_name)
        values: dict[str, Any] = {}
        for name, field in self.by_name.items():
            where = f"{place}.{name}" if place else name
            value = document.get(name)
            if value is not None:
                values[name] = field.kind.read(where, value)
            elif name not in document and name in optional:
                continue
            elif field.required:
                raise ValueError(f"{where}: is required")
            else:
                values[name] = field.absent() if callable(field.absent) else field.absent
        return values

    def seen(self, kept: _T, view: View) -> dict[str, Any]:
        """Return the complete record of the API."""
        record = self.record(kept)
        for key, show in self._shows:
            record[key] = show(record[key], view)
        return record

    def seen_item(self, kept: _T, view: View) -> dict[str, Any]:
        """Return the abridged list item of the API."""
        item = self.item(kept)
        for key, show in self._lists:
            item[key] = show(item[key], view)
        return item

    def restored(self, document: Mapping[str, Any]) -> _T:
        """Return the object of a document that `document` returned. It does not check the rules again."""
        values = dict(document)
        for name, read in self._read:
            values[name] = read(values[name])
        return self.cls(**values)


def _shown_keys(one: Field) -> list[str]:
    if not one.shown:
        return []
    return [one.key] if one.also is None else [one.key, one.also]


def _keys(
    where: str, fields: Iterable[Field], keys_of: Callable[[Field], Iterable[str]]
) -> tuple[tuple[str, Field], ...]:
    found = [(key, one) for one in fields for key in keys_of(one)]
    _refuse_twins(where, [key for key, _ in found])
    return tuple(found)


def _by_key(where: str, fields: Sequence[Field]) -> dict[str, Field]:
    _refuse_twins(where, [one.key for one in fields])
    return {one.key: one for one in fields}


def _refuse_twins(where: str, keys: Sequence[str]) -> None:
    for key in keys:
        if keys.count(key) > 1:
            raise WrongDeclaration(f"{where}: two fields have the key {key!r}")


def _display(keys: Iterable[tuple[str, Field]]) -> _Display:
    """Return a function that makes a dict with these keys from an object, each with the value of its field.

    It is compiled from source, as dataclasses do, so that it is as fast as a dict display in the code.
    """
    pairs = ", ".join(f"{key!r}: one.{field.name}" for key, field in keys)
    return eval(f"lambda one: {{{pairs}}}")  # type: ignore[no-any-return] # noqa: S307 - names of attributes, see above


def _overridden(fields: Iterable[Field], method: str) -> _Converted:
    """Return the names of the fields whose kind overrides a conversion, with that method."""
    return tuple(
        (one.name, getattr(one.kind, method))
        for one in fields
        if getattr(type(one.kind), method) is not getattr(Kind, method)
    )


def _shown_otherwise(keys: Iterable[tuple[str, Field]], method: str) -> _Shown:
    """Return the keys whose values are shown in another form than they are stored, with the method that does it."""
    return tuple((key, getattr(one.kind, method)) for key, one in keys if type(one.kind).shown is not Kind.shown)
