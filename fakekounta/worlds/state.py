"""A whole world as one JSON document, out and in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.core.applications import AccessToken, Code
from fakekounta.core.clock import Clock, aware
from fakekounta.core.company import Company, empty_store
from fakekounta.core.errors import BadField
from fakekounta.core.records import Record
from fakekounta.core.store import CustomerStore, Held
from fakekounta.core.world import World
from fakekounta.schemas.customers import customer_from, document_of
from fakekounta.schemas.errors import StateError, refuse_unknown
from fakekounta.schemas.faults import fault_document, restore_faults
from fakekounta.schemas.webhooks import deliveries_of, restore_deliveries, restore_webhooks, webhooks_of
from fakekounta.settings.settings import Settings, SettingsError
from fakekounta.worlds.seed import clash

FORMAT = 1


def state_of(world: World) -> Record:
    """Return the document of a world for `world_from`, without the journal and the rate limit's counts."""
    access, refresh, codes = world.applications.tokens()
    return {
        "format": FORMAT,
        "clock": _clock_of(world.clock),
        "assumptions": world.assumptions.changes(),
        "page_size": world.page_size,
        "rate_limit": None if world.requests_per_minute is None else asdict(world.requests_per_minute),
        "open_auth": world.open_auth,
        "webhook_mode": world.webhook_mode,
        "webhook_schedule": {**asdict(world.outbox.schedule), "minutes": list(world.outbox.schedule.minutes)},
        "webhook_disturbances": asdict(world.outbox.disturbances),
        "allow_webhook_hosts": sorted(world.allow_webhook_hosts),
        "deliveries": deliveries_of(world),
        "faults": [fault_document(rule) for rule in world.faults.all()],
        "companies": [_company_of(company) for company in world.companies.values()],
        "applications": [asdict(application) for application in world.applications.all()],
        "access_tokens": {
            token: {"client_id": known.client_id, "expires_at": _moment(known.expires_at)}
            for token, known in access.items()
        },
        "refresh_tokens": refresh,
        "codes": {
            code: {
                "client_id": known.client_id,
                "redirect_uri": known.redirect_uri,
                "expires_at": _moment(known.expires_at),
            }
            for code, known in codes.items()
        },
    }


def _clock_of(clock: Clock) -> Record:
    return {
        "frozen": clock.frozen,
        "now": clock.now().isoformat(),
        "offset_seconds": 0.0 if clock.frozen else clock.offset_seconds,
        "rate": clock.rate,
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _company_of(company: Company) -> Record:
    return {
        **asdict(company.profile),
        "next_customer_id": company.store.next_id,
        "customers": [document_of(customer) for customer in company.store.all()],
        **webhooks_of(company),
    }


def world_from(document: Any) -> World:
    """Return the world in a document made by `state_of`. Raise StateError."""
    if not isinstance(document, Mapping):
        raise StateError("state: must be an object")
    refuse_unknown("", document, KEYS)
    if type(document.get("format")) is not int or document["format"] != FORMAT:
        raise StateError(f"format: must be {FORMAT}")
    companies = _objects(document, "companies")
    settings = _settings(document, companies)
    world = World(
        companies=settings.companies,
        applications=settings.applications,
        assumptions=settings.assumptions,
        page_size=settings.page_size,
        rate_limit=settings.rate_limit,
        open_auth=settings.open_auth,
        stores={
            company["id"]: _store(f"companies[{index}]", company, settings.assumptions)
            for index, company in enumerate(companies)
        },
        schedule=settings.webhook_schedule,
        disturbances=settings.webhook_disturbances,
        webhook_mode=settings.webhook_mode,
        allow_webhook_hosts=settings.allow_webhook_hosts,
        clock=_clock(document.get("clock", {})),
    )
    _restore_tokens(world, document)
    for index, company in enumerate(companies):
        restore_webhooks(f"companies[{index}]", world, company)
    restore_deliveries(world, document.get("deliveries", {}))
    restore_faults(world, document.get("faults", []))
    return world


KEYS = (
    "format",
    "clock",
    "assumptions",
    "page_size",
    "rate_limit",
    "open_auth",
    "webhook_mode",
    "webhook_schedule",
    "webhook_disturbances",
    "allow_webhook_hosts",
    "deliveries",
    "faults",
    "companies",
    "applications",
    "access_tokens",
    "refresh_tokens",
    "codes",
)
"""The keys of the document."""
SETTINGS = (
    "assumptions",
    "page_size",
    "rate_limit",
    "open_auth",
    "applications",
    "webhook_mode",
    "webhook_schedule",
    "webhook_disturbances",
    "allow_webhook_hosts",
)
"""The keys whose values are settings of the same name."""
_COMPANY_KEYS = ("id", "name", "timezone", "next_customer_id", "customers", "next_webhook_id", "webhooks")


def _settings(document: Mapping[str, Any], companies: list[Mapping[str, Any]]) -> Settings:
    given = {name: document[name] for name in SETTINGS if name in document}
    profiles = [{key: company[key] for key in ("id", "name", "timezone") if key in company} for company in companies]
    for index, company in enumerate(companies):
        refuse_unknown(f"companies[{index}].", company, _COMPANY_KEYS)
        if company.get("id") in [other.get("id") for other in companies[:index]]:
            raise StateError(f"companies[{index}].id: stands twice")
    try:
        return Settings.of(companies=profiles, **given)
    except SettingsError as error:
        raise StateError(str(error)) from None


def _objects(document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = document.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        raise StateError(f"{name}: must be an array of objects")
    return value


def _store(name: str, company: Mapping[str, Any], assumptions: Assumptions) -> CustomerStore:
    store = empty_store(assumptions)
    customers = []
    for index, item in enumerate(_objects(company, "customers")):
        try:
            customers.append(customer_from(item, "", assumptions, max_id=2**63 - 1))
        except BadField as refusal:
            raise StateError(f"{name}.customers[{index}].{refusal.description}") from None
    try:
        store.add_all(customers, unique_mobile=False)
    except Held as held:
        raise StateError(f"{name}.customers[{held.position}].{clash(held)}") from None
    next_id = company.get("next_customer_id", 0)
    if type(next_id) is not int or not 0 <= next_id < 2**63:
        raise StateError(f"{name}.next_customer_id: must be a whole number")
    store.keep_ids_from(next_id)
    if store.next_id >= 2**63:
        raise StateError(f"{name}.customers: an id leaves no room for new ones")
    return store


def _clock(document: Any) -> Clock:
    if not isinstance(document, Mapping):
        raise StateError("clock: must be an object")
    refuse_unknown("clock.", document, ("frozen", "now", "offset_seconds", "rate"))
    frozen = document.get("frozen", False)
    if not isinstance(frozen, bool):
        raise StateError("clock.frozen: must be true or false")
    clock = Clock()
    rate = _number("clock.rate", document.get("rate", 1))
    if rate != 1:
        try:
            clock.run(rate=rate)
        except ValueError as error:
            raise StateError(f"clock.{error}") from None
    name = "clock.now" if frozen else "clock.offset_seconds"
    try:
        if frozen:
            clock.freeze(_text(name, document.get("now")))
        else:
            clock.move(seconds=_number(name, document.get("offset_seconds", 0)))
    except StateError:
        raise
    except ValueError as error:
        raise StateError(f"{name}: {str(error).removeprefix('seconds: ')}") from None
    return clock


def _restore_tokens(world: World, document: Mapping[str, Any]) -> None:
    access = {
        token: AccessToken(
            client_id=_client(world, f"access_tokens.{token}", known),
            expires_at=_expiry(f"access_tokens.{token}", known),
        )
        for token, known in _named_objects(document, "access_tokens")
    }
    codes = {
        code: Code(
            client_id=_client(world, f"codes.{code}", known),
            redirect_uri=_text(f"codes.{code}.redirect_uri", known.get("redirect_uri")),
            expires_at=_expiry(f"codes.{code}", known) or world.clock.now(),
        )
        for code, known in _named_objects(document, "codes")
    }
    refresh = document.get("refresh_tokens", {})
    if not isinstance(refresh, Mapping) or not all(
        isinstance(client_id, str) and world.applications.owner(client_id) for client_id in refresh.values()
    ):
        raise StateError("refresh_tokens: must be an object of tokens to the client ids of known applications")
    brought = world.applications.tokens()  # those of the applications themselves, where the document is silent
    world.applications.restore_tokens(
        access if "access_tokens" in document else brought[0],
        dict(refresh) if "refresh_tokens" in document else brought[1],
        codes,
    )


def _named_objects(document: Mapping[str, Any], name: str) -> list[tuple[str, Mapping[str, Any]]]:
    value = document.get(name, {})
    if not isinstance(value, Mapping) or not all(isinstance(item, Mapping) for item in value.values()):
        raise StateError(f"{name}: must be an object of objects")
    return list(value.items())


def _client(world: World, name: str, known: Mapping[str, Any]) -> str:
    client_id = _text(f"{name}.client_id", known.get("client_id"))
    if world.applications.owner(client_id) is None:
        raise StateError(f"{name}.client_id: no application has this client id")
    return client_id


def _expiry(name: str, known: Mapping[str, Any]) -> datetime | None:
    at = known.get("expires_at")
    try:
        return None if at is None else aware(_text(f"{name}.expires_at", at))
    except ValueError as error:
        raise StateError(f"{name}.expires_at: {error}") from None


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise StateError(f"{name}: must be a string")
    return value


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise StateError(f"{name}: must be a number")
    return value
