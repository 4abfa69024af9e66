"""`fakekounta state`: read and fill the files of `fakekounta serve --keep`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from fakekounta.process.files import is_database
from fakekounta.settings.flags import UserPath, refuse

if TYPE_CHECKING:
    from fakekounta.keep.log import Change
    from fakekounta.keep.redis_log import RedisLog
    from fakekounta.keep.sqlite_log import LogReader

_LONGEST = 120


class _Place(UserPath):
    """A file, or the URL of a database."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return value if is_database(value) else super().convert(value, param, ctx)


_file = click.argument("file", type=_Place())
_at = click.option("--at", type=click.IntRange(1), metavar="N", help="As it was after change N; without it, the last.")
_namespace = click.option("--namespace", metavar="NAME", default="", help="That of a namespace.")


@click.group()
def state() -> None:
    """Read or fill a file of `fakekounta serve --keep`, also while a server uses it."""


@state.command()
@_file
@_at
@_namespace
def export(file: Path | str, at: int | None, namespace: str) -> None:
    """Print the state that a file keeps, as one JSON document."""
    with _reading(file) as reader:
        _print_state(reader, at, namespace)


@state.command(name="log")
@_file
@_at
@_namespace
def log_(file: Path | str, at: int | None, namespace: str) -> None:
    """Print the changes that a file keeps, without secrets; with --at, the state after one of them."""
    with _reading(file) as reader:
        if at is not None:
            _print_state(reader, at, namespace)
            return
        statuses: dict[int, int] = {}
        changes = [*_kept(reader)]
        for _, change in changes:
            statuses.update(change.results)
        for position, change in changes:
            click.echo(_line(position, change, statuses.get(position)))


@state.command(name="import")
@_file
@click.argument("document", type=click.File("rb"), default="-")
def import_(file: Path | str, document: IO[bytes]) -> None:
    """Put a state document, from a file or stdin, into a file that no server uses; an empty one is made."""
    from fakekounta.control import PREFIX  # noqa: PLC0415 - `--help` needs no Flask
    from fakekounta.keep.log import KeepError  # noqa: PLC0415 - see above
    from fakekounta.keep.places import kounta_at  # noqa: PLC0415 - see above
    from fakekounta.wire.clients.call import REAL_ORIGIN, call  # noqa: PLC0415 - see above

    content = document.read()
    try:
        kounta = kounta_at(file)
    except KeepError as error:
        refuse(str(error))
    try:
        headers = [("Content-Type", "application/json")]
        answer = call(kounta.wsgi_app, "PUT", f"{REAL_ORIGIN}{PREFIX}/state", headers, content)
    finally:
        kounta.stop()
    if answer.status != 200:
        refuse(json.loads(answer.body)["error_description"])


@contextmanager
def _reading(file: Path | str) -> Iterator[LogReader | RedisLog]:
    """Yield the log in a file. End the command if it cannot be read."""
    from fakekounta.keep.log import KeepError, Unreachable  # noqa: PLC0415 - `--help` needs no Flask
    from fakekounta.keep.places import reader_at  # noqa: PLC0415 - see above

    try:
        reader = reader_at(file)
        if reader.is_empty:
            refuse(f"{file}: is empty")
        yield reader
    except (KeepError, Unreachable) as error:
        refuse(str(error))
    reader.close()


def _print_state(reader: LogReader | RedisLog, at: int | None, namespace: str) -> None:
    from fakekounta.core.sources import GivenSources  # noqa: PLC0415 - see above
    from fakekounta.keep.replica import replayed  # noqa: PLC0415 - see above
    from fakekounta.worlds.state import state_of  # noqa: PLC0415 - see above

    if at is not None and at > reader.end():
        refuse(f"--at: the last change is {reader.end()}")
    worlds = replayed(reader, GivenSources(), at).worlds()
    if namespace not in worlds:
        refuse(f"--namespace: there is no namespace {namespace!r} then")
    click.echo(json.dumps(state_of(worlds[namespace]), indent=2, ensure_ascii=False))


def _kept(reader: LogReader | RedisLog) -> Iterator[tuple[int, Change]]:
    """Yield the changes that the file still has."""
    first = reader.start(reader.first() or 1)
    yield first
    yield from reader.since(max(first[0], reader.first()))


def _line(position: int, change: Change, status: int | None) -> str:
    what = _WORDS[change.kind](change)
    moment = change.moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f"{position}  {moment}  {'-' if status is None else status}  {what}"


def _request(change: Change) -> str:
    from fakekounta.core.messages import Message  # noqa: PLC0415 - see above
    from fakekounta.core.redaction import without_secret_parameters  # noqa: PLC0415 - see above

    head = change.head
    query = f"?{without_secret_parameters(head['query'])}" if head["query"] else ""
    text = " ".join(Message(head["headers"], change.body).text.split())
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
    path = head["path"].encode("latin-1").decode("utf-8", "replace")
    namespace = {name.lower(): value for name, value in head["headers"]}.get("x-fakekounta-namespace")
    place = f" (namespace {namespace})" if namespace else ""
    return f"{head['method']} {path}{query}{place} {shown}".rstrip().encode("unicode_escape").decode("ascii")


def _attempt(change: Change) -> str:
    head = change.head
    attempt = head["attempt"]
    result = attempt["error"] or attempt["status"]
    return f"attempt {attempt['number']} of delivery {head['delivery']}{_place(change)}: {head['outcome']}, {result}"


def _place(change: Change) -> str:
    name = change.head["namespace"]
    return f" (namespace {name})" if name else ""


def _start(change: Change) -> str:
    names = ", ".join(sorted({**change.head["worlds"], **change.head["server"]}))
    return f"start of fakekounta {change.head['version']} with {names}"


_WORDS: dict[str, Callable[[Any], str]] = {
    "request": _request,
    "attempt": _attempt,
    "handshake": lambda _: "TLS handshake",
    "start": _start,
    "deliver": lambda change: f"another process asks for deliveries{_place(change)}",
    "delivered": lambda change: f"deliveries asked for by {change.head['asked']}: {change.head['attempts']} attempts",
}
