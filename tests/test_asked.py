"""The claim that the sweep rests on: where a world was not asked about an assumption, its alternatives change nothing.

Random stories are told to two fakes that differ in one choice. Unless the first one says that it was asked, both must
answer the same to everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import Phase, find, given, reject, settings
from hypothesis import strategies as st

from fakekounta import FakeKounta
from fakekounta.assumptions import CHOICES
from fakekounta.core.journal import Entry
from fakekounta.quirks import Quirk
from tests.caller import COMPANY, CUSTOMERS, FIRST_ID, Caller

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
    st.tuples(st.just("HOOK"), st.just(""), hook),
    st.tuples(st.just("ADD"), st.just(""), whole | fields),
    st.tuples(st.just("CHANGE"), st.just(""), fields),
    st.tuples(st.just("ALL"), st.just(""), st.none()),
)
Step = tuple[str, str, Any]


def sink(_: Any, start_response: Any) -> list[bytes]:
    """Where webhooks go."""
    start_response("204 No Content", [])
    return [b""]


class Story:
    """What one fake makes of the steps, and what it was asked about."""

    def __init__(self, kounta: FakeKounta, told: dict[str, str], seed: Sequence[Any]) -> None:
        self.asked: set[Quirk] = set()
        self.kounta = kounta
        self.kounta.observe(self._entry)
        self.kounta.observe_beside(lambda quirks, _: self.asked.update(quirks))
        self.told, self.seed = told, seed

    def _entry(self, entry: Entry) -> None:
        self.asked.update(entry.quirks)

    def tell(self, steps: Sequence[Step]) -> list[Any]:
        """The answers, and the deliveries."""
        self.kounta.assume_unless_told(self.told)
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
        """One step."""
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
        elif kind == "HOOK":
            answer = api.http.post(f"{COMPANY}/webhooks", json={"address": "http://127.0.0.1:9/", **value})
        else:
            answer = api.http.request(kind, path, json=value) if value is not None else api.http.request(kind, path)
        return answer.status_code, sorted(answer.headers.multi_items()), answer.content


@pytest.mark.parametrize("quirk, name", ALTERNATIVES, ids=lambda value: getattr(value, "id", value))
def test_what_was_not_asked_changes_nothing(quirk: Quirk, name: str) -> None:
    """A story that does not ask the fake about an assumption is told the same under each alternative."""
    seen = set()

    @given(story=st.lists(steps, min_size=1, max_size=8), seed=st.lists(whole, max_size=2))
    @settings(max_examples=25, deadline=None, database=None, derandomize=True, phases=[Phase.generate, Phase.shrink])
    def told_twice(story: list[Step], seed: list[Any]) -> None:
        first = Story(FakeKounta(), {}, seed)
        try:
            answers = first.tell(story)
        except ValueError:
            reject()  # a seed that is refused: nothing was asked
        asked = quirk in first.asked
        seen.add(asked)
        if not asked:
            assert Story(FakeKounta(), {quirk.id: name}, seed).tell(story) == answers

    told_twice()
    assert seen == {True, False}, "stories ask too much or too little to show anything"


@pytest.mark.parametrize("quirk, name", ALTERNATIVES, ids=lambda value: getattr(value, "id", value))
def test_what_was_asked_changes_something(quirk: Quirk, name: str) -> None:
    """For each alternative there is a story that it changes: the stories reach every choice."""

    def differs(case: tuple[list[Step], list[Any]]) -> bool:
        story, seed = case
        first = Story(FakeKounta(), {}, seed)
        try:
            answers = first.tell(story)
        except ValueError:
            return False
        if quirk not in first.asked:
            return False
        try:
            return Story(FakeKounta(), {quirk.id: name}, seed).tell(story) != answers
        except ValueError:
            return True

    cases = st.tuples(st.lists(steps, min_size=1, max_size=8), st.lists(whole, max_size=2))
    find(cases, differs, settings=settings(max_examples=600, database=None, derandomize=True, phases=[Phase.generate]))
