"""`fakekounta run`: a command whose requests to the real service reach a fake."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING, Any

import click

from fakekounta.catalogue.quirks import Quirk
from fakekounta.cli.setting_flags import settings_options
from fakekounta.cli.starting import chosen_settings, started
from fakekounta.settings.flags import UserPath, option
from fakekounta.settings.sources import Chosen
from fakekounta.settings.table import RUN

if TYPE_CHECKING:
    from fakekounta.cli.child import ChildSignals
    from fakekounta.kounta import FakeKounta


@click.command(context_settings={"allow_interspersed_args": False})
@option(
    "--config",
    type=UserPath(),
    help="TOML file of settings; flags and environment override it.",
)
@option("--quirks", is_flag=True, help="End with a table of the quirks that the command covered, on stderr.")
@settings_options(RUN)
@click.argument("command", nargs=-1, required=True, metavar="-- COMMAND...")
@click.pass_context
def run(context: click.Context, /, config: Path | None, quirks: bool, command: tuple[str, ...], **_: Any) -> None:  # noqa: FBT001 - click passes flags by name
    """Run a command whose requests to https://api.kounta.com and https://my.kounta.com reach a fake.

    It starts one on a free port, and leads the command's requests to it by HTTPS_PROXY and similar variables. The exit
    code is the command's.
    """
    from fakekounta.cli.child import kept_signals  # noqa: PLC0415 - other commands have no child

    settings = chosen_settings(context, config, RUN)
    with kept_signals() as signals:
        kounta = started(settings, RUN, tls=True)
        covered = _Covered(kounta)
        try:
            code = _run(command, kounta, settings, signals)
        finally:
            kounta.stop()
    if quirks:
        click.echo("\n".join(covered.lines()), err=True)
    sys.exit(code)


def _run(command: Iterable[str], kounta: FakeKounta, settings: Chosen, signals: ChildSignals) -> int:
    from fakekounta.cli.child import exit_code  # noqa: PLC0415 - see above
    from fakekounta.cli.environment import leading_to  # noqa: PLC0415 - see above

    environ = dict(os.environ)
    if "control_token" in settings.values:  # for `fakekounta health`, and for pytest
        environ["FAKEKOUNTA_CONTROL_TOKEN"] = settings.values["control_token"]
    with TemporaryDirectory(prefix="fakekounta-") as folder:
        return exit_code([*command], leading_to(kounta.url, kounta.ca_pem, Path(folder), environ), signals)


class _Covered:
    """Counts the exchanges and deliveries that cover each quirk."""

    def __init__(self, kounta: FakeKounta) -> None:
        self._times: Counter[Quirk] = Counter()
        self._lock = Lock()
        kounta.observe(lambda entry: self._add(entry.quirks))
        kounta.on_delivery(self._add)

    def _add(self, quirks: Iterable[Quirk]) -> None:
        with self._lock:
            self._times.update(set(quirks))

    def lines(self) -> list[str]:
        """Return the lines of the closing table."""
        from fakekounta.pytest_plugin.quirk_coverage import USED, Coverage, Tally  # noqa: PLC0415 - only for the table

        tally = Tally()
        tally.add_test(self._times)
        return Coverage(tally, USED).lines(who="the command", counts_tests=False)
