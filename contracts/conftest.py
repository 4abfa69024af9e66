"""Targets of the contract suite, and the rules that every contract test obeys."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest

from contracts.alternatives import chosen
from contracts.exchanges import Exchange, Pace
from contracts.observing import PROBES, Probe
from contracts.receiver import Receiver, receiving
from contracts.target import OTHER_COMPANY_ID, TIMEOUT_SECONDS, Application, KountaTarget, Unarranged, basic
from contracts.webhooks import Listening, Webhooks
from fakekounta.quirks import Quirk

# Quirks that no request can prove on any target, with the reason.
NOT_PROVABLE: Mapping[str, str] = {}

FAKES = ("in-process", "socket")
LISTENER = "fakekounta-verification"
"""The plugin that is told what is asked and observed, if there is one."""
SECOND_APPLICATION = Application(
    client_id="other-client-id", client_secret="other-client-secret", signature_token="other-signature-token"
)
FAKE_REDIRECT_URI = "http://localhost/callback"

_HERE = Path(__file__).parent
_OPTIONS = {
    "url": "origin of a live target, such as https://api.kounta.com; without it, the fake is the target",
    "client-id": "client id of an application of the company",
    "client-secret": "client secret of that application",
    "company": "id of the company, in which the suite creates customers",
}
_PAIR = {
    "other-client-id": "client id of a second application of the same company",
    "other-client-secret": "client secret of that second application",
}
_MORE = {
    "redirect-uri": "registered redirect URI, if the target authorises without asking anybody",
    "signature-token": "the application's signature token; without it no signature can be checked",
}
_HOW = {
    "assumptions": 'answers that are expected where nobody knows, such as "A01=customer,A07=422"',
    "requests-per-minute": "how many requests may be sent; without it, as many as the target takes",
}
_RECEIVER = {
    "receiver-url": "public URL, without a path, at which the target reaches the suite's receiver of webhooks",
    "receiver-port": "port of 127.0.0.1 on which that receiver listens; a tunnel or proxy leads from the URL to it",
}


class FakeApplication(Protocol):
    """What the fixture tells of the fake's own application."""

    @property
    def client_id(self) -> str: ...
    @property
    def client_secret(self) -> str: ...
    @property
    def signature_token(self) -> str: ...


class FakeCompany(Protocol):
    """What the fixture tells of the fake's own company."""

    @property
    def id(self) -> int: ...


class Fake(Protocol):
    """What the plugin's fixture gives, as far as this suite needs it."""

    @property
    def url(self) -> str: ...
    @property
    def company(self) -> FakeCompany: ...
    @property
    def application(self) -> FakeApplication: ...
    def httpx_client(self) -> httpx.Client: ...
    def fresh(self, **settings: Any) -> AbstractContextManager[Fake]: ...


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("kounta", "the contract suite's live target")
    for name, text in (_OPTIONS | _PAIR | _MORE | _RECEIVER | _HOW).items():
        group.addoption(f"--kounta-{name}", metavar=name.upper().replace("-", "_"), help=text)
    group.addoption("--kounta-read-only", action="store_true", help="send nothing that changes a live target")
    group.addoption(
        "--kounta-observe", action="store_true", help="first find out which of the answers a live target has"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "spares_an_account: a test of the rate limit that does not use it up")
    config.addinivalue_line("markers", "quirk(id): the one statement of the catalogue that a contract test proves")
    _refuse_partial(config, _OPTIONS)
    _refuse_partial(config, _PAIR)
    _refuse_partial(config, _RECEIVER)
    others = [name for name in _PAIR | _MORE | _RECEIVER if _option(config, name)]
    if others and not _option(config, "url"):
        raise pytest.UsageError(f"--kounta-{others[0]} needs a live target: --kounta-url")
    if _option(config, "url") and not _option(config, "company").isdigit():
        raise pytest.UsageError(f"--kounta-company is no number: {_option(config, 'company')}")
    _check_how(config)
    if _option(config, "receiver-port") and not _option(config, "receiver-port").isdigit():
        raise pytest.UsageError(f"--kounta-receiver-port is no number: {_option(config, 'receiver-port')}")


def _check_how(config: pytest.Config) -> None:
    pace = _option(config, "requests-per-minute")
    if pace and (not pace.isdigit() or int(pace) == 0):
        raise pytest.UsageError(f"--kounta-requests-per-minute is no number from 1: {pace}")
    try:
        chosen(_option(config, "assumptions"))
    except ValueError as error:
        raise pytest.UsageError(f"--kounta-assumptions: {error}") from None


def pytest_sessionstart(session: pytest.Session) -> None:
    if _option(session.config, "url"):
        _refuse_dead_target(session.config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "target" in metafunc.fixturenames:
        kinds = ("live",) if _option(metafunc.config, "url") else FAKES
        metafunc.parametrize("target", kinds, indirect=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _HERE in item.path.parents:
            _refuse_unruly(item)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Over a socket the fake must prove everything: a skip is a failure."""
    report = (yield).get_result()
    if report.skipped and _kind(item) == "socket":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
        report.outcome = "failed"
        report.longrepr = f"on the fake over a socket nothing may be skipped: {reason}"


@pytest.fixture
def fake_settings() -> dict[str, Any]:
    """Keyword arguments of the fake's world; a module that needs another world overrides this."""
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
        else:
            with kounta.httpx_client() as client:
                yield _fake_target("in-process", kounta, client)


@pytest.fixture(scope="session")
def socket_client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=TIMEOUT_SECONDS) as client:
        yield client


@pytest.fixture(scope="session")
def live_target(pytestconfig: pytest.Config) -> Iterator[KountaTarget]:
    given: Callable[[str], str] = lambda name: _option(pytestconfig, name)  # noqa: E731 - read four times below
    second = Application(client_id=given("other-client-id"), client_secret=given("other-client-secret"))
    with httpx.Client(timeout=TIMEOUT_SECONDS) as client:
        yield KountaTarget(
            kind="live",
            http=client,
            url=given("url").rstrip("/"),
            company_id=int(given("company")),
            other_company_id=int(given("company")) + 1,
            application=Application(
                client_id=given("client-id"),
                client_secret=given("client-secret"),
                signature_token=given("signature-token") or None,
            ),
            second_application=second if second.client_id else None,
            redirect_uri=given("redirect-uri") or None,
            read_only=bool(pytestconfig.getoption("--kounta-read-only")),
            is_fakekounta=_is_fakekounta(client, given("url").rstrip("/")),
            pace=Pace(requests_per_minute=int(given("requests-per-minute") or 0) or None),
        )


def _is_fakekounta(client: httpx.Client, url: str) -> bool:
    """Whether the target has the control surface of a fake of ours."""
    try:
        return bool(client.get(f"{url}/_fakekounta/health").json()["status"] == "ok")
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return False


def _live(request: pytest.FixtureRequest, fake_settings: dict[str, Any]) -> Iterator[KountaTarget]:
    """The live target with the exchanges of one test, which the listener of the run is given."""
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
    """The answers that are expected of a live target: those that are given, or else those that it was seen to have."""
    choices = chosen(_option(pytestconfig, "assumptions"))
    if not pytestconfig.getoption("--kounta-observe"):
        return choices
    listener = pytestconfig.pluginmanager.get_plugin(LISTENER)
    for quirk_id, probe in PROBES.items():
        seen, why, exchanges = _observed(probe, live_target)
        if seen is not None:
            choices[quirk_id] = seen
        if listener is not None:
            listener.observed(quirk_id, seen, why, exchanges)
    return choices


def _observed(probe: Probe, live: KountaTarget) -> tuple[str | None, str, list[Exchange]]:
    """What a probe saw, or None and the reason."""
    target = replace(live, exchanges=[], moved_by=[])
    try:
        seen = probe(target)
    except (pytest.skip.Exception, Unarranged) as error:
        return None, str(error), target.exchanges
    except (KeyError, TypeError, ValueError, LookupError) as error:
        return None, f"the answer cannot be understood: {type(error).__name__}: {error}", target.exchanges
    finally:
        target.set_time_right()
    return seen, "" if seen is not None else "the answer is none of the alternatives", target.exchanges


@pytest.fixture(scope="session")
def session_receiver(pytestconfig: pytest.Config) -> Iterator[Receiver]:
    port, url = _option(pytestconfig, "receiver-port"), _option(pytestconfig, "receiver-url").rstrip("/")
    with receiving(port=int(port or 0), url=url or None) as receiver:
        yield receiver


@pytest.fixture
def receiver(target: KountaTarget, request: pytest.FixtureRequest) -> Receiver:
    """A receiver that the target can reach; each listener has a path of its own there."""
    if target.kind == "live" and not target.is_here and not _option(request.config, "receiver-url"):
        target.not_provable("it cannot reach a receiver of ours (--kounta-receiver-url, --kounta-receiver-port)")
    made: Receiver = request.getfixturevalue("session_receiver")
    return made


@pytest.fixture
def webhooks(target: KountaTarget) -> Iterator[Webhooks]:
    """The application's webhooks; those that the test makes are deleted when it ends."""
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


def _option(config: pytest.Config, name: str) -> str:
    return str(config.getoption(f"--kounta-{name}") or "")


def _refuse_partial(config: pytest.Config, names: Mapping[str, str]) -> None:
    missing = [f"--kounta-{name}" for name in names if not _option(config, name)]
    if missing and len(missing) < len(names):
        raise pytest.UsageError(f"a live target also needs {', '.join(missing)}")


def _refuse_dead_target(config: pytest.Config) -> None:
    """One question, so that a target that is away or refuses us fails the run with one line."""
    url = f"{_option(config, 'url').rstrip('/')}/v1/companies/me.json"
    headers = {"Authorization": basic(_option(config, "client-id"), _option(config, "client-secret"))}
    try:
        answer = httpx.get(url, headers=headers, timeout=TIMEOUT_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise pytest.UsageError(f"the live target is unreachable: GET {url}: {error}") from None
    if answer.status_code != 200:
        raise pytest.UsageError(f"the live target refuses these credentials: GET {url}: {answer.status_code}")
    try:
        company_id = answer.json()["id"]
    except (ValueError, KeyError, TypeError):
        raise pytest.UsageError(f"the live target is not Kounta: GET {url} is no company") from None
    if str(company_id) != _option(config, "company"):
        raise pytest.UsageError(f"these credentials belong to company {company_id}, not to --kounta-company")


def _refuse_unruly(item: pytest.Item) -> None:
    if "target" not in getattr(item, "fixturenames", ()):
        raise pytest.UsageError(f"{item.nodeid} asks for no target; it proves nothing")
    marks = list(item.iter_markers("quirk"))
    if len(marks) != 1:
        raise pytest.UsageError(f"{item.nodeid} has {len(marks)} quirk marks; a contract test has exactly one")
    if len(marks[0].args) != 1 or marks[0].kwargs or marks[0].args[0] not in {quirk.id for quirk in Quirk}:
        raise pytest.UsageError(f"{item.nodeid} is marked with {marks[0].args}, which is no id of the catalogue")


def _kind(item: pytest.Item) -> object:
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("target") if callspec else None
