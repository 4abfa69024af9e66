"""Read the settings of `fakekounta serve` from a file, the environment and flags, and decide which of them count."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from fakekounta.catalogue.names import nearest
from fakekounta.process.files import expanded, is_database
from fakekounta.settings.errors import SettingsError
from fakekounta.settings.kinds import PATH, PLACE, SettingKind
from fakekounta.settings.table import FILE, PREFIX, SHELL, Name, names_of, unknown, variable_of


class Given(NamedTuple):
    """A value of a source; `label` is the name as the user wrote it, such as "--page-size" or "FAKEKOUNTA_ASSUME"."""

    name: Name
    label: str
    value: Any


class Chosen(NamedTuple):
    """The values that count, in their Python form, and the label of each by its path in messages.

    `file` is the TOML file that some of them came from, if any.
    """

    values: dict[str, Any]
    labels: dict[str, str]
    file: Path | None = None

    def as_written(self, message: str, replaced: Iterable[str] = ()) -> str:
        """Return a message that begins with a path, such as "page_size", with the label in the place of the path.

        Settings in `replaced` keep their names, because later values without a label replaced them.
        """
        for path in sorted(self.labels.keys() - {*replaced}, key=len, reverse=True):
            if message.startswith(path) and message[len(path) : len(path) + 1] in (":", ".", "["):
                written = self.labels[path] + message[len(path) :]
                return written if self.file is None else _with_line(self.file, written)
        return message


def chosen(sources: Iterable[Iterable[Given]], file: Path | None = None) -> Chosen:
    """Return the values that count; a later source overrides earlier ones. `file` is what one of them was read from.

    A name for a part of a setting, such as `webhook_timeout`, overrides this part only. Raises SettingsError if a
    source gives a setting twice.
    """
    values: dict[str, Any] = {}
    labels: dict[str, str] = {}
    for source in sources:
        _refuse_doubles(given := [*source])
        for one in given:
            name, part = one.name.setting.name, one.name.part
            if part:
                values[name] = {**values.get(name, {}), part: one.value}
                labels[f"{name}.{part}"] = one.label
            else:
                values[name] = one.value
                labels.update(labels_of(name, one.label, one.value))
    return Chosen(values, labels, file)


def _with_line(file: Path, message: str) -> str:
    from fakekounta.settings.toml_lines import with_line  # noqa: PLC0415 - only a mistake needs it

    return with_line(file, message)


def labels_of(name: str, label: str, value: Any) -> dict[str, str]:
    """Return the labels of a setting and of each key of its value, by their paths in messages."""
    keys = value if isinstance(value, Mapping) else ()
    return {name: label, **{f"{name}.{key}": f"{label} {key}" for key in keys}}


def _refuse_doubles(given: Sequence[Given]) -> None:
    seen: dict[str, Given] = {}
    for one in given:
        other = seen.setdefault(one.name.setting.name, one)
        if other is not one and not (one.name.part and other.name.part):
            raise SettingsError(f"{one.label}: is the same setting as {other.label}; give one of them")


# --- flags and environment ---------------------------------------------------------------------------------------


def from_flags(texts: Mapping[str, Sequence[str]]) -> Iterable[Given]:
    """Yield the values of flags; `texts` has them by name without dashes."""
    known = names_of(SHELL)
    for name, written in texts.items():
        label = f"--{name.replace('_', '-')}"
        yield Given(known[name], label, known[name].kind.parse(label, written))


def from_environment(environ: Mapping[str, str], way: str = SHELL) -> Iterable[Given]:
    """Yield the values of environment variables. An empty variable, and one of a service, is ignored."""
    for name in names_of(way).values():
        variable = variable_of(name.name)
        text = environ.get(variable, "")
        if text and not is_of_a_service(variable, text):
            yield from_text(name, variable, text)


def from_text(name: Name, label: str, text: str, folder: Path | None = None) -> Given:
    """Return the value of a text, which may contain several; a relative path in it starts at the folder."""
    if folder is not None and _is_path(name.kind, text):
        return Given(name, label, str(folder / expanded(text)))
    return Given(name, label, name.kind.parse(label, name.kind.split(text)))


_URL_OF_SERVICE = r"(?:tcp|udp|sctp)://(?:\[[0-9A-Fa-f:.]+\]|[^\s/:\[\]]+):[0-9]+"
_END_OF_SERVICE = (
    r"(?:_SERVICE_(?:HOST|PORT(?:_\w+)?)|_PORT_[0-9]+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?|_ENV_\w+)\Z"
)
_MOST_LIKE = 0.75  # two letters of four that were exchanged


def is_of_a_service(variable: str, text: str) -> bool:
    """Return whether Kubernetes or Docker set a variable for a service whose name begins with "fakekounta".

    Examples are FAKEKOUNTA_PORT with "tcp://10.0.0.1:8080", FAKEKOUNTA_SERVICE_HOST, FAKEKOUNTA_PORT_8080_TCP_ADDR and,
    for a service with the name fakekounta-api, FAKEKOUNTA_API_SERVICE_HOST.
    """
    if variable.endswith("_PORT") and re.fullmatch(_URL_OF_SERVICE, text):
        return True
    return bool(re.search(_END_OF_SERVICE, variable)) or (variable.endswith("_NAME") and text.startswith("/"))


def mistyped_variable(environ: Mapping[str, str], own: Iterable[str], known: Iterable[str]) -> str | None:
    """Return the message about a variable with a name close to one of the command's, or None.

    Args:
        environ: The environment.
        own: The variables of the command.
        known: The variables of all commands.

    """
    own, known = list(own), frozenset(known)
    for variable, text in environ.items():
        if variable.startswith(PREFIX) and variable not in known and not is_of_a_service(variable, text):
            near = nearest(variable.removeprefix(PREFIX), [one.removeprefix(PREFIX) for one in own], _MOST_LIKE)
            if near is not None:
                return f"{variable}: is unknown; did you mean {PREFIX}{near}?"
    return None


# --- file --------------------------------------------------------------------------------------------------------


def from_file(path: Path) -> Iterable[Given]:
    """Yield the values of a TOML file; relative paths in it start at its folder. Raises SettingsError."""
    known = names_of(FILE)
    for key, value in _toml(path).items():
        if key not in known:
            raise SettingsError(f"{path}: {unknown(key, known)}")
        label = f"{path}: {key}"
        yield Given(known[key], label, _from_key(label, known[key], value, path.parent))


def _from_key(label: str, name: Name, value: Any, folder: Path) -> Any:
    """Return the value for Python. An alias accepts the text form as well as the Python form.

    An empty text is None, where that is the default: TOML has no null.
    """
    if value == "" and name.setting.default is None:
        return None
    if name.kind in (PATH, PLACE) and not isinstance(value, str):
        raise SettingsError(f"{label}: must be a path")
    if _is_path(name.kind, value):
        return str(folder / expanded(value))
    if name.is_alias and (texts := _texts(name.kind, value)):
        return name.kind.parse(label, texts)
    return value


def _is_path(kind: SettingKind, value: Any) -> bool:
    return kind is PATH or (kind is PLACE and not is_database(value))


def _texts(kind: SettingKind, value: Any) -> Sequence[str]:
    """Return the texts of a text form; none if the value is neither a text nor a list of texts."""
    if isinstance(value, str):
        return (value,)
    is_list = kind.is_many and isinstance(value, list) and all(isinstance(item, str) for item in value)
    return value if is_list else ()


def _toml(path: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib  # noqa: PLC0415 - not in Python 3.10
    else:
        import tomli as tomllib  # noqa: PLC0415 - see above
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from None
