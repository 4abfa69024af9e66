"""Tests of settings: the accepted values, the messages about others, and which value overrides which."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekounta import Application, Assumptions, CompanyProfile, FakeKounta, RequestsPerMinute
from fakekounta.settings.settings import Settings, SettingsError
from tests.sockets import unhurried

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = (
    "companies",
    "applications",
    "redirect_uris",
    "assumptions",
    "page_size",
    "rate_limit",
    "open_auth",
    "seed",
    "seed_file",
)
APPLICATION = {"client_id": "a", "client_secret": "s"}
WRONG: list[tuple[str, Any, str]] = [
    ("companies", 5, "companies: must be a list"),
    ("companies", "5678", "companies: must be a list"),
    ("companies", {"id": 1}, "companies: must be a list"),
    ("companies", [5], "companies[0]: must have the keys id, name, timezone"),
    ("companies", [{"id": 1}, {}], "companies[1].id: is required"),
    ("companies", [{"id": 0}], "companies[0].id: must be a whole number from 1 to "),
    ("companies", [{"id": True}], "companies[0].id: must be a whole number from 1 to "),
    ("companies", [{"id": "1"}], "companies[0].id: must be a whole number from 1 to "),
    ("companies", [{"id": 2**63}], "companies[0].id: must be a whole number from 1 to "),
    ("companies", [{"id": 1, "name": ""}], "companies[0].name: must be a text that is not empty"),
    ("companies", [{"id": 1, "timezone": "Mars"}], "companies[0].timezone: 'Mars' is not an IANA time zone"),
    ("companies", [{"id": 1, "timezone": ""}], "companies[0].timezone: must be a text that is not empty"),
    ("companies", [{"id": 1, "timezone": "/etc/passwd"}], "companies[0].timezone: '/etc/passwd' is not an IANA"),
    ("companies", [{"id": 1, "timezone": "x" * 5000}], "companies[0].timezone: "),
    ("companies", [{"id": 1, "zone": "UTC"}], "companies[0]: 'zone' is unknown; known are id, name, timezone"),
    ("companies", [CompanyProfile(id=1, timezone="Mars")], "companies[0].timezone: 'Mars' is not an IANA time zone"),
    ("companies", [CompanyProfile(id=1, name="")], "companies[0].name: must be a text that is not empty"),
    ("applications", {}, "applications: must be a list"),
    ("applications", ["a:s"], "applications[0]: must have the keys client_id, "),
    ("applications", [{"client_id": "a"}], "applications[0].client_secret: is required"),
    ("applications", [{"client_secret": "s"}], "applications[0].client_id: is required"),
    ("applications", [{**APPLICATION, "client_id": ""}], "applications[0].client_id: must be a text that is not empty"),
    ("applications", [{**APPLICATION, "client_secret": 1}], "applications[0].client_secret: must be a text"),
    ("applications", [{**APPLICATION, "company_id": "5678"}], "applications[0].company_id: must be a whole number"),
    (
        "applications",
        [{**APPLICATION, "company_id": 1}],
        "applications: a belongs to company 1, but the companies are 5678",
    ),
    ("applications", [{**APPLICATION, "access_token": ""}], "applications[0].access_token: must be a text"),
    ("applications", [{**APPLICATION, "refresh_token": 1}], "applications[0].refresh_token: must be a text"),
    ("applications", [{**APPLICATION, "signature_token": None}], "applications[0].signature_token: must be a text"),
    ("applications", [{**APPLICATION, "redirect_uris": "x"}], "applications[0].redirect_uris: must be a list of texts"),
    (
        "applications",
        [{**APPLICATION, "any_redirect_uri": 1}],
        "applications[0].any_redirect_uri: must be true or false",
    ),
    ("applications", [{**APPLICATION, "secret": "s"}], "applications[0]: 'secret' is unknown; known are client_id, "),
    ("applications", [Application(client_id="", client_secret="s")], "applications[0].client_id: must be a text"),
    ("redirect_uris", "http://x", "redirect_uris: must be a list of texts"),
    ("redirect_uris", [""], "redirect_uris: must be a text that is not empty"),
    ("redirect_uris", [None], "redirect_uris: must be a text that is not empty"),
    ("assumptions", "A01=customer", "assumptions: must be a mapping of ids to choices"),
    ("assumptions", {"A99": "x"}, "assumptions: assumption 'A99' is unknown; known are A01, "),
    ("assumptions", {1: "x"}, "assumptions: assumption 1 is unknown"),
    ("assumptions", {"A01": "full"}, "assumptions: assumption A01 has no choice 'full'; choose from empty, customer"),
    ("assumptions", {"A07": 409}, "assumptions: assumption A07 has no choice 409; choose from 400, 409, 422"),
    ("assumptions", {"A01": []}, "assumptions: assumption A01 has no choice []"),
    ("page_size", 0, "page_size: must be a whole number from 1 to 100000, not 0"),
    ("page_size", 100_001, "page_size: must be a whole number from 1 to 100000, not 100001"),
    ("page_size", "25", "page_size: must be a whole number from 1 to 100000, not '25'"),
    ("page_size", 25.0, "page_size: must be a whole number from 1 to 100000, not 25.0"),
    ("page_size", True, "page_size: must be a whole number from 1 to 100000, not True"),
    ("page_size", None, "page_size: must be a whole number from 1 to 100000, not None"),
    ("rate_limit", 60, "rate_limit: must be true or false, or numbers for basic and oauth, not "),
    ("rate_limit", "yes", "rate_limit: must be true or false, or numbers for basic and oauth, not "),
    ("rate_limit", {"basic": -1}, "rate_limit.basic: must be a whole number"),
    ("rate_limit", {"oauth": "1"}, "rate_limit.oauth: must be a whole number"),
    ("rate_limit", {"bearer": 1}, "rate_limit: 'bearer' is unknown; known are basic, oauth"),
    ("open_auth", 1, "open_auth: must be true or false, not 1"),
    ("open_auth", "true", "open_auth: must be true or false, not 'true'"),
    ("seed", "seed.json", "seed: must be a list of customers; for a file use seed_file"),
    ("seed", {"first_name": "Sam"}, "seed: must be a list of customers"),
    ("seed", 1, "seed: must be a list of customers"),
    ("seed_file", 1, "seed_file: must be a path, not 1"),
    ("seed_file", b"seed.json", "seed_file: must be a path"),
]


@pytest.mark.parametrize("name,value,message", WRONG)
def test_a_wrong_value_is_refused_by_name(name: str, value: Any, message: str) -> None:
    """The error is a ValueError of one line, which begins with the path of the wrong part."""
    with pytest.raises(SettingsError) as caught:
        FakeKounta(**{name: value})
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    "name,values",
    [
        ("host", [5, None, b"127.0.0.1", ""]),
        ("port", ["8080", -1, 65_536, 1.0, None, True]),
        ("body_bytes", ["1M", 0, -1, 1.5, None, True]),
    ],
)
def test_what_concerns_the_server_is_refused_by_name_too(name: str, values: list[Any]) -> None:
    """host, port and body_bytes are checked when the fake is made, not when it starts."""
    for value in values:
        with pytest.raises(SettingsError, match=rf"^{name}: must be "):
            FakeKounta(**{name: value})


def test_an_unknown_setting_is_a_type_error() -> None:
    """It is a TypeError like that of any unknown keyword, and lists the settings."""
    with pytest.raises(TypeError, match=r"^unknown setting 'pagesize'; known are .*page_size"):
        FakeKounta(pagesize=5)  # type: ignore[call-arg] # on purpose


@unhurried
@given(name=st.sampled_from(NAMES), value=ANYTHING)
def test_any_value_is_taken_or_refused_by_name(name: str, value: Any) -> None:
    """Any value is accepted, or refused with the setting's name first."""
    try:
        Settings.of(**{name: value})
    except SettingsError as refusal:
        assert str(refusal).startswith(name)  # noqa: PT017 - both outcomes are right


# --- defaults and additions ------------------------------------------------------------------------------------


def test_the_default_world() -> None:
    """Without settings: company 5678 with one application of fixed, documented credentials, 25 items a page."""
    kounta = FakeKounta()
    assert list(kounta.companies) == [5678]
    assert (kounta.company.id, kounta.company.name, kounta.company.timezone) == (
        5678,
        "Fake Kounta Cafe",
        "Australia/Melbourne",
    )
    application = kounta.application
    assert kounta.auth == ("fake-client-id", "fake-client-secret")
    assert (application.access_token, application.refresh_token) == ("fake-access-token", "fake-refresh-token")
    assert (application.signature_token, application.redirect_uris) == (
        "fake-signature-token",
        ("http://localhost/callback",),
    )
    assert (kounta.world.page_size, kounta.world.rate_limit, kounta.world.open_auth) == (25, None, False)
    assert (len(kounta.customers), kounta.clock.frozen, kounta.world.assumptions.changes()) == (0, False, {})


def test_further_companies_and_applications_are_in_addition() -> None:
    """The default ones are first; missing values of others are those of the default."""
    kounta = FakeKounta(
        companies=[{"id": 1, "name": "One", "timezone": "Europe/Berlin"}, CompanyProfile(id=2, name="Two")],
        applications=[
            {"client_id": "a", "client_secret": "s", "company_id": 1},
            Application(client_id="b", client_secret="t", company_id=2),
            {"client_id": "c", "client_secret": "u"},
        ],
    )
    assert [(one.id, one.name) for one in kounta.companies.values()] == [
        (5678, "Fake Kounta Cafe"),
        (1, "One"),
        (2, "Two"),
    ]
    assert [one.timezone for one in kounta.companies.values()] == [
        "Australia/Melbourne",
        "Europe/Berlin",
        "Australia/Melbourne",
    ]
    assert [(one.client_id, one.company_id) for one in kounta.world.applications.all()] == [
        ("fake-client-id", 5678),
        ("a", 1),
        ("b", 2),
        ("c", 5678),
    ]
    assert kounta.company.id == 5678
    assert kounta.auth == ("fake-client-id", "fake-client-secret")


def test_the_default_can_be_overridden_by_its_id() -> None:
    """A company or an application with the id of the default one replaces it, and is then the default."""
    mine = {"client_id": "fake-client-id", "client_secret": "mine"}
    kounta = FakeKounta(companies=[{"id": 5678, "name": "Mine", "timezone": "UTC"}], applications=[mine])
    assert (kounta.company.name, kounta.company.timezone) == ("Mine", "UTC")
    assert kounta.auth == ("fake-client-id", "mine")
    assert len(kounta.companies) == len(kounta.world.applications.all()) == 1
    with kounta.httpx_client() as client:
        assert client.get("/v1/companies/me.json", auth=kounta.auth).json()["name"] == "Mine"
        for credentials in (
            {"auth": ("fake-client-id", "fake-client-secret")},
            {"headers": bearer("fake-access-token")},
        ):
            assert client.get("/v1/companies/me.json", **credentials).status_code == 401


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    "given, message",
    [
        ({"companies": [{"id": 1}, {"id": 2}, {"id": 1}]}, "companies[2].id: 1 is given twice"),
        ({"companies": [{"id": 5678}, {"id": 5678}]}, "companies[1].id: 5678 is given twice"),
        (
            {"applications": [{"client_id": "a", "client_secret": "x"}, {"client_id": "a", "client_secret": "y"}]},
            "applications[1].client_id: 'a' is given twice",
        ),
    ],
)
def test_two_of_one_id_are_refused(given: dict[str, Any], message: str) -> None:
    """Two companies or two applications with one id are a mistake: one of them would count for nothing."""
    with pytest.raises(SettingsError, match=re.escape(message)):
        Settings.of(**given)


def test_further_redirect_uris_are_registered() -> None:
    """redirect_uris are registered for the default application in addition to its own."""
    kounta = FakeKounta(redirect_uris=["https://shop.example/back"])
    asked = {"client_id": "fake-client-id", "response_type": "code", "state": "s"}
    with kounta.httpx_client() as client:
        statuses = {
            uri: client.get("/authorize", params={**asked, "redirect_uri": uri}).status_code
            for uri in ("https://shop.example/back", "http://localhost/callback", "https://shop.example/")
        }
    assert list(statuses.values()) == [302, 302, 500]


@pytest.mark.parametrize(
    "value,limits",
    [
        (True, RequestsPerMinute(basic=60, oauth=180)),
        (False, None),
        (None, None),
        ({"basic": 5}, RequestsPerMinute(basic=5, oauth=180)),
        ({}, RequestsPerMinute()),
        (RequestsPerMinute(oauth=1), RequestsPerMinute(basic=60, oauth=1)),
    ],
)
def test_forms_of_the_rate_limit(value: Any, limits: RequestsPerMinute | None) -> None:
    """True means the documented limits, a mapping changes single ones, False and None mean none."""
    assert FakeKounta(rate_limit=value).world.requests_per_minute == limits


def test_assumptions_may_be_given_whole() -> None:
    """An Assumptions object is accepted with all its choices; others have the default."""
    chosen = Assumptions({"A01": "customer"})
    assert FakeKounta(assumptions=chosen).world.assumptions == chosen
    assert (chosen["A01"], chosen["A07"], chosen.changes()) == ("customer", "400", {"A01": "customer"})


def test_settings_are_read_once() -> None:
    """A later change of a given list or dictionary changes nothing, even after a reset."""
    companies: list[Any] = [{"id": 1, "name": "One"}]
    seed = [{"first_name": "Sam", "phone": "1", "tags": ["a"]}]
    kounta = FakeKounta(companies=companies, seed=seed)
    companies.clear()
    seed[0]["tags"].append("b")  # type: ignore[attr-defined]
    seed.clear()
    kounta.reset()
    assert list(kounta.companies) == [5678, 1]
    assert [customer.tags for customer in kounta.customers] == [("a",)]


def test_the_time_zone_of_a_company_is_that_of_its_answers() -> None:
    """Timestamps have the offset of the company's own zone."""
    kounta = FakeKounta(companies=[{"id": 5678, "timezone": "Asia/Kathmandu"}])
    kounta.clock.freeze("2026-11-23T00:00:00Z")
    with kounta.httpx_client() as client:
        record = client.get("/v1/companies/me.json", auth=kounta.auth).json()
    assert record["created_at"] == "2026-11-23T05:45:00+05:45"
    assert timedelta(hours=5, minutes=45) == kounta.world.company.zone.utcoffset(kounta.clock.now())


def test_a_seed_file_is_a_path_or_none(tmp_path: Path) -> None:
    """None means no seed file; a relative path starts at the working directory."""
    assert len(FakeKounta(seed_file=None).customers) == 0
    with pytest.raises(ValueError, match=r"missing\.json: cannot be read"):
        FakeKounta(seed_file="missing.json")
    assert not list(tmp_path.iterdir())
