"""`fakekounta trigger`: one signed sample delivery, without a server."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from fakekounta.cli.mistakes import OneOf
from fakekounta.settings.flags import option, refuse

if TYPE_CHECKING:
    from fakekounta.core.deliveries import Attempt
    from fakekounta.kounta import FakeKounta

_SAMPLE: Mapping[str, Any] = {
    "first_name": "Jamie",
    "last_name": "Lee",
    "email": "jamie.lee@example.com",
    "mobile": "0412345678",
    "tags": ["regular"],
    "reference_id": "LOYALTY-7",
}
_OPTIONS = {
    "address": "--to",
    "applications[0].signature_token": "--signature-token",
    "allow_webhook_hosts": "--allow-webhook-host",
}
_CHANGES: Mapping[str, Callable[[FakeKounta, int], object]] = {
    "customers/created": lambda kounta, _: kounta.customers.add(
        announce=True, first_name="Sam", email="sam@example.com"
    ),
    "customers/updated": lambda kounta, customer_id: kounta.customers.change(
        customer_id, announce=True, tags=["regular", "gold"]
    ),
    "customers/deleted": lambda kounta, customer_id: kounta.customers.remove(customer_id, announce=True),
}


@click.command()
@click.argument("topic", type=OneOf([*_CHANGES]))
@option("--to", "url", required=True, metavar="URL", help="The receiver's URL.")
@click.option("--format", "form", type=OneOf(["json", "xml"]), default="json", show_default=True)
@option("--signature-token", metavar="TOKEN", help="The key of the signature; without it, fake-signature-token.")
@option(
    "--allow-webhook-host",
    "hosts",
    multiple=True,
    metavar="HOST",
    help="A host that gets the delivery; by default only this machine does.",
)
def trigger(topic: str, url: str, form: str, signature_token: str | None, hosts: tuple[str, ...]) -> None:
    """Post one signed sample delivery; exit code 0 if the receiver answers with 2xx, 1 if not."""
    from fakekounta.core.deliveries import DELIVERED  # noqa: PLC0415 - `--help` needs no webhooks
    from fakekounta.kounta import FakeKounta  # noqa: PLC0415 - nor Flask
    from fakekounta.settings.settings import DEFAULT_APPLICATION  # noqa: PLC0415 - see above

    own = {"client_id": DEFAULT_APPLICATION.client_id, "client_secret": DEFAULT_APPLICATION.client_secret}
    token = DEFAULT_APPLICATION.signature_token if signature_token is None else signature_token
    try:
        kounta = FakeKounta(
            webhook_mode="collect", allow_webhook_hosts=hosts, applications=[{**own, "signature_token": token}]
        )
        sample = kounta.customers.add(**_SAMPLE)
        kounta.webhooks.add(topic, url, format=form)
    except ValueError as error:
        refuse(_as_written(str(error)))
    _CHANGES[topic](kounta, sample.id)
    with _silent_log():  # what it says of a blocked delivery is printed below
        kounta.webhooks.deliver()
    (delivery,) = kounta.webhooks.deliveries
    (attempt,) = delivery.attempts
    if delivery.outcome != DELIVERED:
        click.echo(f"fakekounta: {topic} was not delivered to {url}: {_outcome(attempt)}", err=True)
        sys.exit(1)
    click.echo(f"{topic} delivered to {url}: {_outcome(attempt)}")


@contextmanager
def _silent_log() -> Iterator[None]:
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


def _as_written(message: str) -> str:
    """Return a message with the name of the option in the place of the field."""
    for name, written in _OPTIONS.items():
        if message.startswith(f"{name}:"):
            return written + message.removeprefix(name)
    return message


def _outcome(attempt: Attempt) -> str:
    return attempt.error or f"{attempt.status} in {attempt.duration_seconds * 1_000:.0f} ms"
