"""`--application`: an application in one text, in three forms."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import click

from fakekounta.core.nesting import read_json
from fakekounta.settings.flags import refuse

METAVAR = "ID:SECRET[:COMPANY]|NAME=VALUE,...|JSON"
NAMES = (
    *("client_id", "client_secret", "company", "redirect_uri", "access_token", "refresh_token", "signature_token"),
    *("company_id", "any_redirect_uri"),
)
"""What the second form knows; `company` is short for `company_id`, and `redirect_uri` may stand several times."""

_PAIRS = re.compile(rf"(?:^|,)(?:{'|'.join(NAMES)})=")
_FLAGS = {"true": True, "false": False}


class ApplicationText(click.types.StringParamType):
    """Texts of a variable are parted by blanks, of which JSON may have some within."""

    def split_envvar_value(self, rv: str) -> list[str]:
        """Return the texts that stand in the variable."""
        return list(_texts(rv))


def _texts(text: str) -> Iterator[str]:
    text = text.strip()
    while text:
        end = len(text.split(maxsplit=1)[0])
        if text.startswith("{"):
            try:
                end = json.JSONDecoder().raw_decode(text)[1]
            except (ValueError, RecursionError):
                end = len(text)  # it is refused with the reason when it is read
        yield text[:end]
        text = text[end:].strip()


def application_of(text: str) -> dict[str, Any]:
    """Return the application that the text describes, as the settings take it. Ends the command if it is none.

    The forms are "ID:SECRET" or "ID:SECRET:COMPANY"; "client_id=ID,client_secret=SECRET,redirect_uri=URI,...", whose
    values have no commas; and a JSON object with the fields of the setting `applications`.
    """
    if text.lstrip().startswith("{"):
        return _from_json(text)
    return _from_pairs(text) if _PAIRS.search(text) else _from_colons(text)


def _from_json(text: str) -> dict[str, Any]:
    try:
        application: dict[str, Any] = read_json(text)
    except ValueError as error:
        refuse(f"--application: is no JSON: {error}")
    return application


def _from_pairs(text: str) -> dict[str, Any]:
    application: dict[str, Any] = {}
    for pair in text.split(","):
        name, equals, value = pair.partition("=")
        if name not in NAMES or not equals:
            refuse(f"--application: {name!r} is unknown; known are {', '.join(NAMES)}; a value with a comma needs JSON")
        if name == "redirect_uri":
            application.setdefault("redirect_uris", []).append(value)
            continue
        field = "company_id" if name == "company" else name
        if field in application:
            refuse(f"--application: {name} stands there twice")
        application[field] = _value(field, value)
    return application


def _value(field: str, text: str) -> Any:
    if field == "company_id":
        return whole(text, f"--application: {field}: {text!r} is no number")
    return _FLAGS.get(text, text) if field == "any_redirect_uri" else text


def _from_colons(text: str) -> dict[str, Any]:
    client_id, _, rest = text.partition(":")
    secret, _, company = rest.partition(":")
    if not client_id or not secret:
        refuse(f"--application {text}: must be ID:SECRET or ID:SECRET:COMPANY")
    application: dict[str, Any] = {"client_id": client_id, "client_secret": secret}
    if company:
        application["company_id"] = whole(company, f"--application {text}: the company must be a number")
    return application


def whole(text: str, complaint: str) -> int:
    """Return the whole number that a text is. Ends the command with the complaint if it is none."""
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        refuse(complaint)
    return int(text)
