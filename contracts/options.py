"""The pytest options about a live target."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from fakekounta.catalogue.assumptions import Assumptions

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
    "redirect-uri": "registered redirect URI, if the target authorises without a person's consent",
    "signature-token": "the application's signature token; without it no signature can be checked",
}
_HOW = {
    "assumptions": 'expected choices of assumptions, such as "A01=customer,A07=422"',
    "requests-per-minute": "the largest number of requests a minute; without it, no limit",
}
_RECEIVER = {
    "receiver-url": "public URL, without a path, at which the target reaches the suite's receiver of webhooks",
    "receiver-port": "port of 127.0.0.1 on which this receiver listens; a tunnel or proxy leads from the URL to it",
}


def add_options(parser: pytest.Parser) -> None:
    group = parser.getgroup("kounta", "the contract suite's live target")
    for name, text in (_OPTIONS | _PAIR | _MORE | _RECEIVER | _HOW).items():
        group.addoption(f"--kounta-{name}", metavar=name.upper().replace("-", "_"), help=text)
    group.addoption("--kounta-read-only", action="store_true", help="send nothing that changes a live target")
    group.addoption("--kounta-make-orders", action="store_true", help="make orders at a live target, too")
    group.addoption(
        "--kounta-observe", action="store_true", help="first observe which alternatives a live target follows"
    )


def check_options(config: pytest.Config) -> None:
    """Raise UsageError for invalid options."""
    _refuse_partial(config, _OPTIONS)
    _refuse_partial(config, _PAIR)
    _refuse_partial(config, _RECEIVER)
    others = [name for name in _PAIR | _MORE | _RECEIVER if option(config, name)]
    if others and not option(config, "url"):
        raise pytest.UsageError(f"--kounta-{others[0]} needs a live target: --kounta-url")
    if option(config, "url") and not option(config, "company").isdigit():
        raise pytest.UsageError(f"--kounta-company is not a number: {option(config, 'company')}")
    _check_how(config)
    if option(config, "receiver-port") and not option(config, "receiver-port").isdigit():
        raise pytest.UsageError(f"--kounta-receiver-port is not a number: {option(config, 'receiver-port')}")


def _check_how(config: pytest.Config) -> None:
    pace = option(config, "requests-per-minute")
    if pace and (not pace.isdigit() or int(pace) == 0):
        raise pytest.UsageError(f"--kounta-requests-per-minute is not a number from 1: {pace}")
    try:
        chosen(option(config, "assumptions"))
    except ValueError as error:
        raise pytest.UsageError(f"--kounta-assumptions: {error}") from None


def chosen(texts: str) -> Assumptions:
    """Return all choices, some of them from a text such as "A01=customer,A07=422". Raises ValueError."""
    pairs = (text.partition("=") for text in texts.replace(",", " ").split())
    return Assumptions({quirk_id: name for quirk_id, _, name in pairs})


def option(config: pytest.Config, name: str) -> str:
    return str(config.getoption(f"--kounta-{name}") or "")


def _refuse_partial(config: pytest.Config, names: Mapping[str, str]) -> None:
    missing = [f"--kounta-{name}" for name in names if not option(config, name)]
    if missing and len(missing) < len(names):
        raise pytest.UsageError(f"a live target also needs {', '.join(missing)}")
