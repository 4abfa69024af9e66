"""Write a whole world as one JSON document, and read it again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.applications import APPLICATION
from fakekounta.core.clock import Clock
from fakekounta.core.clock_fields import CLOCK, reading_of
from fakekounta.core.company import COMPANY, Company, empty_store
from fakekounta.core.errors import BadField
from fakekounta.core.records import Record
from fakekounta.core.shelf import Shelves
from fakekounta.core.sources import SYSTEM, Sources
from fakekounta.core.store import CustomerStore, Held
from fakekounta.core.tokens import ACCESS_TOKEN, CODE, AccessToken, Code
from fakekounta.core.values import (
    MOST_WHOLE,
    any_text,
    flag,
    known_keys,
    mapping,
    moment,
    number,
    objects,
    optional,
    raising,
    whole,
)
from fakekounta.core.world import World
from fakekounta.schemas.collections import record_from
from fakekounta.schemas.customers import customer_from, document_of
from fakekounta.schemas.errors import StateError
from fakekounta.schemas.faults import fault_document, restore_faults
from fakekounta.schemas.rate_limit import restore_windows, windows_of
from fakekounta.schemas.webhooks import deliveries_of, restore_deliveries, restore_webhooks, webhooks_of
from fakekounta.settings.settings import Settings
from fakekounta.worlds.seed import clash
from fakekounta.worlds.world_settings import KEPT, written_settings

FORMAT = 1


def state_of(world: World, *, whole: bool = True) -> Record:
    """Return the document of a world for `world_from`, without the journal and finished deliveries.

    Unless it is `whole`, its customers and records are left as they are: values that never change.
    """
    access, refresh, codes = world.applications.tokens()
    return {
        "format": FORMAT,
        "clock": _clock_of(world.clock),
        **written_settings(world),
        "deliveries": deliveries_of(world),
        "faults": [fault_document(rule) for rule in world.faults.all()],
        "next_fault_id": world.faults.next_id,
        "rate_limit_windows": windows_of(world.rate_limit),
        "fault_limit_windows": windows_of(world.faults_limit if world.rate_limit is None else None),
        "companies": [_company_of(company, whole=whole) for company in world.companies.values()],
        "applications": [APPLICATION.document(application) for application in world.applications.all()],
        "access_tokens": {token: ACCESS_TOKEN.document(known) for token, known in access.items()},
        "refresh_tokens": refresh,
        "codes": {code: CODE.document(known) for code, known in codes.items()},
    }


def _clock_of(clock: Clock) -> Record:
    reading = CLOCK.document(reading_of(clock))
    return {**reading, _OFFSET: 0.0 if clock.frozen else clock.offset_seconds}


def _company_of(company: Company, *, whole: bool) -> Record:
    return {
        **COMPANY.document(company.profile),
        "next_customer_id": company.store.next_id,
        "customers": [*map(document_of, company.store.all())] if whole else company.store.all(),
        **_collections_of(company, whole=whole),
        **webhooks_of(company),
    }


def _collections_of(company: Company, *, whole: bool) -> Record:
    """Return the keys of a company's document that describe its collections."""
    found: Record = {}
    for plural, collection in COLLECTIONS.items():
        shelf = company.shelves[plural]
        found[f"next_{collection.name}_id"] = shelf.next_id
        found[plural] = [*map(collection.resource.document, shelf.all())] if whole else shelf.all()
    return found


def world_from(document: Any, sources: Sources = SYSTEM) -> World:
    """Return the world in a document made by `state_of`. Raise StateError."""
    with raising(StateError):
        return _world(mapping("state", document), sources)


def _world(document: Mapping[str, Any], sources: Sources) -> World:
    known_keys("", document, KEYS)
    if type(document.get("format")) is not int or document["format"] != FORMAT:
        raise ValueError(f"format: must be {FORMAT}")
    companies = objects("companies", document.get("companies", []))
    settings = _settings(document, companies)
    world = World(
        settings,
        stores={
            company["id"]: _store(f"companies[{index}]", company, settings.assumptions)
            for index, company in enumerate(companies)
        },
        shelves={company["id"]: _shelves(f"companies[{index}]", company) for index, company in enumerate(companies)},
        clock=_clock(document.get("clock", {}), sources),
        sources=sources,
    )
    _restore_tokens(world, document)
    for index, company in enumerate(companies):
        restore_webhooks(f"companies[{index}]", world, company)
    restore_deliveries(world, document.get("deliveries", {}))
    restore_faults(world, document.get("faults", []), document.get("next_fault_id", 1))
    _restore_windows(world, document)
    return world


KEYS = (
    "format",
    "clock",
    *KEPT,
    "deliveries",
    "faults",
    "next_fault_id",
    "rate_limit_windows",
    "fault_limit_windows",
    "companies",
    "applications",
    "access_tokens",
    "refresh_tokens",
    "codes",
)
"""The keys of the document."""
SETTINGS = (*KEPT, "applications")
"""The keys whose values are settings of the same name."""
_OFFSET = "offset_seconds"
_COMPANY_KEYS = (
    *COMPANY.by_name,
    *("next_customer_id", "customers", "next_webhook_id", "webhooks"),
    *(key for plural, collection in COLLECTIONS.items() for key in (f"next_{collection.name}_id", plural)),
)


def _settings(document: Mapping[str, Any], companies: list[Mapping[str, Any]]) -> Settings:
    given = {name: document[name] for name in SETTINGS if name in document}
    profiles = [{key: company[key] for key in COMPANY.by_name if key in company} for company in companies]
    for index, company in enumerate(companies):
        known_keys(f"companies[{index}]", company, _COMPANY_KEYS)
        if company.get("id") in [other.get("id") for other in companies[:index]]:
            raise ValueError(f"companies[{index}].id: is used twice")
    return Settings.of(companies=profiles, **given)


def _store(name: str, company: Mapping[str, Any], assumptions: Assumptions) -> CustomerStore:
    store = empty_store(assumptions)
    customers = []
    for index, item in enumerate(objects(f"{name}.customers", company.get("customers", []))):
        try:
            customers.append(customer_from(item, "", assumptions, max_id=MOST_WHOLE))
        except BadField as refusal:
            raise ValueError(f"{name}.customers[{index}].{refusal.description}") from None
    try:
        store.add_all(customers, unique_mobile=False)
    except Held as held:
        raise ValueError(f"{name}.customers[{held.position}].{clash(held)}") from None
    store.keep_ids_from(whole()(f"{name}.next_customer_id", company.get("next_customer_id", 0)))
    if store.next_id > MOST_WHOLE:
        raise ValueError(f"{name}.customers: an id leaves no room for new ones")
    return store


def _shelves(name: str, company: Mapping[str, Any]) -> Shelves:
    shelves = Shelves()
    for plural, collection in COLLECTIONS.items():
        place = f"{name}.{plural}"
        records = [
            record_from(collection, item, f"{place}[{index}]", max_id=MOST_WHOLE)
            for index, item in enumerate(objects(place, company.get(plural, [])))
        ]
        try:
            shelves.restore(plural, records)
        except Held as held:
            raise ValueError(f"{place}[{held.position}].{clash(held, collection.noun)}") from None
        key = f"next_{collection.name}_id"
        shelves[plural].keep_ids_from(whole()(f"{name}.{key}", company.get(key, 0)))
        if shelves[plural].next_id > MOST_WHOLE:
            raise ValueError(f"{place}: an id leaves no room for new ones")
    return shelves


def _restore_windows(world: World, document: Mapping[str, Any]) -> None:
    for name, rate_limit in (("rate_limit_windows", world.rate_limit), ("fault_limit_windows", world.faults_limit)):
        if rate_limit is not None and document.get(name):
            restore_windows(name, rate_limit, document[name])


def _clock(document: Any, sources: Sources) -> Clock:
    known_keys("clock", document, (*CLOCK.by_name, _OFFSET))
    clock = Clock(sources.now)
    rate = number()("clock.rate", document.get("rate", 1))
    if rate != 1:
        try:
            clock.run(rate=rate)
        except ValueError as error:
            raise ValueError(f"clock.{error}") from None
    if flag("clock.frozen", document.get("frozen", False)):
        clock.freeze(moment("clock.now", document.get("now")))
        return clock
    offset = number()("clock.offset_seconds", document.get("offset_seconds", 0))
    try:
        clock.move(seconds=offset)
    except ValueError as error:
        raise ValueError(f"clock.offset_seconds: {str(error).removeprefix('seconds: ')}") from None
    return clock


def _restore_tokens(world: World, document: Mapping[str, Any]) -> None:
    access = {
        token: AccessToken(client_id=_client(world, place, known), expires_at=_expiry(place, known))
        for token, place, known in _named_objects(document, "access_tokens")
    }
    codes = {
        code: Code(
            client_id=_client(world, place, known),
            redirect_uri=any_text(f"{place}.redirect_uri", known.get("redirect_uri")),
            expires_at=_expiry(place, known) or world.clock.now(),
        )
        for code, place, known in _named_objects(document, "codes")
    }
    refresh = mapping("refresh_tokens", document.get("refresh_tokens", {}))
    if not all(isinstance(one, str) and world.applications.owner(one) for one in refresh.values()):
        raise ValueError("refresh_tokens: must be an object of tokens to the client ids of known applications")
    brought = world.applications.tokens()  # without the key, the tokens of the applications' settings
    world.applications.restore_tokens(
        access if "access_tokens" in document else brought[0],
        dict(refresh) if "refresh_tokens" in document else brought[1],
        codes,
    )


def _named_objects(document: Mapping[str, Any], name: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield the key, the place and the value of each object in an object."""
    for key, one in mapping(name, document.get(name, {})).items():
        place = f"{name}.{key}"
        yield key, place, mapping(place, one)


def _client(world: World, place: str, known: Mapping[str, Any]) -> str:
    client_id = any_text(f"{place}.client_id", known.get("client_id"))
    if world.applications.owner(client_id) is None:
        raise ValueError(f"{place}.client_id: no application has this client id")
    return client_id


def _expiry(place: str, known: Mapping[str, Any]) -> datetime | None:
    return optional(moment)(f"{place}.expires_at", known.get("expires_at"))
