"""`fakekounta health`: whether a server runs."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import click

from fakekounta.settings.flags import UserPath, option

_PATIENCE_SECONDS = 5
_PAUSE_SECONDS = 0.1
_LONGEST_SECONDS = 86_400
_REMEDY = "; `fakekounta serve` starts a server, --url names another, --wait 10 waits for one"


class _Unwell(Exception):
    """Signals that no fakekounta answers; the message is the reason."""


@click.command()
@option("--url", default="http://127.0.0.1:8080", show_default=True, help="The URL of the server.")
@option("--ca-file", type=UserPath(), help="File with the certificate to trust, for https.")
@option(
    "--wait",
    type=float,
    callback=lambda _context, _option, seconds: _checked(seconds),
    default=0,
    metavar="SECONDS",
    help="Ask again until it answers, for up to this time.",
)
def health(url: str, ca_file: Path | None, wait: float) -> None:
    """Check whether a server runs; exit code 0 if it does, 1 if not."""
    end = time.monotonic() + wait
    while True:
        left = end - time.monotonic()
        try:
            click.echo(_asked(url, ca_file, min(_PATIENCE_SECONDS, left) if left > 0 else _PATIENCE_SECONDS))
        except _Unwell as reason:
            if time.monotonic() >= end:
                within = f" within {wait:g} s" if wait else ""
                click.echo(f"fakekounta: {url} does not answer{within}: {reason}", err=True)
                sys.exit(1)
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def _checked(seconds: float) -> float:
    if not 0 <= seconds <= _LONGEST_SECONDS:  # nan is not, either
        raise click.BadParameter(f"must be a number of seconds from 0 to {_LONGEST_SECONDS}")
    return seconds


def _asked(url: str, ca_file: Path | None, timeout: float) -> str:
    """Return the line about a server that is well. Raise _Unwell."""
    from http.client import HTTPException  # noqa: PLC0415 - `--help` needs no client
    from urllib.request import HTTPSHandler, ProxyHandler, build_opener  # noqa: PLC0415 - see above

    from fakekounta.wire.certificates.trust import trusting  # noqa: PLC0415 - see above

    try:
        by_tls = [HTTPSHandler(context=trusting(ca_file))] if url.lower().startswith("https:") else []
        # Without a proxy, because the server may be on this machine
        opener = build_opener(ProxyHandler({}), *by_tls)
        with opener.open(f"{url.rstrip('/')}/_fakekounta/health", timeout=timeout) as answer:
            document = json.load(answer)
        return f"{document['status']} (fakekounta {document['version']})"
    except (OSError, ValueError, HTTPException, LookupError, TypeError) as error:
        raise _Unwell(_refusal_in(error) or _reason(error)) from None


def _reason(error: Exception) -> str:
    from fakekounta.wire.certificates.trust import explained  # noqa: PLC0415 - see `_asked`

    cause = getattr(error, "reason", None)  # of a URLError, whose own text is written for programmers
    if isinstance(cause, ConnectionRefusedError):
        return f"{cause.strerror}{_REMEDY}"
    return explained(cause if isinstance(cause, OSError) else error, "--ca-file")


def _refusal_in(error: Exception) -> str | None:
    """Return the reason if a fake refused the request, such as an unknown Host; None for any other error."""
    try:
        return f"{error.code}: {json.loads(error.read(65_536))['error_description']}"  # type: ignore[attr-defined] # if it is an HTTPError
    except (AttributeError, OSError, ValueError, LookupError, TypeError):
        return None
