"""Tests of the premise of the sweep: if no code asks for the choice of an assumption, its alternatives change nothing.

The same operations are made on two fakes that differ in one choice. Until the choice is asked, both must respond alike.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timezone
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from contracts.menu import SEED
from fakekounta import FakeKounta
from fakekounta.catalogue.assumptions import CHOICES
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.journal import Entry
from tests.caller import COMPANY, CUSTOMERS, FIRST_ID, Caller
from tests.openapi.drive import drive_under
from tests.shares import examples

ALTERNATIVES = [(quirk, name) for quirk, names in CHOICES.items() for name in names if name is not next(iter(names))]
MOMENT = datetime(2026, 3, 4, 5, 6, tzinfo=timezone.utc)
TEXTS = ["", "Al", "Bo", "al", "a@example.com", "A@example.com", "x", "04 1", "041", "04", None]
ADDRESSES = [{"city": "Exampleton"}, {"country": "AU"}, {"country": "au"}, {"lines": ["1 Lane"], "zone": "V"}, None, {}]
NAMES = ["first_name", "last_name", "email", "phone", "mobile", "image", "reference_id"]
IDS = [FIRST_ID, FIRST_ID + 1, 1, "x"]

fields = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(NAMES, st.sampled_from(TEXTS)),
        "primary_address": st.sampled_from(ADDRESSES),
        "accepts_marketing": st.booleans(),
        "people_id": st.integers(0, 1),
        "tags": st.sampled_from([["a"], [], None]),
    },
)
whole = st.builds(lambda more: {"first_name": "Al", "phone": "1", **more}, fields)
queries = st.dictionaries(
    st.sampled_from(["email", "mobile", "first_name", "last_name", "phone", "reference_id", "page", "sort"]),
    st.sampled_from([text for text in TEXTS if text is not None] + ["1", "2"]),
    max_size=3,
)
full_names = st.fixed_dictionaries(
    dict.fromkeys(["first_name", "last_name", "phone"], st.sampled_from([*TEXTS[:6], "1"]))
)
ids = st.sampled_from(IDS)
extension = st.sampled_from(["", ".json"])
paths = st.one_of(
    st.builds(lambda number, end: f"{CUSTOMERS}/{number}{end}", ids, extension),
    st.builds(lambda number, end: f"{CUSTOMERS}/{number}/addresses{end}", ids, extension),
    st.builds(lambda number: f"{CUSTOMERS}/{number}/orders", ids),
    st.sampled_from([COMPANY, f"{COMPANY}/webhooks", "/v1/companies/6", f"{CUSTOMERS}.json", f"{COMPANY}/products"]),
)
form = st.sampled_from(
    [
        {"grant_type": "refresh_token", "refresh_token": "fake-refresh-token"},
        {"grant_type": "client_credentials"},
        {"grant_type": "x"},
    ]
)
hook = st.fixed_dictionaries(
    {"topic": st.sampled_from(["customers/created", "customers/updated"])},
    optional={"format": st.sampled_from(["json", "xml"]), "filter": st.just({"attributes": ["name"]})},
)
steps = st.one_of(
    st.tuples(st.just("POST"), st.just(CUSTOMERS), whole | fields),
    st.tuples(st.just("PUT"), st.sampled_from([f"{CUSTOMERS}/{number}" for number in IDS]), fields),
    st.tuples(st.just("GET"), paths, st.none()),
    st.tuples(st.sampled_from(["DELETE", "OPTIONS", "PATCH", "HEAD"]), paths, st.none()),
    st.tuples(st.just("FIND"), st.just(""), queries | full_names),
    st.tuples(st.just("TOKEN"), st.just(""), form),
    st.tuples(st.just("BEARER"), st.just(""), st.sampled_from([0, 3600])),
    st.tuples(st.just("ENCODED"), st.just(""), st.sampled_from(["fake-client-secret", "x"])),
    st.tuples(st.just("NOBODY"), st.sampled_from([COMPANY, "/v1/companies/6", CUSTOMERS]), st.none()),
    st.tuples(st.just("VISIT"), st.sampled_from(["http://localhost/callback", "http://localhost/", ""]), st.just("s")),
    st.tuples(st.just("HOOK"), st.just(""), hook),
    st.tuples(st.just("ADD"), st.just(""), whole | fields),
    st.tuples(st.just("CHANGE"), st.just(""), fields),
    st.tuples(st.just("ALL"), st.just(""), st.none()),
)
Step = tuple[str, str, Any]


def sink(_: Any, start_response: Any) -> list[bytes]:
    """Accept any webhook."""
    start_response("204 No Content", [])
    return [b""]


def encoded(api: Caller, _: str, secret: str) -> httpx.Response:
    """Request a token with form-encoded credentials."""
    pair = "fake%2Dclient%2Did", secret.replace("-", "%2D")
    return api.http.post("/v1/token", data={"grant_type": "client_credentials"}, auth=pair)


def nobody(api: Caller, path: str, _: Any) -> httpx.Response:
    """Make a request without credentials."""
    return api.http.send(api.http.build_request("GET", path), auth=None)


def visit(api: Caller, redirect_uri: str, state: str) -> httpx.Response:
    """Visit the authorize page as a browser."""
    query = {"client_id": "fake-client-id", "response_type": "code", "redirect_uri": redirect_uri, "state": state}
    return api.http.get("/authorize", params=query)


VISITS = {"ENCODED": encoded, "NOBODY": nobody, "VISIT": visit}


class Story:
    """The responses of one fake to the steps, and the assumptions that they asked."""

    def __init__(self, kounta: FakeKounta, result_of: dict[str, str], seed: Sequence[Any]) -> None:
        self.asked: set[Quirk] = set()
        self.kounta = kounta
        self.kounta.observe(self._entry)
        self.kounta.on_delivery(self.asked.update)
        self.kounta.on_direct_change(self.asked.update)
        self.result_of, self.seed = result_of, seed

    def _entry(self, entry: Entry) -> None:
        self.asked.update(entry.quirks)

    def tell(self, steps: Sequence[Step]) -> list[Any]:
        """Return the responses and the deliveries."""
        self.kounta.set_default_assumptions(self.result_of)
        with self.kounta.fresh(seed=self.seed, page_size=2) as kounta:
            kounta.world.applications._token = iter(f"{number:040x}" for number in range(1000)).__next__
            kounta.clock.freeze(MOMENT)
            kounta.webhooks.deliver_to(sink)
            api = Caller(kounta)
            answers = [self.take(api, *step) for step in steps]
            deliveries = [
                (one.outcome, [(attempt.headers, attempt.body) for attempt in one.attempts])
                for one in kounta.webhooks.deliveries
            ]
            return [*answers, deliveries]

    def take(self, api: Caller, kind: str, path: str, value: Any) -> Any:
        """Make one step."""
        kounta = api.kounta
        try:
            if kind == "ADD":
                return kounta.customers.add(announce=True, **value)
            if kind == "CHANGE":
                return kounta.customers.change(FIRST_ID, announce=True, **value)
        except (ValueError, KeyError) as error:
            return type(error), str(error)
        if kind == "ALL":
            return kounta.customers.all()
        if kind == "FIND":
            answer = api.http.get(f"{CUSTOMERS}.json", params=value)
        elif kind == "TOKEN":
            answer = api.token(**value)
        elif kind == "BEARER":
            bearer = api.token(grant_type="client_credentials").json()["access_token"]
            kounta.clock.advance(seconds=value)
            answer = api.with_token(bearer)
        elif kind in VISITS:
            answer = VISITS[kind](api, path, value)
        elif kind == "HOOK":
            answer = api.http.post(f"{COMPANY}/webhooks", json={"address": "http://127.0.0.1:9/", **value})
        else:
            answer = api.http.request(kind, path, json=value) if value is not None else api.http.request(kind, path)
        return answer.status_code, sorted(answer.headers.multi_items()), answer.content


def result_of(
    story: Sequence[Step], seed: Sequence[Any] = (), choices: dict[str, str] | None = None
) -> tuple[Any, set[Quirk]]:
    """Return the result of the steps on a fake, and the assumptions that were asked."""
    teller = Story(FakeKounta(), choices or {}, seed)
    return teller.tell(story), teller.asked


def expire(client: httpx.Client, kounta: FakeKounta) -> None:
    """Do what the drive of the documents does not: create without an extension, use a token after its hour."""
    client.post(CUSTOMERS, json={"first_name": "Al", "phone": "1"})
    token = client.post("/v1/token", data={"grant_type": "client_credentials"}).json()["access_token"]
    kounta.clock.advance(seconds=3600)
    client.get(COMPANY, headers={"Authorization": f"Bearer {token}"}, auth=lambda request: request)


Drive = Callable[[httpx.Client], None]
Answers = Sequence[tuple[Any, frozenset[Quirk]]]


class OtherAnswerError(Exception):
    """Signals a response that is not the one before: what follows from it tells nothing."""


@functools.cache
def driven(drive: Drive) -> Answers:
    """Return a fake's responses to the requests of a drive, then all deliveries; each with the quirks asked by then."""
    return told(drive, {}, ())


def told(drive: Drive, assumptions: dict[str, str], before: Answers) -> Answers:
    """Return the same under these assumptions, up to the first response that is another than before."""
    kounta = FakeKounta(assumptions=assumptions, seed=SEED, webhook_mode="collect")
    kounta.world.applications._token = iter(f"{number:040x}" for number in range(1000)).__next__
    kounta.clock.freeze(MOMENT)
    asked: set[Quirk] = set()
    answers: list[tuple[Any, frozenset[Quirk]]] = []

    def watch(entry: Entry) -> None:
        asked.update(entry.quirks)
        response = entry.response
        answers.append(((entry.target, entry.status, response.headers, response.content), frozenset(asked)))

    def compare(_: httpx.Response) -> None:
        if before and answers[-1][0] != before[len(answers) - 1][0]:
            raise OtherAnswerError

    kounta.observe(watch)
    with kounta.httpx_client() as client, suppress(OtherAnswerError):
        client.auth = httpx.BasicAuth(*kounta.auth)
        client.event_hooks = {"response": [compare]}
        drive(client)
        expire(client, kounta)
    kounta.on_delivery(asked.update)
    kounta.webhooks.deliver_to(sink)
    sent = [attempt.body for one in kounta.webhooks.deliveries for attempt in one.attempts]
    return [*answers, (sent, frozenset(asked))]


@pytest.mark.parametrize("quirk, name", ALTERNATIVES, ids=lambda value: getattr(value, "id", value))
def test_the_first_answer_that_an_alternative_changes_was_asked_about(quirk: Quirk, name: str) -> None:
    """Each alternative changes a response or delivery, and the first that is changed asked for the assumption."""
    of = drive_under(quirk.id)
    before = driven(of)
    differing = ((one[0], two[0], one[1]) for one, two in zip(before, told(of, {quirk.id: name}, before), strict=False))
    default, other, asked = next((one for one in differing if one[0] != one[1]), ("nothing", "nothing", frozenset()))
    assert quirk in asked, f"{default} became {other}"


def unchanged(story: Sequence[Step], seed: Sequence[Any] = ()) -> None:
    """Check that no alternative of an assumption that the steps do not ask changes their result."""
    answers, asked = result_of(story, seed)
    for quirk, name in ALTERNATIVES:
        if quirk not in asked:
            assert result_of(story, seed, {quirk.id: name})[0] == answers, f"{quirk.id}={name}"


@given(story=st.lists(steps, min_size=1, max_size=8), seed=st.lists(whole, max_size=2))
@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_not_asked_changes_nothing(story: list[Step], seed: list[Any]) -> None:
    """The same holds for random steps."""
    try:
        Story(FakeKounta(), {}, seed).tell([])
    except ValueError:
        reject()  # a refused seed
    unchanged(story, seed)
