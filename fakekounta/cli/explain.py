"""`fakekounta explain`: all that is known about a quirk."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click
from click.shell_completion import CompletionItem

from fakekounta.catalogue.names import did_you_mean_id
from fakekounta.catalogue.quirks import Quirk
from fakekounta.cli.mistakes import OneOf
from fakekounta.settings.flags import refuse


def _completed(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    return [CompletionItem(one.id, help=one.shortened()) for one in Quirk if one.id.startswith(begun.upper())]


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...", shell_complete=_completed)
@click.option("--format", "form", type=OneOf(["text", "json"]), default="text", show_default=True)
def explain(ids: Sequence[str], form: str) -> None:
    """Explain quirks such as C04: statement, basis, source, choices, an example exchange, and the contract tests."""
    quirks = [*dict.fromkeys(map(_quirk, ids))]
    if form == "json":
        click.echo(json.dumps([_document(one) for one in quirks], indent=2, ensure_ascii=False))
    else:
        click.echo("\n\n".join("\n".join(_lines(_document(one))) for one in quirks))


def _quirk(written: str) -> Quirk:
    try:
        return Quirk.by_id(written.upper())
    except KeyError:
        near = did_you_mean_id(written, [one.id for one in Quirk])
        refuse(f"{written}: is no id of the catalogue, which `fakekounta quirks` prints{near}")


def _document(quirk: Quirk) -> dict[str, Any]:
    """Return all that is known about a quirk as a JSON object; what there is not is null or empty."""
    from fakekounta.catalogue.assumptions import CHOICES  # noqa: PLC0415 - `--help` needs no catalogue
    from fakekounta.catalogue.examples import proof_of  # noqa: PLC0415 - see above

    proof, choices = proof_of(quirk), dict(CHOICES.get(quirk, {}))
    return {
        "id": quirk.id,
        "slug": quirk.slug,
        "statement": quirk.statement,
        "basis": quirk.basis.name,
        "source": quirk.source,
        "choices": choices,
        "default": next(iter(choices), None),
        "example": proof.example,
        "tests": [*proof.tests],
        "not_proven": proof.not_proven,
    }


def _lines(known: Mapping[str, Any]) -> Iterator[str]:
    yield f"{known['id']}  {known['statement']}"
    yield ""
    yield f"  basis    {known['basis']}: {known['source']}"
    if known["choices"]:
        yield f"  choices  --assume {known['id']}=NAME, one of:"
        for name, text in known["choices"].items():
            yield f"           {name}{' (the default)' if name == known['default'] else ''}: {text}"
    if known["not_proven"] is not None:
        yield f"  tests    none: {known['not_proven']}"
    for title, test in zip(["tests", *([""] * len(known["tests"]))], known["tests"], strict=False):
        yield f"  {title:<7}  {test}"
    if known["example"] is not None:
        yield from _exchange(known["example"])


def _exchange(example: Mapping[str, Any]) -> Iterator[str]:
    sent, received = example["request"], example["response"]
    yield f"  example  of {example['test'].rpartition('::')[2]}"
    yield ""
    yield from _message(">", sent["line"], sent)
    yield from _message("<", str(received["status"] or "no response"), received)


def _message(mark: str, first: str, message: Mapping[str, Any]) -> Iterator[str]:
    yield f"    {mark} {first}"
    yield from (f"    {mark} {name}: {value}" for name, value in message["headers"].items())
    if message["body"]:
        yield f"    {mark}"
        yield from (f"    {mark} {line}" for line in message["body"].splitlines())
