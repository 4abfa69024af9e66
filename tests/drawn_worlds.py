"""Strategies of worlds: settings, and operations on the world."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from fakekounta import FakeKounta
from fakekounta.schemas.customers import MAX_ID
from fakekounta.worlds.state import state_of
from tests.choices import TWIN_MOBILES

DEFAULT_COMPANY = 5678
OTHER_COMPANIES = (1, 6789, 2**63 - 1)
REDIRECT_URI = "http://localhost/callback"
TEXTS = st.text(max_size=12)
NAMES = st.text(min_size=1, max_size=12)
_CLIENT_IDS = st.sampled_from(["fake-client-id", "other-id", "third id", "zoë", "nobody"])
_ADDRESSES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("address", "city", "state", "postal_code"), st.none() | TEXTS),
        "country": st.sampled_from([None, "AU", "NZ", "ZW"]),
    },
)
_SMALL_IDS = st.integers(1, 30)
CUSTOMERS: SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"first_name": NAMES, "phone": NAMES},
    optional={
        "id": _SMALL_IDS | st.sampled_from([389427, 2**53, MAX_ID - 1, MAX_ID]),
        "last_name": TEXTS,
        "email": st.sampled_from(["a@example.com", "A@Example.com", "zoë@exämple.com", None]),
        "mobile": st.none() | st.sampled_from(["", "0400", "0401", "+61 400", "\u0664"]),
        "image": TEXTS,
        "tags": st.lists(TEXTS, max_size=3),
        "primary_address": _ADDRESSES,
        "shipping_address": st.none() | _ADDRESSES,
        "reference_id": TEXTS,
        "accepts_marketing": st.booleans(),
        "reference_ids": st.dictionaries(_CLIENT_IDS, TEXTS, max_size=3),
    },
)
_APPLICATIONS: SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"client_id": _CLIENT_IDS, "client_secret": NAMES},
    optional={
        "signature_token": NAMES,
        "access_token": st.none() | NAMES,
        "refresh_token": st.none() | NAMES,
        "redirect_uris": st.lists(st.sampled_from([REDIRECT_URI, "https://shop.example/?a=b"]), max_size=2),
        "any_redirect_uri": st.booleans(),
    },
)
_COMPANIES = st.fixed_dictionaries(
    {"id": st.sampled_from((DEFAULT_COMPANY, *OTHER_COMPANIES))},
    optional={"name": NAMES, "timezone": st.sampled_from(["UTC", "Asia/Kathmandu", "Australia/Lord_Howe"])},
)


def _key(name: str) -> Callable[[dict[str, Any]], Hashable]:
    """Return the key by which two customers with the same value of a field are refused."""
    return lambda customer: customer.get(name) or repr(sorted(customer.items()))


SETTINGS: SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "companies": st.lists(_COMPANIES, max_size=3, unique_by=lambda one: one["id"]),
        "applications": st.lists(_APPLICATIONS, max_size=3, unique_by=lambda one: str(one["client_id"])),
        "redirect_uris": st.lists(st.sampled_from(["https://shop.example/back"]), max_size=1),
        "assumptions": st.fixed_dictionaries(
            {},
            optional={
                **{quirk_id: st.just(choice) for quirk_id, choice in TWIN_MOBILES.items()},
                "A10": st.just("newest"),
                "A11": st.just("digits"),
                "A15": st.sampled_from(["first_name", "newest_first"]),
                "C19": st.just("full"),
                "O06": st.sampled_from(["same", "new"]),
            },
        ),
        "page_size": st.integers(1, 100_000),
        "rate_limit": st.sampled_from([True, False, {"basic": 5}, {"basic": 0, "oauth": 10**9}]),
        "open_auth": st.booleans(),
        "seed": st.lists(CUSTOMERS, max_size=2, unique_by=(_key("id"), _key("mobile"))),
    },
)
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(timezone.utc))  # noqa: DTZ001 - bounds are naive
_STEPS: SearchStrategy[tuple[str, Any]] = st.one_of(
    st.tuples(st.just("add"), st.tuples(st.integers(0, 3), CUSTOMERS)),
    st.tuples(st.just("add"), st.tuples(st.integers(0, 3), CUSTOMERS)),
    st.tuples(st.just("remove"), st.integers(0, 3)),
    st.tuples(st.just("freeze"), st.none() | MOMENTS),
    st.tuples(st.just("set"), MOMENTS),
    st.tuples(st.just("advance"), st.integers(0, 10**6) | st.floats(0, 10**6)),
    st.tuples(st.just("resume"), st.none()),
    st.tuples(st.just("token"), st.integers(0, 3)),
    st.tuples(st.just("code"), st.integers(0, 3)),
    st.tuples(st.just("stranger"), NAMES),
)
HISTORIES: SearchStrategy[list[tuple[str, Any]]] = st.lists(_STEPS, max_size=8)


def play(kounta: FakeKounta, history: list[tuple[str, Any]]) -> None:
    """Apply all operations to a fake; refused ones change nothing."""
    for step, value in history:
        _STEP[step](kounta, value)


def _add(kounta: FakeKounta, value: tuple[int, dict[str, Any]]) -> None:
    number, fields = value
    companies = list(kounta.companies.values())
    try:
        companies[number % len(companies)].customers.add(**fields)
    except ValueError as error:
        assert "already" in str(error)  # noqa: PT017 - the only possible reason


def _remove(kounta: FakeKounta, number: int) -> None:
    customers = kounta.customers.all()
    if customers:
        kounta.customers.remove(customers[number % len(customers)].id)


def _token(kounta: FakeKounta, number: int) -> None:
    applications = kounta.world.applications.all()
    kounta.world.applications.issue(applications[number % len(applications)], kounta.clock.now())


def _code(kounta: FakeKounta, number: int) -> None:
    applications = kounta.world.applications.all()
    client_id = applications[number % len(applications)].client_id
    kounta.world.applications.authorise(client_id, REDIRECT_URI, kounta.clock.now())


def _stranger(kounta: FakeKounta, text: str) -> None:
    with kounta.httpx_client() as client:
        client.get("/v1/companies/me.json", auth=(text, text[1:2]))


_STEP: dict[str, Any] = {
    "add": _add,
    "remove": _remove,
    "freeze": lambda kounta, at: kounta.clock.freeze(at),
    "set": lambda kounta, at: kounta.clock.set(at),
    "advance": lambda kounta, seconds: kounta.clock.advance(seconds=seconds),
    "resume": lambda kounta, _: kounta.clock.resume(),
    "token": _token,
    "code": _code,
    "stranger": _stranger,
}


def timeless(document: Any) -> Any:
    """Return a state as JSON without the time of a running clock."""
    state = json.loads(json.dumps(document))
    if not state["clock"]["frozen"]:
        now = datetime.fromisoformat(state["clock"].pop("now"))
        expected = datetime.now(timezone.utc) + timedelta(seconds=state["clock"]["offset_seconds"])
        assert abs(now - expected) < timedelta(minutes=1)
    return state


def state(kounta: FakeKounta) -> Any:
    """Return the whole state of a fake as JSON, without the time of a running clock."""
    return timeless(state_of(kounta.world))
