"""What `make docs` writes into fakekounta/settings/keywords.py: types of keyword arguments, from the declarations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from typing import Any

from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.applications import Application
from fakekounta.core.collection import Collection
from fakekounta.core.company import CompanyProfile
from fakekounta.core.customers import ADDRESS, CONTACTS, CUSTOMER
from fakekounta.core.deliveries import Disturbances, Schedule
from fakekounta.core.fault_fields import ANNOTATIONS as FAULT_ANNOTATIONS
from fakekounta.core.fields import Field
from fakekounta.core.matching import Conditions
from fakekounta.core.rate_limit import RequestsPerMinute
from fakekounta.core.resources import Nested
from fakekounta.settings.table import BY_NAME, PYTHON, WORLD, settings_of

_HEAD = '''"""Types of keyword arguments, for editors and type checkers. `make docs` writes this file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypedDict

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.applications import Application
from fakekounta.core.company import CompanyProfile
from fakekounta.core.deliveries import Disturbances, Schedule
from fakekounta.core.faults import Fault
from fakekounta.core.rate_limit import RequestsPerMinute
from fakekounta.settings.kinds import Mode
'''


def keywords() -> str:
    """Return the source of the module."""
    return _HEAD + "".join((*_of_customers(), *_of_collections(), *_of_the_lab(), *_of_faults(), *_of_settings()))


def handles() -> str:
    """Return the source of fakekounta/worlds/handles/typed_collections.py."""
    known = COLLECTIONS.values()
    names = sorted(name for one in known for name in (_new(one), _changes(one)))
    types = "".join(f"        {name},\n" for name in names)
    head = _HEAD_OF_HANDLES.format(imports="".join(_imports()), types=types)
    return "".join((head, *map(_handle, known), _ALL, *map(_property, known)))


_HEAD_OF_HANDLES = '''"""Typed handles of the collections. `make docs` writes this file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

{imports}from fakekounta.worlds.handles.order_acts import OrderActs
from fakekounta.worlds.handles.protocols import KountaCollection

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from fakekounta.settings.keywords import (
{types}    )
'''
_LINE = 120
_ALL = '''

class Collections(Protocol):
    """The collections of a company, each with its handle."""

    def collection(self, plural: str) -> Any:
        """Return the handle of the collection with this name."""
'''


def _imports() -> Iterable[str]:
    classes: dict[str, list[str]] = defaultdict(list)
    for one in COLLECTIONS.values():
        classes[one.resource.cls.__module__].append(one.title)
    return (f"from {module} import {', '.join(sorted(classes[module]))}\n" for module in sorted(classes))


def _new(collection: Collection[Any]) -> str:
    return f"New{collection.title}"


def _changes(collection: Collection[Any]) -> str:
    return f"{collection.title}Changes"


def _class(collection: Collection[Any]) -> str:
    return f"Kounta{collection.titles}"


def _bases(collection: Collection[Any]) -> str:
    return "OrderActs, " if collection.plural == "orders" else ""


def _handle(collection: Collection[Any]) -> str:
    kind = collection.title
    of_change = f"self, number: int, /, *, announce: bool = False, **fields: Unpack[{_changes(collection)}]"
    return f'''

class {_class(collection)}({_bases(collection)}KountaCollection[{kind}], Protocol):
    """The {collection.nouns} of one company. These methods make no request to the API."""

    def add(self, *, announce: bool = False, **fields: Unpack[{_new(collection)}]) -> {kind}:
        """Add a new record and return it; webhooks get a delivery with `announce`, where the API has such a topic.

        Raises:
            ValueError: A field is wrong; the message names the field and the reason.
        """
        ...

{_signature("change", of_change, kind)}
        """Change some fields and return the record. Raise KeyError for an unknown id, ValueError for a wrong field."""
        ...

    def remove(self, number: int, /, *, announce: bool = False) -> {kind}:
        """Delete a record and return it. Raise KeyError if there is none."""
        ...
'''


def _signature(name: str, parameters: str, result: str) -> str:
    line = f"    def {name}({parameters}) -> {result}:"
    return line if len(line) <= _LINE else f"    def {name}(\n        {parameters}\n    ) -> {result}:"


def _property(collection: Collection[Any]) -> str:
    return f'''
    @property
    def {collection.plural}(self) -> {_class(collection)}:
        """The {collection.nouns} of the company."""
        handle: {_class(collection)} = self.collection("{collection.plural}")
        return handle
'''


def _typed_dict(name: str, doc: str, keys: Mapping[str, str], *, base: str = "TypedDict", total: bool = False) -> str:
    head = f'\n\nclass {name}({base}{"" if total else ", total=False"}):\n    """{doc}"""\n\n'
    return head + "".join(f"    {key}: {annotation}\n" for key, annotation in keys.items())


# --- customers ---------------------------------------------------------------------------------------------------


def _annotation(field: Field) -> str:
    nested = "AddressFields | " if isinstance(field.kind, Nested) and field.kind.shape is ADDRESS else ""
    return f"{nested}{field.kind.annotation} | None"


def _of_customers() -> Iterable[str]:
    editable = {key: _annotation(field) for key, field in CUSTOMER.sent.items()}
    own = {"id": "int", "reference_ids": "Mapping[str, str]"}
    parts = {name: _annotation(field) for name, field in ADDRESS.by_name.items()}
    yield _typed_dict("AddressFields", "Parts of an address.", parts)
    yield _typed_dict("CustomerChanges", "The keywords of `customers.change`: fields of a customer.", editable)
    required = {key: field.kind.annotation for key, field in CUSTOMER.sent.items() if field.required}
    others = {name: annotation for name, annotation in editable.items() if name not in required}
    yield _typed_dict("_RequiredOfCustomers", "Required fields of a new customer.", required, total=True)
    doc = f"The keywords of `customers.add`: fields of a new customer; one of {', '.join(CONTACTS)} is required."
    yield _typed_dict("NewCustomer", doc, {**others, **own}, base="_RequiredOfCustomers")


def _of_collections() -> Iterable[str]:
    for one in COLLECTIONS.values():
        keys = {name: _annotation(field) for name, field in one.resource.by_name.items()}
        required = {name: field.kind.annotation for name, field in one.resource.by_name.items() if field.required}
        del required["id"]
        doc = f"The keywords of `{one.plural}.change`."
        yield _typed_dict(_changes(one), doc, {name: kind for name, kind in keys.items() if name != "id"})
        base, others = "TypedDict", {**keys, "id": "int"}
        if required:
            base, others = f"_RequiredOf{_new(one)}", {key: kind for key, kind in others.items() if key not in required}
            yield _typed_dict(base, "The keys that are required.", required, total=True)
        yield _typed_dict(_new(one), f"The keywords of `{one.plural}.add`.", others, base=base)


# --- webhooks and requests ---------------------------------------------------------------------------------------


def _of_the_lab() -> Iterable[str]:
    yield _typed_dict(
        "WebhookFields",
        "Further keywords of `webhooks.add`.",
        {"format": "str", "filter": "Mapping[str, Any]", "headers": "Mapping[str, str]"},
    )
    wanted = {one.name: str(one.type) for one in fields(Conditions) if one.name not in ("method", "path")}
    yield _typed_dict("ExchangeFields", "Further keywords of `requests.find`.", wanted)


# --- faults ------------------------------------------------------------------------------------------------------


def _of_faults() -> Iterable[str]:
    place = ("method", "path")
    chance = ("probability", "seed")
    yield _fault_fields("SlowFields", "`faults.slow`", (*place, "latency_seconds"))
    yield _fault_fields("CutFields", "`faults.cut`", (*place, "connection"))
    counted = ("since", "until", "nth", "every", *chance, "times", "disabled")
    of_requests = [name for name in FAULT_ANNOTATIONS if name not in counted]
    yield _fault_fields("HandshakeFields", "`faults.cut_handshake`", of_requests)
    yield _fault_fields("FlakyFields", "`faults.flaky`", (*place, *chance))
    rest = {name: FAULT_ANNOTATIONS[name] for name in chance}
    doc = "Further keywords of the other methods for common faults."
    yield _typed_dict("OtherFaultFields", doc, rest, base="FlakyFields")
    doc = "The keywords of `faults.add`: fields of a rule, which docs/faults.md describes."
    yield _typed_dict("FaultFields", doc, {name: FAULT_ANNOTATIONS[name] for name in place}, base="OtherFaultFields")


def _fault_fields(name: str, of: str, without: Iterable[str]) -> str:
    left = {key: annotation for key, annotation in FAULT_ANNOTATIONS.items() if key not in {*without}}
    return _typed_dict(name, f"Further keywords of {of}.", left)


# --- settings ----------------------------------------------------------------------------------------------------


def _of_settings() -> Iterable[str]:
    yield from _of_class("CompanyFields", "A company.", CompanyProfile, required=("id",))
    yield from _of_class("ApplicationFields", "An application.", Application)
    yield from _of_class("RateLimitFields", "The limits of requests a minute.", RequestsPerMinute)
    yield from _of_class("ScheduleFields", "The schedule of attempts to deliver.", Schedule)
    yield from _of_class("DisturbanceFields", "The disturbances of deliveries.", Disturbances)
    of_worlds = {setting.name: setting.kind.annotation for setting in settings_of(WORLD)}
    doc = "Settings of a world: the keywords of `fresh()` and of the pytest marker."
    yield _documented("WorldSettings", doc, of_worlds)
    others = {one.name: one.kind.annotation for one in settings_of(PYTHON) if one.name not in of_worlds}
    yield _documented(
        "KountaSettings", "Settings of a fake: the keywords of `FakeKounta`.", others, base="WorldSettings"
    )
    doc = "Keys of the pytest marker."
    yield _typed_dict("MarkerSettings", doc, {"allow_unmodelled": "bool"}, base="WorldSettings")


def _documented(name: str, doc: str, keys: Mapping[str, str], *, base: str = "TypedDict") -> str:
    lines = (f'    {key}: {annotation}\n    """{BY_NAME[key].help}"""\n' for key, annotation in keys.items())
    return _typed_dict(name, doc, {}, base=base) + "".join(lines)


def _of_class(name: str, doc: str, kind: type[Any], required: Iterable[str] = ()) -> Iterable[str]:
    keys = {one.name: str(one.type).replace("tuple[str, ...]", "Sequence[str]") for one in fields(kind)}
    keys = {key: annotation.replace("tuple[float, ...]", "Sequence[float]") for key, annotation in keys.items()}
    needed = {*required, *(one.name for one in fields(kind) if one.default is MISSING)}
    if not needed:
        yield _typed_dict(name, doc, keys)
        return
    first = {key: keys.pop(key) for key in [*keys] if key in needed}
    yield _typed_dict(f"_RequiredOf{name}", "The keys that are required.", first, total=True)
    yield _typed_dict(name, doc, keys, base=f"_RequiredOf{name}")
