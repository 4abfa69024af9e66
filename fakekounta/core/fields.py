"""Field declarations: each field of a record is described once, on the line of the class that holds it.

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Customer:
        id: int = declared(Whole(1), required=True, in_list=True)
        last_name: str = declared(Text(), absent="", settable=True, in_list=True, label="Last name")

    CUSTOMER = Resource("customer", Customer)

A `Resource` (`core.resources`) collects the declarations. These are made from them: the check of bodies (`Shape.fits`,
and the marshmallow schema in `schemas.shapes`), the documents of state and seed (`Resource.document`,
`Resource.restored`), records and list items (`core.records`), the OpenAPI schemas, the Hypothesis strategies, the
dashboard's form and the tables of the docs. Rules about several fields or customers (a contact is required, a mobile
is unique) are functions next to the class.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, NamedTuple

from fakekounta.core.kinds import Kind


class WrongDeclaration(TypeError):
    """Signals an invalid declaration; the message is one sentence that names the class and the field."""


class Field(NamedTuple):
    """One declared field.

    Attributes:
        name: The attribute of the class, and the key in documents of seed and state.
        kind: The kind of its value.
        key: The key in bodies and records.
        also: A second key of the record with the same value (A04).
        absent: The value that is stored if the request does not send the field.
        required: Whether the constructor of the class requires it.
        settable: Whether POST and PUT may set it (C10, C13).
        shown: Whether the complete record has it.
        in_list: The key in an abridged list item (C19), None if items lack it.
        nullable: Whether it may be None.
        attribute: The name by which webhooks filter for its changes (W08).
        label: The label in the dashboard's form; made from the name by default.
        hint: The text beside it in the form.
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
    """Declare a field of a dataclass; `rest` are attributes of `Field`; `in_list=True` stands for the field's key."""
    absent = getattr(kind, "absent", None) if absent is _UNSET else absent
    metadata = {_DECLARED: {"kind": kind, "absent": absent, "required": required, **rest}}
    if required:
        return dataclasses.field(metadata=metadata)
    if callable(absent):
        return dataclasses.field(default_factory=absent, metadata=metadata)
    return dataclasses.field(default=absent, metadata=metadata)


def internal(default: Any) -> Any:
    """Declare an attribute of a dataclass that no document and no record has; `default` may be a function."""
    given = {"default_factory": default} if callable(default) else {"default": default}
    return dataclasses.field(**given, metadata={_DECLARED: None})


def sent_only(name: str, kind: Kind) -> Field:
    """Return a field of bodies that no class stores under this name."""
    return _field(name, {"kind": kind, "absent": kind.absent}, name)


def fields_of(cls: type[Any]) -> tuple[Field, ...]:
    """Return the declared fields of a dataclass. Raises WrongDeclaration for a field that is not declared."""
    found = []
    for one in dataclasses.fields(cls):
        place = f"{cls.__name__}.{one.name}"
        if _DECLARED not in one.metadata:
            raise WrongDeclaration(f"{place}: is not declared; write `= declared(Text())`, or another kind")
        if one.metadata[_DECLARED] is None:
            continue
        made = _field(one.name, one.metadata[_DECLARED], place)
        if made.nullable and "None" not in str(one.type):
            raise WrongDeclaration(f"{place}: is None if it is not sent, so its type must be `{one.type} | None`")
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
    """Raise WrongDeclaration if `absent` or `example` is not a value of the kind."""
    kind, example = made.kind, made.example
    if made.absent is not None and not callable(made.absent) and not isinstance(made.absent, kind.kept_as):
        raise WrongDeclaration(f"{place}: absent must be None or a {kind.kept_as.__name__}, not {made.absent!r}")
    if example is not None and not kind.accepts(example):
        raise WrongDeclaration(f"{place}: example {kind.reason}, not {example!r}")
