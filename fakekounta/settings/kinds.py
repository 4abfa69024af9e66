"""Kinds of settings: the values in Python, and their text form in flags, variables and pytest options."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from fakekounta.settings.errors import SettingsError
from fakekounta.settings.numbers import is_whole, number_of, whole_of

Parse = Callable[[str, Sequence[str]], Any]
"""A function of a label (the name of the setting as the user wrote it) and texts, which returns the value for Python.

It returns a text that it cannot read unchanged; the reader of the setting refuses it.
"""
Split = Callable[[str], Sequence[str]]
"""A function that splits the text of a variable or a pytest option into several texts."""


def _last(_: str, texts: Sequence[str]) -> str:
    return texts[-1]


def _whole_text(text: str) -> Sequence[str]:
    return (text,)


def _words(text: str) -> Sequence[str]:
    return text.split()


class SettingKind(NamedTuple):
    """The kind of a setting's value.

    `name` chooses the reader in `fakekounta.settings.readers`; `annotation` is the type for type checkers; `form` is
    the text form, as `--help` shows it. `is_many` says whether a flag may be repeated.
    """

    name: str
    annotation: str
    form: str = ""
    parse: Parse = _last
    split: Split = _whole_text
    is_many: bool = False
    least: int = 0
    most: int = 0
    choices: tuple[str, ...] = ()


# --- from texts --------------------------------------------------------------------------------------------------

_FLAGS = {
    **dict.fromkeys(("true", "t", "yes", "y", "on", "1"), True),
    **dict.fromkeys(("false", "f", "no", "n", "off", "0"), False),
}


def _flag(_: str, texts: Sequence[str]) -> Any:
    return _FLAGS.get(texts[-1].lower(), texts[-1])


def _whole(_: str, texts: Sequence[str]) -> int | str:
    return whole_of(texts[-1])


def _one_number(_: str, texts: Sequence[str]) -> float | str:
    return number_of(texts[-1])


def _numbers(_: str, texts: Sequence[str]) -> list[float | str]:
    return [number_of(item) for item in texts[-1].split(",")]


def _pair_words(text: str) -> Sequence[str]:
    return text.replace(",", " ").split()


def _pairs(_: str, texts: Sequence[str]) -> Mapping[str, str]:
    return dict(text.partition("=")[::2] for text in texts)


def _pairs_of_numbers(label: str, texts: Sequence[str]) -> Mapping[str, Any]:
    return {name: number_of(value) for name, value in _pairs(label, texts).items()}


def _schedule(label: str, texts: Sequence[str]) -> Mapping[str, Any]:
    given = _pairs(label, texts)
    return {key: (_numbers if key == "minutes" else _one_number)(key, (text,)) for key, text in given.items()}


def _list(_: str, texts: Sequence[str]) -> list[str]:
    return list(texts)


def _companies(label: str, texts: Sequence[str]) -> list[Mapping[str, Any]]:
    return [_company(label, text) for text in texts]


def _company(label: str, text: str) -> Mapping[str, Any]:
    number, _, name = text.partition(":")
    if not is_whole(number):
        raise SettingsError(f"{label} {text}: the id must be a number")
    return {"id": int(number), "name": name} if name else {"id": int(number)}


def _applications(label: str, texts: Sequence[str]) -> list[Mapping[str, Any]]:
    from fakekounta.settings.application_text import application_of  # noqa: PLC0415 - few sessions give one

    return [application_of(label, text) for text in texts]


def _application_texts(text: str) -> Sequence[str]:
    from fakekounta.settings.application_text import texts_of  # noqa: PLC0415 - see above

    return [*texts_of(text)]


# --- the kinds ---------------------------------------------------------------------------------------------------

Mode = Literal["background", "immediate", "collect"]
MODES: tuple[Mode, ...] = ("background", "immediate", "collect")

FLAG = SettingKind("flag", "bool", "true|false", _flag)
TEXT = SettingKind("text", "str", "TEXT")
TOKEN = SettingKind("token", "str | None", "TOKEN")
PATH = SettingKind("path", "str | Path | None", "PATH")
PLACE = SettingKind("place", "str | Path | None", "PATH|URL")
MODE = SettingKind("choice", "Mode", "|".join(MODES), choices=MODES)
URLS = SettingKind("urls", "Sequence[str]", "URL", _list, _words, is_many=True)
ORIGIN = SettingKind("origin", "str | None", "URL")
HOSTS = SettingKind("hosts", "Sequence[str]", "HOST", _list, _words, is_many=True)
WEBHOOK_HOSTS = SettingKind("texts", "Sequence[str]", "HOST", _list, _words, is_many=True)
COMPANIES = SettingKind(
    "companies",
    "Sequence[CompanyFields | Mapping[str, Any] | CompanyProfile]",
    "ID[:NAME]",
    _companies,
    _words,
    is_many=True,
)
APPLICATIONS = SettingKind(
    "applications",
    "Sequence[ApplicationFields | Mapping[str, Any] | Application]",
    "ID:SECRET[:COMPANY]|NAME=VALUE,...|JSON",
    _applications,
    _application_texts,
    is_many=True,
)
ASSUMPTIONS = SettingKind(
    "assumptions", "Mapping[str, str] | Assumptions", "ID=CHOICE", _pairs, _pair_words, is_many=True
)
RATE_LIMIT = SettingKind(
    "rate_limit", "bool | RateLimitFields | Mapping[str, int] | RequestsPerMinute | None", "true|false", _flag
)
SCHEDULE = SettingKind(
    "schedule", "ScheduleFields | Mapping[str, Any] | Schedule", "NAME=VALUE", _schedule, _words, is_many=True
)
SECONDS = SettingKind("seconds", "float", "SECONDS", _one_number)
MINUTES = SettingKind("minutes", "Sequence[float]", "0,1,5,...", _numbers)
DISTURBANCES = SettingKind(
    "disturbances",
    "DisturbanceFields | Mapping[str, Any] | Disturbances",
    "NAME=VALUE",
    _pairs_of_numbers,
    _pair_words,
    is_many=True,
)
SEED = SettingKind("seed", "Sequence[Mapping[str, Any]] | Mapping[str, Sequence[Mapping[str, Any]]]")
FAULTS = SettingKind("faults", "Sequence[FaultFields | Mapping[str, Any] | Fault]")


def whole(least: int, most: int) -> SettingKind:
    """Return the kind of a whole number within these bounds."""
    return SettingKind("whole", "int", "NUMBER", _whole, least=least, most=most)
