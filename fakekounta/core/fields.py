"""Field declarations: each field of a record is described once, on the line of the class that holds it.

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Customer:
        id: int = declared(Whole(1), required=True, in_list=True)
        last_name: str = declared(Text(), absent="", settable=True, in_list=True, label="Last name")

    CUSTOMER = Resource("customer", Customer)

A `Resource` collects the declarations. Made of them are: the check of bodies (`Shape.fits` here, the marshmallow schema
in `schemas.shapes`), documents out and in (`Resource.document`, `Resource.restored`), records and list items
(`core.records`), the OpenAPI schemas, the Hypothesis strategies, the dashboard's form and the tables of the docs. A
rule that is no matter of one field (a contact is required, a mobile is unique) is code next to the class.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVar

from fakekounta.core.kinds import Kind

_T = TypeVar("_T")
_NONE = type(None)


class WrongDeclaration(TypeError):
    """A declaration is wrong; the message is one sentence that names the class and the field."""


class Nested(Kind):
    """An object with fields of its own."""

    sent_as: type = dict
    kept_as: type = dict
    reason = "must be an object"
    annotation = "Mapping[str, Any]"

    def __init__(self, shape: Shape) -> None:
        self.shape = shape

    def fits(self, sent: Any) -> bool:
        return self.shape.fits(sent)

    def document(self, kept: Any) -> Any:
        return None if kept is None else self.shape.document(kept)

    def restored(self, document: Any) -> Any:
        return None if document is None else self.shape.restored(document)


class Many(Kind):
    """A list of objects with fields of their own, kept as a list."""

    sent_as: type = list
    kept_as: type = list
    reason = "must be an array of objects"
    annotation = "Sequence[Mapping[str, Any]]"

    def __init__(self, shape: Shape) -> None:
        self.shape = shape

    def fits(self, sent: Any) -> bool:
        return all(type(one) is dict and self.shape.fits(one) for one in sent)

    def document(self, kept: Any) -> list[Any]:
        return [self.shape.document(one) for one in kept]

    def restored(self, document: Any) -> list[Any]:
        return [self.shape.restored(one) for one in document]


# --- fields ----------------------------------------------------------------------------------------------------


class Field(NamedTuple):
    """One declared field.

    Attributes:
        name: The attribute of the class, and the key in documents of seed and state.
        kind: What it holds.
        key: The key in bodies and records.
        also: A second key of the record with the same value (A04).
        absent: What is kept where nothing was sent.
        required: Whether the class has no default for it.
        settable: Whether POST and PUT may set it (C10, C13).
        shown: Whether the complete record has it.
        in_list: The key in an abridged list item (C19), None if items lack it.
        nullable: Whether it may be None.
        attribute: The name under which webhooks are filtered by it (W08).
        label: What the dashboard's form calls it; made of the name if nothing is said.
        hint: What the form says beside it.
        example: The value in the example of the OpenAPI document.

    """

    name: str
    kind: Kind
    key: str
    also: str | None = None
    absent: Any = None
    required: bool = False
    settable: bool = False
    shown: bool = True
    in_list: str | None = None
    nullable: bool = True
    attribute: str | None = None
    label: str = ""
    hint: str = ""
    example: Any = None


_DECLARED = "fakekounta"
_KEYWORDS = {*Field._fields} - {"name", "kind", "nullable"}
_UNSET: Any = object()


def declared(kind: Kind, *, absent: Any = _UNSET, required: bool = False, **rest: Any) -> Any:
    """Declare a field of a dataclass; `rest` are attributes of `Field`, where `in_list=True` means the own key."""
    absent = getattr(kind, "absent", None) if absent is _UNSET else absent
    metadata = {_DECLARED: {"kind": kind, "absent": absent, "required": required, **rest}}
    if required:
        return dataclasses.field(metadata=metadata)
    if callable(absent):
        return dataclasses.field(default_factory=absent, metadata=metadata)
    return dataclasses.field(default=absent, metadata=metadata)


def internal(default: Any) -> Any:
    """Declare an attribute of a dataclass that is in no document and no record; `default` may be a function."""
    given = {"default_factory": default} if callable(default) else {"default": default}
    return dataclasses.field(**given, metadata={_DECLARED: None})


def sent_only(name: str, kind: Kind) -> Field:
    """Return a field that bodies have and no class keeps under this name."""
    return _field(name, {"kind": kind, "absent": kind.absent}, name)


def _fields_of(cls: type[Any]) -> tuple[Field, ...]:
    """Return the declared fields of a dataclass. Raises WrongDeclaration for one that is not declared."""
    found = []
    for one in dataclasses.fields(cls):
        place = f"{cls.__name__}.{one.name}"
        if _DECLARED not in one.metadata:
            raise WrongDeclaration(f"{place}: is not declared; write `= declared(Text())`, or another kind")
        if one.metadata[_DECLARED] is None:
            continue
        made = _field(one.name, one.metadata[_DECLARED], place)
        if made.nullable and "None" not in str(one.type):
            raise WrongDeclaration(f"{place}: is None where nothing was sent, so its type must be `{one.type} | None`")
        found.append(made)
    return tuple(found)


def _field(name: str, given: Mapping[str, Any], place: str) -> Field:
    rest = {"key": name, "label": name.replace("_", " ").capitalize(), **given}
    unknown = sorted(rest.keys() - _KEYWORDS - {"kind"})
    if unknown:
        raise WrongDeclaration(f"{place}: {unknown[0]!r} is unknown; known are {', '.join(sorted(_KEYWORDS))}")
    kind, in_list = rest["kind"], rest.get("in_list")
    if not isinstance(kind, Kind):
        raise WrongDeclaration(f"{place}: the first argument must be a kind such as Text(), not {kind!r}")
    rest["in_list"] = rest["key"] if in_list is True else in_list or None
    made = Field(name=name, nullable=not rest.get("required") and rest["absent"] is None, **rest)
    _check(made, place)
    return made


def _check(made: Field, place: str) -> None:
    """Raise WrongDeclaration for an `absent` or an `example` that the kind cannot hold."""
    kind, example = made.kind, made.example
    if made.absent is not None and not callable(made.absent) and not isinstance(made.absent, kind.kept_as):
        raise WrongDeclaration(f"{place}: absent must be None or a {kind.kept_as.__name__}, not {made.absent!r}")
    if example is not None and (type(example) is not kind.sent_as or not kind.fits(example)):
        raise WrongDeclaration(f"{place}: example {kind.reason}, not {example!r}")


# --- shapes and resources --------------------------------------------------------------------------------------


class Shape:
    """Some fields that are sent together in one object.

    Attributes:
        name: What the object is.
        sent: The fields that a body may have, by key.
        by_name: The fields of the class that keeps the object, by name; none if it is kept as it was sent.
        keeps_others: Whether keys of other names are kept for the rules to judge, rather than ignored.

    """

    def __init__(self, name: str, fields: Iterable[Field], *, keeps_others: bool = False) -> None:
        self.name = name
        self.keeps_others = keeps_others
        self.by_name: Mapping[str, Field] = {}
        self.sent: Mapping[str, Field] = _by_key(name, tuple(fields))
        self._checks = lru_cache(maxsize=256)(self._checks_of)  # the rows of a file are alike

    def fits(self, sent: Mapping[str, Any]) -> bool:
        """Return whether all keys are known and all values have the right types, at a glance and without a reason.

        Where it is False the marshmallow schema is asked, which knows the reason, and takes a few things more.
        """
        checks = self._checks((*sent, *map(type, sent.values())))
        if checks is None:
            return False
        for key, fits in checks:  # noqa: SIM110 - all() with a generator costs a microsecond, and a file has 50,000 rows
            if not fits(sent[key]):
                return False
        return True

    def _checks_of(self, keys_and_types: tuple[Any, ...]) -> tuple[tuple[str, Callable[[Any], bool]], ...] | None:
        """Return the checks of the insides of values, for keys (the first half) with values of these types."""
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
        """Return a body with the examples of those fields that have one."""
        return {key: one.example for key, one in self.sent.items() if one.example is not None}

    def document(self, kept: Mapping[str, Any]) -> dict[str, Any]:
        """Return the object as JSON."""
        return dict(kept)

    def restored(self, document: Mapping[str, Any]) -> Any:
        """Return what a document of `document` stands for."""
        return document


class Resource(Shape, Generic[_T]):
    """The declared fields of a class, and what can be made of them without any further rule.

    Attributes:
        own: The fields of the class.
        shown: The keys of the complete record, each with its field.
        listed: The keys of an abridged list item, each with its field.
        record: A function that makes the complete record of an object, with its values as they are kept.
        item: A function that makes the list item.

    """

    def __init__(self, name: str, cls: type[_T], *, more: Iterable[Field] = ()) -> None:
        """Collect the declarations of a dataclass; `more` are keys that only bodies have. Raises WrongDeclaration."""
        self.cls = cls
        own = _fields_of(cls)
        self.own = own
        super().__init__(name, (*(one for one in own if one.settable), *more))
        self.by_name: Mapping[str, Field] = {one.name: one for one in own}
        self.shown: tuple[tuple[str, Field], ...] = _keys(cls.__name__, own, _shown_keys)
        self.listed: tuple[tuple[str, Field], ...] = _keys(
            cls.__name__, own, lambda one: [one.in_list] if one.in_list else []
        )
        self.record: Callable[[Any], dict[str, Any]] = _display(self.shown)
        self.item: Callable[[Any], dict[str, Any]] = _display(self.listed)
        self._document = _display([(one.name, one) for one in own])
        self._written = _overridden(own, "document")
        self._read = _overridden(own, "restored")

    def document(self, kept: _T) -> dict[str, Any]:  # type: ignore[override] # the class is kept, not a mapping
        """Return the JSON document that `restored` makes an equal object of."""
        document = self._document(kept)
        for name, write in self._written:
            document[name] = write(document[name])
        return document

    def read(self, name: str, document: Mapping[str, Any], fields: Iterable[str]) -> dict[str, Any]:
        """Return these fields of a document, each read by its kind. Raise ValueError as the readers of `values` do."""
        return {one: self.by_name[one].kind.read(f"{name}.{one}", document.get(one)) for one in fields}

    def restored(self, document: Mapping[str, Any]) -> _T:
        """Return the object that a document of `document` stands for; its rules were checked when it was made."""
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


def _display(keys: Iterable[tuple[str, Field]]) -> Callable[[Any], dict[str, Any]]:
    """Return a function that makes a dict with these keys of an object, each with the value of its field.

    It is compiled from source, as dataclasses do it: a record is then made as fast as by a dict display in the code.
    """
    pairs = ", ".join(f"{key!r}: one.{field.name}" for key, field in keys)
    return eval(f"lambda one: {{{pairs}}}")  # type: ignore[no-any-return] # noqa: S307 - names of attributes, see above


def _overridden(fields: Iterable[Field], method: str) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    """Return the names and methods of the kinds whose values JSON cannot hold as they are."""
    return tuple(
        (one.name, getattr(one.kind, method))
        for one in fields
        if getattr(type(one.kind), method) is not getattr(Kind, method)
    )
