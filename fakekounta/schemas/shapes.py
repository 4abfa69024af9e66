"""marshmallow schemas made from the field declarations; they check types (C22). Rules about values are in the core."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from marshmallow import EXCLUDE, INCLUDE, Schema, ValidationError
from marshmallow import fields as marshmallow

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.errors import BadField
from fakekounta.core.kinds import Flag, Items, Kind, Moment, Number, Text, TextByName, Texts, Whole, by_kind
from fakekounta.core.orders.kinds import Wholes
from fakekounta.core.resources import Many, Nested, Shape


def checked(shape: Shape, body: Mapping[str, Any], quirk: Quirk) -> dict[str, Any]:
    """Return the known fields of a body, copied. Raises BadField with this quirk for a value of a wrong type."""
    try:
        values: dict[str, Any] = _schema(shape).load(body)
    except ValidationError as error:
        raise BadField(quirk, *_first_error(error.messages)) from None
    return values


class _Object(Schema):
    error_messages = {"type": Nested.reason}  # noqa: RUF012 - marshmallow reads this class attribute


@cache
def _schema(shape: Shape) -> Schema:
    """Return the schema of a shape. null is allowed for each field; a rule says what it means."""
    made = _Object.from_dict({key: _field(field.kind) for key, field in shape.sent.items()}, name=shape.name)
    return made(unknown=INCLUDE if shape.keeps_others else EXCLUDE)


def _field(kind: Kind) -> marshmallow.Field[Any]:
    return by_kind(_FIELDS, kind)(kind)


def _text(kind: Kind) -> marshmallow.Field[Any]:
    return marshmallow.String(allow_none=True, error_messages={"invalid": kind.reason, "invalid_utf8": "must be text"})


def _item() -> marshmallow.Field[Any]:
    """Return the field of a text inside a list or an object, where null is refused."""
    return marshmallow.String(error_messages={"invalid": Text.reason, "null": Text.reason})


def _texts(kind: Kind) -> marshmallow.Field[Any]:
    return marshmallow.List(_item(), allow_none=True, error_messages={"invalid": kind.reason})


def _items(kind: Kind) -> marshmallow.Field[Any]:
    return marshmallow.List(marshmallow.Raw(), allow_none=True, error_messages={"invalid": kind.reason})


def _text_by_name(kind: Kind) -> marshmallow.Field[Any]:
    messages = {"invalid": kind.reason}
    return marshmallow.Dict(keys=marshmallow.String(), values=_item(), allow_none=True, error_messages=messages)


def _flag(_: Kind) -> marshmallow.Field[Any]:
    # marshmallow's Boolean accepts 1, "yes" and "on" as well
    return marshmallow.Raw(allow_none=True, validate=_must_be_boolean)


def _must_be_boolean(value: object) -> None:
    if not isinstance(value, bool):
        raise ValidationError(Flag.reason)


def _nested(kind: Nested) -> marshmallow.Field[Any]:
    return marshmallow.Nested(_schema(kind.shape), allow_none=True)


def _objects(kind: Many) -> marshmallow.Field[Any]:
    item = marshmallow.Nested(_schema(kind.shape), error_messages={"null": Nested.reason})
    return marshmallow.List(item, allow_none=True, error_messages={"invalid": kind.reason})


def _read(kind: Kind) -> marshmallow.Field[Any]:
    """Return the field of a value that the kind itself reads; it is kept as it was sent."""

    def check(value: object) -> None:
        try:
            kind.read("", value)
        except ValueError as error:
            wanted, sign, _ = str(error).removeprefix(": ").partition(", not ")
            raise ValidationError(wanted if sign else kind.reason) from None

    return marshmallow.Raw(allow_none=True, validate=check)


_FIELDS: Mapping[type[Kind], Callable[[Any], marshmallow.Field[Any]]] = {
    Text: _text,
    Texts: _texts,
    Items: _items,
    TextByName: _text_by_name,
    Flag: _flag,
    Nested: _nested,
    Many: _objects,
    **dict.fromkeys((Whole, Number, Wholes, Moment), _read),
}


def _first_error(messages: Any) -> tuple[str, str]:
    """Return the path of the first invalid field and the reason, from marshmallow's nested messages."""
    path: list[str] = []
    while isinstance(messages, Mapping):
        key, messages = next(iter(messages.items()))
        if key != "_schema":
            path.append(str(key))
    return ".".join(path) or "body", str(messages[0])
