"""Run the contract suite in this process, isolated from the user's pytest settings."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from fakekounta import __version__
from fakekounta.core.clock import system_now
from fakekounta.process.dataclass import dataclass
from fakekounta.process.unpatched import monotonic
from fakekounta.verify.listener import Keep, Listener, Progress, as_flags
from fakekounta.verify.redaction import Secrets
from fakekounta.verify.report import Report
from fakekounta.verify.verdicts import Outcome, verdicts

_HERE = Path(__file__).parent
_PYTEST_VARIABLES = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DEBUG", "PYTEST_THEME")


class CouldNotRunError(Exception):
    """Signals that the target does not answer, refuses the credentials, or is not Kounta; the message is one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """The tests to run, and the target. `options` are those of the contract suite, without the prefix `--kounta-`."""

    options: Mapping[str, str]
    read_only: bool = False
    make_orders: bool = False
    only: tuple[str, ...] = ()

    @property
    def secrets(self) -> Secrets:
        given = self.options
        pairs = [
            (given.get(f"{which}client-id", ""), given.get(f"{which}client-secret", "")) for which in ("", "other-")
        ]
        return Secrets(pairs, [given.get("signature-token", "")])

    @property
    def arguments(self) -> list[str]:
        found = [f"--kounta-{name}={value}" for name, value in self.options.items() if value]
        flags = {"--kounta-read-only": self.read_only, "--kounta-make-orders": self.make_orders}
        return [*found, "--kounta-observe", *(flag for flag, is_given in flags.items() if is_given)]


def suite() -> Path:
    """Return the parent folder of the package `contracts`: beside this file in a wheel, at the root in a checkout."""
    shipped = _HERE / "suite"
    return shipped if (shipped / "contracts").is_dir() else _HERE.parent.parent


def run(chosen: RunOptions, progress: Progress, keep: Keep | None = None) -> Report:
    """Run the suite and return the report. Raise CouldNotRunError if no test could be run."""
    secrets = chosen.secrets
    listener = Listener(secrets, progress, keep, only=chosen.only)
    began, started = system_now().astimezone(), monotonic()
    said = io.StringIO()
    with _shielded(), redirect_stdout(said), redirect_stderr(said):
        code = pytest.main(_arguments(chosen), plugins=[listener])
    if not listener.outcomes:
        raise CouldNotRunError(secrets.hide(as_flags(_reason(said.getvalue(), code))))
    outcomes: list[Outcome] = list(listener.outcomes.values())
    broken = any(outcome.kind == "broken off" for outcome in outcomes)
    return Report(
        target=chosen.options["url"],
        company=chosen.options["company"],
        verified_at=began.isoformat(timespec="seconds"),
        seconds=round(monotonic() - started, 1),
        suite_version=__version__,
        read_only=chosen.read_only,
        complete=len(outcomes) == listener.total and not broken,
        mark=_mark(),
        verdicts=[
            one for one in verdicts(outcomes, listener.observations) if not chosen.only or one.quirk.id in chosen.only
        ],
        observations=listener.observations,
        customers=list(listener.left_behind.customers),
        webhooks=list(listener.left_behind.webhooks),
        orders=list(listener.left_behind.orders),
    )


def _arguments(chosen: RunOptions) -> list[str]:
    root = suite()
    return [
        str(root / "contracts"),
        f"-c{_HERE / 'suite.ini'}",
        f"--rootdir={root}",
        f"--confcutdir={root / 'contracts'}",
        "--import-mode=importlib",
        "-pno:cacheprovider",
        "--capture=no",
        "--tb=no",
        "-q",
        *chosen.arguments,
    ]


@contextmanager
def _shielded() -> Iterator[None]:
    """Ignore the user's settings and plugins, write no bytecode, and import our `contracts`."""
    kept = {name: os.environ.pop(name) for name in _PYTEST_VARIABLES if name in os.environ}
    autoload = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    sys.path.insert(0, str(suite()))
    try:
        yield
    finally:
        sys.path.remove(str(suite()))
        sys.dont_write_bytecode = bytecode
        del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        os.environ.update(kept)
        if autoload is not None:
            os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = autoload


def _reason(said: str, code: int | pytest.ExitCode) -> str:
    """Return the line in which pytest says why no test ran."""
    errors = [line.removeprefix("ERROR: ") for line in said.splitlines() if line.startswith("ERROR: ")]
    lines = [line for line in said.splitlines() if line.strip()]
    return errors[0] if errors else lines[-1] if lines else f"pytest ended with exit code {int(code)}"


def _mark() -> str:
    """Return the text that marks every customer of this run."""
    return str(sys.modules["contracts.samples"].MARK)
