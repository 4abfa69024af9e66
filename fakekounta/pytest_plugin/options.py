"""The options of the pytest plugin and their ini keys; it imports nothing heavy."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from fakekounta.pytest_plugin import guarding
from fakekounta.pytest_plugin.setting_options import SETTING_OPTIONS

if TYPE_CHECKING:
    from fakekounta.settings.sources import Chosen

_SERVER = {
    "url": "use the fake at this URL, such as http://127.0.0.1:8080, instead of starting one; "
    "by default the value of FAKEKOUNTA_URL, which `fakekounta run` sets",
    "token": "the control token of that fake; by default the value of FAKEKOUNTA_CONTROL_TOKEN",
    "ca_file": "file with the certificate to trust, if that URL is one of https; "
    "by default the value of FAKEKOUNTA_CA_FILE",
}
_VARIABLES = {"url": "FAKEKOUNTA_URL", "token": "FAKEKOUNTA_CONTROL_TOKEN", "ca_file": "FAKEKOUNTA_CA_FILE"}

_FLAGS = {
    "allow_unmodelled": "let tests pass that request a path that the fake does not model (K05)",
    "quirks": "end with a table of the API's quirks that the tests covered and did not cover",
    "sweep": "run each test that uses the fake once for each alternative of each assumption",
    "sweep_pairwise": "sweep in combinations in which each two alternatives occur together, instead of one at a time",
    "sweep_report_only": "a test that fails under an alternative does not fail the session",
}
_REPORTS = {
    "quirks_of": "which quirks count: used (the default), all, or families, such as customers,webhooks",
    "quirks_fail_under": "fail the session if less than this percentage of the quirks was covered",
    "quirks_json": "file to write the covered quirks to, as JSON",
    "quirks_html": "file to write the covered quirks to, as a page for a browser",
    "sweep_only": "sweep only these assumptions, such as A01,A07",
}
_WITH_VALUE = {**SETTING_OPTIONS, **_SERVER, **_REPORTS, guarding.NAME: guarding.HELP}
_REPORT_MODULES = {"quirks": "fakekounta.pytest_plugin.pytest_quirks", "sweep": "fakekounta.pytest_plugin.pytest_sweep"}
_UNKNOWN_KEY = "Unknown config option: fakekounta"


def add_options(parser: pytest.Parser) -> None:
    """Add all options, each with an ini key of the same name."""
    group = parser.getgroup("fakekounta")
    for name, text in _WITH_VALUE.items():
        group.addoption(_option_of(name), dest=f"fakekounta_{name}", help=text)
        parser.addini(f"fakekounta_{name}", help=text)
    for name, text in _FLAGS.items():
        group.addoption(_option_of(name), dest=f"fakekounta_{name}", action="store_true", default=None, help=text)
        parser.addini(f"fakekounta_{name}", type="bool", default=False, help=text)


def _option_of(name: str) -> str:
    return f"--fakekounta-{name.replace('_', '-')}"


def refuse_unknown_options(args: list[str]) -> None:
    """Raise UsageError for an argument with our prefix that is no option."""
    for argument in args:
        if argument == "--":
            return
        given = argument.partition("=")[0]
        if given.startswith("--fakekounta-"):
            _refuse_unknown(given, [_option_of(name) for name in (*_WITH_VALUE, *_FLAGS)])


def refuse_unknown_key(warning: str) -> None:
    """Raise UsageError if this is the warning of pytest about an ini key with our prefix."""
    if warning.startswith(_UNKNOWN_KEY):
        _refuse_unknown(warning.rpartition(" ")[2], [f"fakekounta_{name}" for name in (*_WITH_VALUE, *_FLAGS)])


def _refuse_unknown(given: str, known: list[str]) -> None:
    if given not in known:
        from fakekounta.catalogue.names import did_you_mean  # noqa: PLC0415 - only a mistyped option needs it

        raise pytest.UsageError(f"{given}: is unknown{did_you_mean(given, known)}")


def reports_asked_for(config: pytest.Config) -> Iterator[str]:
    """Yield the modules of the reports that an option or an ini key asks for."""
    for name, module in _REPORT_MODULES.items():
        given = [config.getoption(f"fakekounta_{other}") for other in (*_FLAGS, *_REPORTS) if other.startswith(name)]
        if any(one is not None for one in given) or config.getini(f"fakekounta_{name}"):
            yield module


def option(config: pytest.Config, name: str) -> Any:
    """Return the value of the option, otherwise of the ini key of the same name; None, False or "" without both."""
    given = config.getoption(f"fakekounta_{name}")
    return config.getini(f"fakekounta_{name}") if given is None else given


def server_of(config: pytest.Config) -> tuple[str | None, str | None, str | None]:
    """Return URL, control token and CA file of the fake to use, each from an option, ini key or variable."""
    url, token, ca_file = (
        config.getoption(f"fakekounta_{name}") or config.getini(f"fakekounta_{name}") or os.environ.get(variable)
        for name, variable in _VARIABLES.items()
    )
    return url, token, ca_file


def configured(config: pytest.Config) -> Chosen:
    """Return the settings of ini keys and options, with their labels. Raises SettingsError."""
    from fakekounta.settings.sources import chosen, from_text  # noqa: PLC0415 - as above
    from fakekounta.settings.table import PYTEST, names_of  # noqa: PLC0415 - as above

    names = names_of(PYTEST)
    options = {_option_of(name): (name, config.getoption(f"fakekounta_{name}")) for name in names}
    keys = {f"fakekounta_{name}": (name, config.getini(f"fakekounta_{name}")) for name in names}
    return chosen(
        [from_text(names[name], label, str(text), config.rootpath) for label, (name, text) in written.items() if text]
        for written in (keys, options)
    )
