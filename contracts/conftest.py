"""Fixtures for the targets of the contract suite, and the rules for every contract test."""

from __future__ import annotations

import ssl
from collections.abc import Generator, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest

from contracts.arranging import Application
from contracts.exchanges import TIMEOUT_SECONDS
from contracts.live import live_target_of, observed, refuse_dead_target
from contracts.observing import PROBES
from contracts.options import add_options, check_options, chosen, option
from contracts.receiver import Receiver, receiving
from contracts.target import OTHER_COMPANY_ID, KountaTarget
from contracts.webhooks import Listening, Webhooks
from fakekounta.catalogue.quirks import Quirk

# Quirks that no request can prove on any target, with the reason.
NOT_PROVABLE: Mapping[str, str] = {
    "K09": "about the process of a test, not about a server",
    "K11": "about the disk of the fake, which no request fills",
    "S08": "no request to the API changes a register, so none causes a delivery",
    "M07": "no request to the API that the fake knows changes a tax, so none causes a delivery",
    "W20": "about the fake only: a real service has no control surface, and must not be asked to post to itself",
}

FAKES = ("in-process", "socket", "tls")
TOLD_BY_TLS = ("authentication", "headers", "transport")
"""Modules about what TLS could change, in each run; `make test-verify` runs the others by TLS."""
LISTENER = "fakekounta-verification"
"""The plugin that collects exchanges and observations, if there is one."""
SECOND_APPLICATION = Application(
    client_id="other-client-id", client_secret="other-client-secret", signature_token="other-signature-token"
)
FAKE_REDIRECT_URI = "http://localhost/callback"

_HERE = Path(__file__).parent
_IDS = frozenset(quirk.id for quirk in Quirk)


class FakeApplication(Protocol):
    """The part of the fake's application that this suite uses."""

    @property
    def client_id(self) -> str: ...
    @property
    def client_secret(self) -> str: ...
    @property
    def signature_token(self) -> str: ...


class FakeCompany(Protocol):
    """The part of the fake's company that this suite uses."""

    @property
    def id(self) -> int: ...


class Fake(Protocol):
    """The part of the fixture `fakekounta_server` that this suite uses."""

    @property
    def url(self) -> str: ...
    @property
    def tls_url(self) -> str: ...
    def speaking_tls(self) -> AbstractContextManager[str]: ...
    @property
    def company(self) -> FakeCompany: ...
    @property
    def application(self) -> FakeApplication: ...
    def httpx_client(self) -> httpx.Client: ...
    def fresh(self, **settings: Any) -> AbstractContextManager[Fake]: ...


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "spares_an_account: a test of the rate limit that does not use it up")
    config.addinivalue_line("markers", "quirk(id): the one statement of the catalogue that a contract test proves")
    check_options(config)


def pytest_sessionstart(session: pytest.Session) -> None:
    if option(session.config, "url"):
        refuse_dead_target(session.config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "target" in metafunc.fixturenames:
        kinds = ("live",) if option(metafunc.config, "url") else _fakes(metafunc.module.__name__)
        metafunc.parametrize("target", kinds, indirect=True)


def _fakes(module: str) -> list[Any]:
    is_told = module.rpartition("test_")[2] in TOLD_BY_TLS
    return [*FAKES[:2], FAKES[2] if is_told else pytest.param(FAKES[2], marks=pytest.mark.whole_verification)]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _HERE in item.path.parents:
            _refuse_unruly(item)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Make a skip a failure on the fake over a socket, because it must prove everything."""
    report = (yield).get_result()
    if report.skipped and _kind(item) in ("socket", "tls"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
        report.outcome = "failed"
        report.longrepr = f"the fake over a socket must skip no test: {reason}"


@pytest.fixture
def fake_settings() -> dict[str, Any]:
    """Return the settings of the fake's world; a module that needs other settings overrides this."""
    return {}


@pytest.fixture
def target(request: pytest.FixtureRequest, fake_settings: dict[str, Any]) -> Iterator[KountaTarget]:
    if request.param == "live":
        yield from _live(request, fake_settings)
        return
    server: Fake = request.getfixturevalue("fakekounta_server")
    with server.fresh(**_world(fake_settings)) as kounta:
        if request.param == "socket":
            yield _fake_target("socket", kounta, request.getfixturevalue("socket_client"))
        elif request.param == "tls":
            trusting: ssl.SSLContext = request.getfixturevalue("trusting")
            with kounta.speaking_tls():
                target = _fake_target("tls", kounta, request.getfixturevalue("tls_client"))
                yield replace(target, url=kounta.tls_url, trusting=trusting)
        else:
            with kounta.httpx_client() as client:
                yield target_in_process(kounta, client)


@pytest.fixture(scope="session")
def socket_client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=TIMEOUT_SECONDS) as client:
        yield client


@pytest.fixture(scope="session")
def trusting(fakekounta_server: Fake) -> ssl.SSLContext:
    """Return a context of clients that trusts the fake's certificate and no other."""
    with fakekounta_server.speaking_tls() as pem:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=pem)
        return context


@pytest.fixture(scope="session")
def tls_client(trusting: ssl.SSLContext) -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=TIMEOUT_SECONDS, verify=trusting) as client:
        yield client


@pytest.fixture(scope="session")
def live_target(pytestconfig: pytest.Config) -> Iterator[KountaTarget]:
    with httpx.Client(timeout=TIMEOUT_SECONDS) as client:
        yield live_target_of(pytestconfig, client)


def _live(request: pytest.FixtureRequest, fake_settings: dict[str, Any]) -> Iterator[KountaTarget]:
    """Yield the live target, and give the exchanges of the test to the listener of the run."""
    alternatives: Mapping[str, str] = request.getfixturevalue("alternatives")
    live: KountaTarget = request.getfixturevalue("live_target")
    target = replace(live, chosen=alternatives, exchanges=[], moved_by=[])
    listener = request.config.pluginmanager.get_plugin(LISTENER)
    if listener is not None:
        listener.exchanges_of(request.node.nodeid, target.exchanges)
    yield target
    target.set_time_right()


@pytest.fixture(scope="session")
def alternatives(pytestconfig: pytest.Config, live_target: KountaTarget) -> Mapping[str, str]:
    """Return the choices expected of a live target: those that are given, otherwise those that probes observed."""
    choices = dict(chosen(option(pytestconfig, "assumptions")))
    if not pytestconfig.getoption("--kounta-observe"):
        return choices
    listener = pytestconfig.pluginmanager.get_plugin(LISTENER)
    for quirk_id, probe in PROBES.items():
        seen, why, exchanges = observed(probe, live_target)
        if seen is not None:
            choices[quirk_id] = seen
        if listener is not None:
            listener.observed(quirk_id, seen, why, exchanges)
    return choices


@pytest.fixture(scope="session")
def session_receiver(pytestconfig: pytest.Config) -> Iterator[Receiver]:
    port, url = option(pytestconfig, "receiver-port"), option(pytestconfig, "receiver-url").rstrip("/")
    with receiving(port=int(port or 0), url=url or None) as receiver:
        yield receiver


@pytest.fixture
def receiver(target: KountaTarget, request: pytest.FixtureRequest) -> Receiver:
    """Return a receiver that the target can reach; each webhook of a test has another path there."""
    if target.kind == "live" and not target.is_here and not option(request.config, "receiver-url"):
        target.not_provable("it cannot reach a receiver of ours (--kounta-receiver-url, --kounta-receiver-port)")
    made: Receiver = request.getfixturevalue("session_receiver")
    return made


@pytest.fixture
def webhooks(target: KountaTarget) -> Iterator[Webhooks]:
    """Yield the application's webhooks; those that the test creates are deleted when it ends."""
    webhooks = Webhooks(target=target)
    yield webhooks
    webhooks.delete_made()


@pytest.fixture
def listen(webhooks: Webhooks, receiver: Receiver) -> Listening:
    return Listening(webhooks=webhooks, receiver=receiver)


def _world(settings: dict[str, Any]) -> dict[str, Any]:
    second = asdict(SECOND_APPLICATION)
    return {
        "applications": [{**second, "company_id": 5678}],
        "companies": [{"id": OTHER_COMPANY_ID, "name": "Other company"}],
        "webhook_mode": "immediate",
        **settings,
    }


def target_in_process(kounta: Fake, client: httpx.Client) -> KountaTarget:
    """Return the target that a client of this process reaches."""
    return _fake_target("in-process", kounta, client)


def _fake_target(kind: Any, kounta: Fake, client: httpx.Client) -> KountaTarget:
    own = kounta.application
    return KountaTarget(
        kind=kind,
        http=client,
        url=kounta.url,
        company_id=kounta.company.id,
        other_company_id=OTHER_COMPANY_ID,
        application=Application(
            client_id=own.client_id, client_secret=own.client_secret, signature_token=own.signature_token
        ),
        second_application=SECOND_APPLICATION,
        redirect_uri=FAKE_REDIRECT_URI,
    )


def _refuse_unruly(item: pytest.Item) -> None:
    if "target" not in getattr(item, "fixturenames", ()):
        raise pytest.UsageError(f"{item.nodeid} uses no target, so it proves nothing")
    marks = list(item.iter_markers("quirk"))
    if len(marks) != 1:
        raise pytest.UsageError(f"{item.nodeid} has {len(marks)} quirk marks; a contract test has exactly one")
    if len(marks[0].args) != 1 or marks[0].kwargs or marks[0].args[0] not in _IDS:
        raise pytest.UsageError(f"{item.nodeid} is marked with {marks[0].args}, which is not an id of the catalogue")


def _kind(item: pytest.Item) -> object:
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("target") if callspec else None
