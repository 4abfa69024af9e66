"""The live target: check that it is reachable and that it is Kounta, and observe which alternatives it follows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from contracts.arranging import Application, PreconditionFailed, basic
from contracts.exchanges import TIMEOUT_SECONDS, Pace, RecordedExchange
from contracts.observing_orders import Probe
from contracts.options import option
from contracts.target import KountaTarget


def live_target_of(pytestconfig: pytest.Config, client: httpx.Client) -> KountaTarget:
    given: Callable[[str], str] = lambda name: option(pytestconfig, name)  # noqa: E731 - read four times below
    second = Application(client_id=given("other-client-id"), client_secret=given("other-client-secret"))
    return KountaTarget(
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
        makes_orders=bool(pytestconfig.getoption("--kounta-make-orders")),
        is_fakekounta=_is_fakekounta(client, given("url").rstrip("/")),
        pace=Pace(requests_per_minute=int(given("requests-per-minute") or 0) or None),
    )


def _is_fakekounta(client: httpx.Client, url: str) -> bool:
    """Return whether the target has the control surface of a fake."""
    try:
        return bool(client.get(f"{url}/_fakekounta/health").json()["status"] == "ok")
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return False


def observed(probe: Probe, live: KountaTarget) -> tuple[str | None, str, list[RecordedExchange]]:
    """Return the choice that a probe observed, or None and the reason, and the exchanges."""
    target = replace(live, exchanges=[], moved_by=[])
    try:
        seen = probe(target)
    except (pytest.skip.Exception, PreconditionFailed) as error:
        return None, str(error), target.exchanges
    except (KeyError, TypeError, ValueError, LookupError) as error:
        return None, f"the response cannot be parsed: {type(error).__name__}: {error}", target.exchanges
    finally:
        target.set_time_right()
    return seen, "" if seen is not None else "the response follows none of the alternatives", target.exchanges


def refuse_dead_target(config: pytest.Config) -> None:
    """Send one request, so that the run fails with one line if the target is unreachable or refuses the credentials."""
    url = f"{option(config, 'url').rstrip('/')}/v1/companies/me.json"
    headers = {"Authorization": basic(option(config, "client-id"), option(config, "client-secret"))}
    try:
        answer = httpx.get(url, headers=headers, timeout=TIMEOUT_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise pytest.UsageError(f"the live target is unreachable: GET {url}: {error}") from None
    if answer.status_code == 429:
        raise pytest.UsageError(f"the live target's rate limit is used up: GET {url}: 429; try again in a minute")
    if answer.status_code != 200:
        raise pytest.UsageError(f"the live target refuses these credentials: GET {url}: {answer.status_code}")
    try:
        company_id = answer.json()["id"]
    except (ValueError, KeyError, TypeError):
        raise pytest.UsageError(f"the live target is not Kounta: GET {url} is no company") from None
    if str(company_id) != option(config, "company"):
        raise pytest.UsageError(f"these credentials belong to company {company_id}, not to --kounta-company")
