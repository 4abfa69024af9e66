"""Tests of late imports: they are done soon after a server listens; a use that fails earlier is a 503."""

from __future__ import annotations

import json
import subprocess
import sys
from threading import Event, current_thread

import pytest

from fakekounta import FakeKounta
from fakekounta.control import rehearsal
from fakekounta.wire.clients.call import REAL_ORIGIN, call

PATIENCE_SECONDS = 60

ASK = """
import http.client, json, sys
from threading import Event

from fakekounta import FakeKounta

KEY = {"Authorization": "Bearer fake-access-token", "Content-Type": "application/json", "Accept": "*/*"}
forbidden = Event()


def guard(event, arguments):
    if forbidden.is_set() and event in ("open", "import"):
        raise OSError(24, "Too many open files")


sys.addaudithook(guard)


def ask(port, method, path, document=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, None if document is None else json.dumps(document), KEY)
    answer = connection.getresponse()
    status, text = answer.status, answer.read().decode()
    connection.close()
    return status, text
"""
LATER = """
from fakekounta.control import rehearsal

with FakeKounta() as kounta:
    ask(kounta.port, "GET", "/v1/companies/me")
    assert rehearsal.finished.wait(120)
    forbidden.set()
    paths = ["", "/", "/health", "/page/app.js", "/openapi.json", "/control.openapi.json", "/state", "/clock",
             "/quirks", "/requests", "/webhooks", "/deliveries", "/faults", "/namespaces", "/settings", "/nothing"]
    answers = {path: ask(kounta.port, "GET", "/_fakekounta" + path)[0] for path in paths}
    new = {"first_name": "Sam", "phone": "1", "addresses": [{"country": "AU"}]}
    answers["new"] = ask(kounta.port, "POST", "/v1/companies/5678/customers.json", new)[0]
    hook = {"topic": "customers/created", "address": "http://127.0.0.1:9/"}
    answers["hook"] = ask(kounta.port, "POST", "/v1/companies/5678/webhooks.json", hook)[0]
    answers["xml"] = ask(kounta.port, "POST", "/v1/companies/5678/webhooks.json", hook | {"format": "xml"})[0]
    answers["again"] = ask(kounta.port, "POST", "/v1/companies/5678/customers.json", new | {"phone": "2"})[0]
    state = json.loads(ask(kounta.port, "GET", "/_fakekounta/state")[1])
    answers["restored"] = ask(kounta.port, "PUT", "/_fakekounta/state", state)[0]
    answers["fault"] = ask(kounta.port, "POST", "/_fakekounta/faults", {"status": 429, "times": 1})[0]
    answers["reset"] = ask(kounta.port, "POST", "/_fakekounta/reset")[0]
    forbidden.clear()
print(sorted((path, status) for path, status in answers.items() if status >= 500))
"""
BEFORE = """
with FakeKounta() as kounta:
    ask(kounta.port, "GET", "/v1/companies/me")
    forbidden.set()
    answers = [ask(kounta.port, "GET", "/_fakekounta" + path) for path in ("/health", "/")]
    forbidden.clear()
    answers.append(ask(kounta.port, "GET", "/_fakekounta/health"))
for status, text in answers:
    print(status, json.loads(text).get("error_description"))
"""

API_BEFORE = """
KINDS = [
    ("POST", "/v1/companies/5678/customers.json", {"first_name": "A", "phone": "1", "addresses": [{"country": "AU"}]}),
    ("POST", "/v1/companies/5678/customers.json", {"first_name": 1}),
    ("POST", "/v1/companies/5678/webhooks.json", {"topic": "customers/created", "address": "http://127.0.0.1:9/"}),
    ("GET", "//nowhere", None),
]
kind = KINDS[int(sys.argv[1])]
with FakeKounta() as kounta:
    forbidden.set()
    first = ask(kounta.port, *kind)
    forbidden.clear()
    print(first[0], json.loads(first[1]).get("error_description"), ask(kounta.port, *kind)[0])
"""


def output(code: str, *arguments: str) -> str:
    command = [sys.executable, "-c", ASK + code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


def test_the_rehearsal_loads_everything() -> None:
    """After the rehearsal the server opens no file and imports nothing for any request."""
    assert output(LATER) == "[]\n"


def test_a_control_call_before_the_rehearsal_is_a_clear_503() -> None:
    """A first use that cannot read its files is a 503 without a traceback, and later works."""
    text = "503 This part of the fake cannot be loaded now (OSError): try again, or restart the fake"
    assert output(BEFORE).splitlines() == [text, text, "200 None"]


@pytest.mark.parametrize("kind, later", [(0, 201), (1, 400), (2, 201), (3, 404)], ids=["new", "bad", "hook", "no path"])
def test_an_api_request_before_the_rehearsal_is_a_clear_503(kind: int, later: int) -> None:
    """The refused request changes nothing, and later works."""
    text = "This part of the fake cannot be loaded now (OSError): try again, or restart the fake"
    assert output(API_BEFORE, str(kind)) == f"503 {text} {later}\n"


def test_a_short_session_does_not_pay() -> None:
    """A process that ends before or during the rehearsal ends without output."""
    begun = "from fakekounta.control import rehearsal; rehearsal._BEGIN_SECONDS = 0.0"
    for before in ("", begun):
        code = f"{before}\nkounta = FakeKounta().start(); ask(kounta.port, 'GET', '/v1/companies/me')"
        assert output(code) == ""


@pytest.fixture
def unbegun(monkeypatch: pytest.MonkeyPatch) -> Event:
    """Undo the start of the rehearsal, and remove its pauses; give an event that ends a server."""
    monkeypatch.setattr(rehearsal, "finished", Event())
    monkeypatch.setattr(rehearsal, "_threads", [])
    monkeypatch.setattr(rehearsal, "_BEGIN_SECONDS", 0.0)
    monkeypatch.setattr(rehearsal, "_AGAIN_SECONDS", 0.0)
    return Event()


def test_each_step_is_taken_once(unbegun: Event) -> None:
    """One named thread takes each step once; after a failed step all remaining ones are tried again."""
    taken: list[str] = []
    names: list[str] = []

    def fail_once() -> None:
        names.append(current_thread().name)
        taken.append("second")
        if len(taken) == 2:
            raise OSError(24, "Too many open files")

    steps = [lambda: taken.append("first"), fail_once]
    rehearsal.begin(lambda: iter(steps), unbegun)
    rehearsal.begin(lambda: iter(steps), unbegun)
    assert rehearsal.finished.wait(PATIENCE_SECONDS)
    assert taken == ["first", "second"] * 2
    assert set(names) == {"fakekounta-rehearsal"}
    rehearsal.begin(lambda: iter(steps), unbegun)
    assert len(taken) == 4


def test_it_ends_with_the_server(unbegun: Event) -> None:
    """It ends before a step, and between two."""
    taken: list[str] = []

    def step() -> None:
        taken.append("step")
        unbegun.set()

    assert rehearsal._take_all(iter([step, step]), unbegun) is False
    assert taken == ["step"]
    rehearsal._take(lambda: iter([step]), unbegun)
    assert taken == ["step"]
    assert not rehearsal.finished.is_set()
    assert rehearsal._take_all(iter([]), unbegun) is True


def test_each_step_succeeds() -> None:
    """Each request succeeds, except one for a customer, whose refusal needs parts of its own."""
    app = FakeKounta(webhook_mode="collect").wsgi_app
    refused = []
    for method, path, document in rehearsal._CALLS:
        body = b"" if document is None else json.dumps(document).encode()
        answer = call(app, method, f"{REAL_ORIGIN}{path}", rehearsal._HEADERS, body)
        if answer.status >= 400:
            refused.append((answer.status, path, document))
    assert refused == [(400, "/v1/companies/5678/customers.json", {"first_name": 1})]
