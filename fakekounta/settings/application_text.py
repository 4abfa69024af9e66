"""The three text forms of an application."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from fakekounta.catalogue.names import known_are
from fakekounta.core.nesting import read_json
from fakekounta.settings.errors import SettingsError
from fakekounta.settings.numbers import whole_of

NAMES = (
    *("client_id", "client_secret", "company", "redirect_uri", "access_token", "refresh_token", "signature_token"),
    *("company_id", "any_redirect_uri"),
)
"""The names of the second form; `company` is short for `company_id`, and `redirect_uri` may be repeated."""

_PAIRS = re.compile(rf"(?:^|,)(?:{'|'.join(NAMES)})=")
_FLAGS = {"true": True, "false": False}


def texts_of(text: str) -> Iterator[str]:
    """Yield the texts of applications in one text, which blanks separate. JSON may contain blanks."""
    text = text.strip()
    while text:
        end = len(text.split(maxsplit=1)[0])
        if text.startswith("{"):
            try:
                end = json.JSONDecoder().raw_decode(text)[1]
            except (ValueError, RecursionError):
                end = len(text)  # `application_of` refuses it with the reason
        yield text[:end]
        text = text[end:].strip()


def application_of(label: str, text: str) -> dict[str, Any]:
    """Return the application that the text describes, as an item of the setting `applications`.

    The forms are "ID:SECRET" or "ID:SECRET:COMPANY"; "client_id=ID,client_secret=SECRET,redirect_uri=URI,...", whose
    values have no commas; and a JSON object with the fields of the setting `applications`.

    Args:
        label: The name of the setting as the user wrote it, such as "--application".
        text: The text.

    Raises:
        SettingsError: The text has none of the forms.

    """
    if text.lstrip().startswith("{"):
        return _from_json(label, text)
    return _from_pairs(label, text) if _PAIRS.search(text) else _from_colons(label, text)


def _from_json(label: str, text: str) -> dict[str, Any]:
    try:
        application: dict[str, Any] = read_json(text)
    except ValueError as error:
        raise SettingsError(f"{label}: is not JSON: {error}") from None
    return application


def _from_pairs(label: str, text: str) -> dict[str, Any]:
    application: dict[str, Any] = {}
    for pair in text.split(","):
        name, equals, value = pair.partition("=")
        if name not in NAMES or not equals:
            raise SettingsError(
                f"{label}: {name!r} is unknown (a value with a comma needs JSON); {known_are(name, NAMES)}"
            )
        if name == "redirect_uri":
            application.setdefault("redirect_uris", []).append(value)
            continue
        field = "company_id" if name == "company" else name
        if field in application:
            raise SettingsError(f"{label}: {name} is given twice")
        application[field] = _value(label, field, value)
    return application


def _value(label: str, field: str, text: str) -> Any:
    if field == "company_id":
        return _whole(text, f"{label}: {field}: {text!r} is not a number")
    return _FLAGS.get(text, text) if field == "any_redirect_uri" else text


def _from_colons(label: str, text: str) -> dict[str, Any]:
    client_id, _, rest = text.partition(":")
    secret, _, company = rest.partition(":")
    if not client_id or not secret:
        raise SettingsError(f"{label} {text}: must be ID:SECRET or ID:SECRET:COMPANY")
    application: dict[str, Any] = {"client_id": client_id, "client_secret": secret}
    if company:
        application["company_id"] = _whole(company, f"{label} {text}: the company must be a number")
    return application


def _whole(text: str, complaint: str) -> int:
    number = whole_of(text)
    if isinstance(number, str):
        raise SettingsError(complaint)
    return number
