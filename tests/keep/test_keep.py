"""Tests of `serve --keep`: what is answered is in the file, and the next start has the same state."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings

from fakekounta.core.clock import system_now
from fakekounta.core.deliveries import FAILED
from fakekounta.core.sources import GivenSources
from fakekounta.keep import kept, starts
from fakekounta.keep.kept import KeptKounta
from fakekounta.keep.log import KeepError
from fakekounta.keep.replica import Replica, replayed
from fakekounta.keep.snapshots import document_of, pieces_of
from fakekounta.keep.sqlite_log import LogReader, SqliteLog
from fakekounta.wire.clients.call import WsgiResponse, call
from fakekounta.wire.clients.cut import Cut
from tests.lab import calling, serving
from tests.outboxes import attempt
from tests.worlds.test_determinism import OPERATIONS, STEPS, Leader

CUSTOMERS = "/v1/companies/5678/customers.json"
FIRST = "/v1/companies/5678/customers/389427.json"
AUTH = ("Authorization", "Basic ZmFrZS1jbGllbnQtaWQ6ZmFrZS1jbGllbnQtc2VjcmV0")
JSON = ("Content-Type", "application/json")
END = datetime(2100, 1, 1, tzinfo=timezone.utc)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept.db"


@contextmanager
def keeping(path: Path, **given_settings: Any) -> Iterator[KeptKounta]:
    kounta = KeptKounta(path, **given_settings)
    try:
        yield kounta
    finally:
        kounta.stop()


def ask(kounta: KeptKounta, method: str, path: str, body: Any = None) -> WsgiResponse:
    content = b"" if body is None else json.dumps(body).encode()
    return call(kounta.wsgi_app, method, f"http://127.0.0.1{path}", [AUTH, JSON], content)


def create(kounta: KeptKounta, name: str = "Ada") -> int:
    return ask(kounta, "POST", CUSTOMERS, {"first_name": name, "phone": "1"}).status


def names(kounta: KeptKounta | Replica) -> list[str]:
    return [one.first_name for one in kounta.customers.all()]


def state(kounta: Replica) -> str:
    with kounta.given.change(END, b""):
        return "".join(pieces_of(document_of(kounta.worlds(), END, 0)))


class Client(Leader):
    """Makes the operations of the test of determinism on a fake that keeps them."""

    def __init__(self, kounta: KeptKounta) -> None:
        self.kounta = kounta
        self.given = kounta.given
        self.bodies = []
        self.now, self.token, self.code, self.receiver_status = system_now(), "none", "none", 200
        kounta.courier._post = kounta.namespaces._post = lambda _: self.receiver_status

    def request(self, method: str, path: str, body: Any = None, *headers: tuple[str, str]) -> None:
        self.now = system_now()
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = headers or (AUTH, JSON)
        try:
            made = call(self.kounta.wsgi_app, method, f"http://127.0.0.1{path}", sent, content, sleep=lambda _: None)
        except Cut:
            return
        self.bodies.append((made.status, made.body))

    def deliver(self, status: int) -> None:
        self.receiver_status = status
        for one in (self.kounta, *self.kounta.namespaces.values()):
            one.webhooks.deliver()


# --- the next start --------------------------------------------------------------------------------------------------


@settings(max_examples=5, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(steps=STEPS)
@example([("hook", 0), ("create", 1), ("failed", 0), ("disturb", 0), ("create", 2), ("delivered", 0), ("redeliver", 1)])
@example([("limit", 0), *[("read", 0)] * 7, ("token", 1), ("authorize", 0), ("namespace", 1), ("late", 0), ("read", 1)])
def test_the_next_start_has_the_same_state(steps: list[tuple[str, int]]) -> None:
    """After any changes, the state that a file keeps is that of the server that wrote it, byte for byte."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept, "SNAPSHOT_CHANGES", 7)
        path = Path(folder, "kept.db")
        with keeping(path, webhook_mode="collect") as first:
            client = Client(first)
            for name, n in steps:
                OPERATIONS[name](client, n)
        with keeping(path, webhook_mode="collect") as second:
            assert state(second) == state(first)


def test_the_seed_is_for_an_empty_file_and_a_reset(file: Path, tmp_path: Path) -> None:
    """A seed file fills an empty file only; a reset returns to the seed of the last start, and is kept."""
    seed = tmp_path / "seed.json"
    seed.write_text('[{"first_name": "Seed", "phone": "1"}]')
    with keeping(file, seed_file=seed) as kounta:
        create(kounta)
    with keeping(file, seed_file=seed) as kounta:
        assert names(kounta) == ["Seed", "Ada"]
        ask(kounta, "POST", "/_fakekounta/reset")
        assert names(kounta) == ["Seed"]
        create(kounta, "Bea")
    seed.write_text('[{"first_name": "Other", "phone": "1"}]')
    with keeping(file, seed_file=seed) as kounta:
        assert names(kounta) == ["Seed", "Bea"]
        ask(kounta, "POST", "/_fakekounta/reset")
    seed.unlink()
    with keeping(file) as kounta:
        assert names(kounta) == ["Other"]


def test_other_settings_are_a_change(file: Path) -> None:
    """Settings that differ from those of the last start change the state; what clients changed meanwhile stays."""
    with keeping(file, page_size=3) as kounta:
        create(kounta)
        ask(kounta, "PUT", "/_fakekounta/assumptions", {"A15": "newest_first"})
        ask(kounta, "POST", "/_fakekounta/clock")
    with keeping(file, page_size=4, applications=[{"client_id": "x", "client_secret": "y"}]) as kounta:
        assert (kounta.world.page_size, kounta.assumptions["A15"], names(kounta)) == (4, "newest_first", ["Ada"])
        assert [one.client_id for one in kounta.world.applications.all()] == ["fake-client-id", "x"]
    with keeping(file, page_size=4, applications=[{"client_id": "x", "client_secret": "y"}]) as kounta:
        assert (kounta.world.page_size, kounta.assumptions["A15"], names(kounta)) == (4, "newest_first", ["Ada"])


def test_what_guards_the_server_guards_no_replay(file: Path) -> None:
    """Changes were allowed when they were made: another token at the next start takes none of them back."""
    with keeping(file, control_token="a") as kounta:
        sent = [JSON, ("X-Fakekounta-Token", "a")]
        body = b'{"first_name": "Ada", "phone": "1"}'
        assert call(kounta.wsgi_app, "POST", "http://127.0.0.1/_fakekounta/customers", sent, body).status == 201
    with keeping(file, control_token="b", body_bytes=9) as kounta:
        assert names(kounta) == ["Ada"]


def test_another_version_makes_the_same_responses(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version replays a file if each change gets the status that was sent; otherwise it refuses the file."""
    with keeping(file) as kounta:
        create(kounta)
        create(kounta)
    monkeypatch.setattr(starts, "__version__", "99.0")
    with keeping(file) as kounta:
        assert names(kounta) == ["Ada", "Ada"]
        create(kounta)
        create(kounta)
    monkeypatch.setattr(Replica, "make", lambda *_: 418)
    before = files(file)
    with pytest.raises(KeepError, match="was answered 201, and would be 418"):
        KeptKounta(file)
    assert files(file) == before


def test_clocks_at_odd_rates_are_kept_exactly(file: Path) -> None:
    """A clock that a snapshot restores shows the same time, to the microsecond, however fast it runs and far it is."""
    with keeping(file) as first:
        ask(first, "PUT", "/_fakekounta/clock", {"rate": 0.7000001})
        for name, now in (("far", "9000-01-01T00:00:00.000001Z"), ("early", "1971-01-01T00:00:00.000001Z")):
            ask(first, "PUT", f"/_fakekounta/ns/{name}/_fakekounta/clock", {"now": now})
        first._make_snapshot()
    with keeping(file) as second:
        assert times(second) == times(first)


def times(kounta: Replica) -> list[list[datetime]]:
    """Return what the clocks of all worlds show at fifty moments."""
    shown = []
    for seconds in range(50):
        with kounta.given.change(END + timedelta(seconds=seconds), b""):
            shown.append([world.clock.now() for world in kounta.worlds().values()])
    return shown


# --- which requests are changes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "method, path, is_change",
    [
        ("GET", FIRST, False),
        ("GET", "/_fakekounta/state", False),
        ("POST", "/_fakekounta/deliver", False),
        ("GET", "/authorize?client_id=fake-client-id", True),
        ("GET", f"/_fakekounta/ns/new{FIRST}", True),
        ("DELETE", FIRST, True),
    ],
)
def test_only_what_may_change_anything_is_kept(file: Path, method: str, path: str, is_change: bool) -> None:
    """Reads are not in the file."""
    with keeping(file) as kounta:
        ask(kounta, method, path)
        assert kounta.changes_kept == 1 + is_change


@pytest.mark.parametrize("setting", [{"rate_limit": True}, {"open_auth": True}, {"faults": [{"status": 503}]}])
def test_with_counts_each_request_is_a_change(file: Path, setting: dict[str, Any]) -> None:
    """With a rate limit, faults or open authentication, a GET decides about the next response, so it is kept."""
    with keeping(file, **setting) as kounta:
        ask(kounta, "GET", FIRST)
        assert kounta.changes_kept == 2


def test_a_receiver_may_call_back(file: Path) -> None:
    """Deliveries before the response are made while nothing is locked: their receiver may change the fake."""
    with keeping(file, webhook_mode="immediate") as kounta:
        answers: list[int] = []
        app = calling(lambda *_: answers.append(create(kounta)) if not answers else None)
        with serving(app) as url:
            hook = {"topic": "customers/created", "address": url}
            assert ask(kounta, "POST", "/_fakekounta/webhooks", hook).status == 201
            assert (create(kounta), answers[:1]) == (201, [201])


def test_the_journal_begins_anew(file: Path) -> None:
    """The exchanges before a start are in the log, not in the journal."""
    with keeping(file) as kounta:
        create(kounta)
    with keeping(file) as kounta:
        assert (names(kounta), kounta.requests.total) == (["Ada"], 0)


def test_deliveries_go_on_at_the_next_start(file: Path) -> None:
    """What was delivered is not delivered again, and what failed is tried once more when it is due."""
    with keeping(file, webhook_mode="collect") as kounta:
        ask(kounta, "POST", "/_fakekounta/webhooks", {"topic": "customers/created", "address": "http://127.0.0.1:9/"})
        for status in (200, 500):
            create(kounta)
            kounta.courier._post = lambda _, status=status: status  # type: ignore[misc]
            assert kounta.webhooks.deliver() == 1
    with keeping(file, webhook_mode="collect") as kounta:
        kounta.courier._post = lambda _: 200
        assert kounta.webhooks.deliver() == 0
        ask(kounta, "PUT", "/_fakekounta/clock", {"advance_seconds": 120})
        assert kounta.webhooks.deliver() == 1
        assert [(one.outcome, one.tries) for one in kounta.webhooks.deliveries] == [("delivered", 1), ("delivered", 2)]


# --- a full disk -----------------------------------------------------------------------------------------------------


def test_a_full_disk_refuses_changes_only(file: Path) -> None:
    """While there is no room, changes are 503 and are not made, and reads go on; with room again, changes are made."""
    with keeping(file, webhook_mode="collect") as kounta:
        ask(kounta, "POST", "/_fakekounta/webhooks", {"topic": "customers/created", "address": "http://127.0.0.1:9/"})
        create(kounta)
        filled = kounta.limit_pages(0)
        refused = ask(kounta, "POST", CUSTOMERS, {"first_name": "A" * 9_000, "phone": "1"})
        assert refused.status == 503
        assert b"K11" in refused.body
        assert b"full" in refused.body
        assert ask(kounta, "POST", "/_fakekounta/customers", {"first_name": "A" * 9_000}).status == 503
        assert (names(kounta), ask(kounta, "GET", FIRST).status) == (["Ada"], 200)
        kounta.courier._post = lambda _: 200
        assert kounta.webhooks.deliver() == 1
        kounta.limit_pages(filled)
        assert create(kounta, "Bea") == 201
    with keeping(file, webhook_mode="collect") as kounta:
        assert (names(kounta), kounta.webhooks.deliveries[0].outcome) == (["Ada", "Bea"], "delivered")


# --- one server for a file ------------------------------------------------------------------------------------------


def files(path: Path) -> dict[str, bytes]:
    """Return all files beside a file, with their content."""
    return {one.name: one.read_bytes() for one in path.parent.iterdir() if not one.name.endswith("-shm")}


def test_a_file_has_one_server(file: Path) -> None:
    """A second server is refused while the first one runs; readers are not."""
    with keeping(file) as kounta:
        create(kounta)
        with pytest.raises(KeepError, match="is in use by another fakekounta"):
            KeptKounta(file)
        reader = LogReader(file)
        assert names(replayed(reader, GivenSources())) == ["Ada"]
        reader.close()
    SqliteLog(file).close()


def test_any_state_of_the_past(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The state after any change that the file still has can be had again; old ones are given up with snapshots."""
    monkeypatch.setattr(kept, "SNAPSHOT_CHANGES", 4)
    with keeping(file) as kounta:
        for number in range(13):
            create(kounta, str(number))
            kounta.settle()
    with closing(sqlite3.connect(file)) as connection:
        kept_ones = [position for (position,) in connection.execute("SELECT position FROM changes ORDER BY position")]
    assert kept_ones == [1, *range(10, 15)]
    reader = LogReader(file)
    assert reader.first() == 9
    assert [len(names(replayed(reader, GivenSources(), at))) for at in (9, 10, 13)] == [8, 9, 12]
    with pytest.raises(KeepError, match="has no state before change 9"):
        replayed(reader, GivenSources(), 8)
    reader.close()


def test_a_late_result_makes_no_namespace(file: Path) -> None:
    """The result of an attempt for a namespace that was dropped meanwhile is not kept, and the namespace stays away."""
    with keeping(file, webhook_mode="collect") as kounta:
        here = kounta.namespace("a")
        here.webhooks.add("customers/created", "http://127.0.0.1:9/")
        here.customers.add(first_name="Ada", phone="1", announce=True)
        world = here.world
        delivery = world.outbox.take(world.clock.now())
        assert delivery is not None
        kounta.namespaces.drop("a")
        kept_before = kounta.changes_kept
        kounta._keep_attempt(here, world, delivery, attempt(delivery, world.clock.now()), FAILED)
        assert ([*kounta.namespaces], kounta.changes_kept) == ([], kept_before)
