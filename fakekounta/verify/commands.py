"""`fakekounta verify` and `fakekounta diff`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from fakekounta.catalogue.quirks import Quirk
from fakekounta.settings.flags import UserPath, option, refuse

_PATH = UserPath(dir_okay=False)


@click.command()
@option("--url", required=True, help="Origin of the server, such as https://api.kounta.com.")
@option("--client-id", required=True, help="Client id of an application of the company.")
@option("--client-secret", required=True, help="Client secret of that application.")
@option("--company", required=True, help="Id of the company, in which customers are created.")
@option("--yes-change-this-company", is_flag=True, help="Create customers, which cannot be deleted, and webhooks.")
@option("--make-orders", is_flag=True, help="Make orders, too, which reach the staff and cannot be deleted (D20).")
@option("--read-only", is_flag=True, help="Send nothing that changes anything; proves less.")
@option("--other-client-id", help="A second application of the company (C11, W10).")
@option("--other-client-secret", help="Its client secret.")
@option("--redirect-uri", help="Registered redirect URI, if the server authorises without a person's consent (O03).")
@option("--signature-token", help="The application's signature token (W11).")
@option("--receiver-url", help="Public URL of the suite's receiver of webhooks.")
@option("--receiver-port", help="Port of 127.0.0.1 on which this receiver listens.")
@option("--only", multiple=True, metavar="ID", help="Run only the tests of this quirk.")
@option("--requests-per-minute", type=click.IntRange(0), help="0: no limit.  [default: 60, or 0 for a fakekounta]")
@option("--report", "reports", multiple=True, type=_PATH, help="Write the report: .json or .md.")
@option(
    "--record",
    type=UserPath(file_okay=False),
    help="Write the normalised exchanges into this folder.",
)
@option(
    "--settings-file", type=_PATH, help="Write the alternatives that the server follows as settings of the fake (TOML)."
)
def verify(**given: Any) -> None:
    """Check whether a server behaves like Kounta, quirk by quirk.

    Exit code 0: no quirk is contradicted; 1: at least one is; 2: the suite could not run, or proved nothing.
    """
    _check(given)
    try:
        from fakekounta.verify.proving import prove  # noqa: PLC0415 - needs the extra
    except ImportError as error:
        refuse(f"verify needs {error.name}: pip install 'fakekounta[verify]'")
    sys.exit(prove(given))


def _check(given: dict[str, Any]) -> None:
    """Raise an error for wrong arguments before a request is sent, so that no run ends without its report."""
    for name in ("url", "receiver_url"):
        if given[name] is not None and not _is_origin(given[name]):
            refuse(f"{_flag(name)}: must be http:// or https:// with a host, without user, password, path or query")
    for name in ("company", "receiver_port"):
        if given[name] is not None and not (given[name].isascii() and given[name].isdigit()):
            refuse(f"{_flag(name)}: {given[name]!r} is not a number")
    for one, other in (("other_client_id", "other_client_secret"), ("receiver_url", "receiver_port")):
        if bool(given[one]) != bool(given[other]):
            refuse(f"{_flag(one)} and {_flag(other)} need each other")
    unknown = set(given["only"]) - {quirk.id for quirk in Quirk}
    if unknown:
        refuse(f"--only: {min(unknown)!r} is not a quirk; `fakekounta quirks` lists them")
    _check_paths(given)


def _check_paths(given: dict[str, Any]) -> None:
    for path in given["reports"]:
        if path.suffix not in (".json", ".md"):
            refuse(f"--report: {path} must end in .json or .md")
    for path in (*given["reports"], given["settings_file"]):
        if path is not None and not path.parent.is_dir():
            refuse(f"{path}: the folder {path.parent} does not exist")


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _is_origin(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    plain = not (parts.username or parts.password or parts.query or parts.fragment or parts.path.strip("/"))
    return parts.scheme in ("http", "https") and bool(parts.hostname) and plain and port != 0


@click.command()
@click.argument("old", type=UserPath())
@click.argument("new", type=UserPath())
def diff(old: Path, new: Path) -> None:
    """Show the changes between two reports (JSON), or two folders of recorded exchanges.

    Exit code 0: no change; 1: at least one change; 2: they cannot be compared.
    """
    from fakekounta.verify.drift import BadInputError, drift  # noqa: PLC0415 - only this command needs it

    try:
        lines = drift(old, new)
    except BadInputError as error:
        refuse(str(error))
    for line in lines:
        click.echo(line)
    sys.exit(1 if lines else 0)
