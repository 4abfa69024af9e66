"""Tests of every setting in every way in; a mistyped one is refused with the nearest name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from fakekounta.cli.main import main, serve
from fakekounta.cli.setting_flags import settings_options, texts_given
from fakekounta.settings.errors import SettingsError
from fakekounta.settings.kinds import FLAG, PATH, PLACE, RATE_LIMIT
from fakekounta.settings.readers import READERS
from fakekounta.settings.settings import ServerSettings, Settings
from fakekounta.settings.sources import Chosen, Given, chosen, from_environment, from_file, from_flags, from_text
from fakekounta.settings.table import (
    BY_NAME,
    FILE,
    PYTEST,
    PYTHON,
    SETTINGS,
    SHELL,
    WORLD,
    Name,
    flag_of,
    names_of,
    settings_of,
    variable_of,
)
from tests.commands import run

TEXTS: Mapping[str, tuple[str, Any]] = {
    "companies": ("6789:Other", [{"id": 6789, "name": "Other"}]),
    "applications": ("shop:key", [{"client_id": "shop", "client_secret": "key"}]),
    "redirect_uris": ("https://shop.example/back", ["https://shop.example/back"]),
    "assumptions": ("A01=customer", {"A01": "customer"}),
    "page_size": ("7", 7),
    "rate_limit": ("true", True),
    "open_auth": ("true", True),
    "webhook_mode": ("collect", "collect"),
    "webhook_schedule": ("minutes=0,2", {"minutes": [0, 2]}),
    "webhook_minutes": ("0,2", {"minutes": [0, 2]}),
    "webhook_timeout": ("2.5", {"timeout_seconds": 2.5}),
    "webhook_disturbances": ("drop=0.5", {"drop": 0.5}),
    "allow_webhook_hosts": ("shop.example", ["shop.example"]),
    "seed_file": ("seed.json", "seed.json"),
    "cafe": ("true", True),
    "host": ("localhost", "localhost"),
    "port": ("0", 0),
    "allow_hosts": ("shop.example", ["shop.example"]),
    "public_url": ("https://kounta.test", "https://kounta.test"),
    "trust_proxy": ("true", True),
    "control_token": ("secret", "secret"),
    "body_bytes": ("100", 100),
    "tls": ("true", True),
    "tls_names": ("kounta.test", ["kounta.test"]),
    "ca_file": ("ca.pem", "ca.pem"),
    "tls_dir": ("tls", "tls"),
    "tls_cert": ("cert.pem", "cert.pem"),
    "tls_key": ("key.pem", "key.pem"),
    "proxy_pass_through": ("true", True),
    "keep": ("kept.db", "kept.db"),
    "workers": ("2", 2),
    "port_file": ("the.port", "the.port"),
    "quiet": ("true", True),
    "log_requests": ("true", True),
}
"""For each name that is no mere alias: a text, and what Python takes for the same."""


def sample(name: Name) -> tuple[str, Any]:
    """Return the text of a name, and its value."""
    return TEXTS[name.name if name.name in TEXTS else name.setting.name]


def read(given: Iterable[Given]) -> dict[str, Any]:
    """Return what the fake stores of the values of one source."""
    return {name: READERS[name](name, value) for name, value in chosen([given]).values.items()}


def expected(name: Name) -> dict[str, Any]:
    """Return what the fake stores of the sample."""
    setting = name.setting.name
    return {setting: READERS[setting](setting, sample(name)[1])}


WRONG_PORT = "fakekounta: --port: must be a whole number from 0 to 65535, not 'x'\n"
SHELL_NAMES = names_of(SHELL)


@pytest.mark.parametrize("name", SHELL_NAMES.values(), ids=SHELL_NAMES)
def test_a_name_means_the_same_as_flag_variable_and_key(name: Name, tmp_path: Path) -> None:
    """Each flag is a variable and a key of the file with the same text, and gives the same as Python."""
    text, value = sample(name)
    assert read(given_by_flags([flag_of(name.name), text])) == expected(name)
    assert read(from_environment({variable_of(name.name): text})) == expected(name)
    path = tmp_path / "fake.toml"
    keys = [json.dumps(text) if name.is_alias or isinstance(value, str) else toml(value)]
    if name.is_alias and name.kind.is_many:
        keys.append(json.dumps([text]))
    for key in keys:
        path.write_text(f"{name.name} = {key}\n")
        found = read(from_file(path))
        if name.kind in (PATH, PLACE):
            found = {one: file.relative_to(tmp_path) for one, file in found.items()}
        assert found == expected(name)


def toml(value: Any) -> str:
    """Return a value as TOML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + "}"
    return "[" + ", ".join(map(toml, value)) + "]" if isinstance(value, list) else json.dumps(value)


def given_by_flags(arguments: list[str]) -> list[Given]:
    """Return what the options of the table make of arguments."""
    found: list[Given] = []

    @click.command()
    @settings_options(SHELL)
    @click.pass_context
    def command(context: click.Context, /, **_: Any) -> None:
        found.extend(from_flags(texts_given(context)))

    on_and_off = {flag_of(name.name) for name in SHELL_NAMES.values() if name.kind in (FLAG, RATE_LIMIT)}
    done = CliRunner().invoke(command, arguments[:1] if arguments[0] in on_and_off else arguments)
    assert done.exit_code == 0, done.output
    return found


def test_serve_has_the_flags_of_the_table_and_no_others() -> None:
    """All have a key except --config, which names the file."""
    flags = {option for parameter in serve.params for option in parameter.opts}
    assert flags - {"--config"} == {flag_of(name) for name in names_of(SHELL)}
    assert set(names_of(SHELL)) <= set(names_of(FILE))


def test_pytest_has_an_option_and_a_key_for_each_text(pytester: pytest.Pytester) -> None:
    """They take the same texts, and the session's fake has the values."""
    names = names_of(PYTEST)
    texts = {name: sample(one)[0] for name, one in names.items()}
    assert set(texts) == {one.name for one in settings_of(WORLD) if SHELL in one.ways}
    (pytester.path / "seed.json").write_text("[]")
    expected_values = {key: value for name in names.values() for key, value in expected(name).items()}
    pytester.makeconftest(
        "from fakekounta.pytest_plugin.options import configured\n"
        "from fakekounta.settings.readers import READERS\n"
        "def pytest_configure(config):\n"
        "    given = configured(config).values\n"
        "    given['seed_file'] = given['seed_file'].rpartition('/')[2]\n"
        "    config.issue = {name: READERS[name](name, value) for name, value in given.items()}\n"
        "def pytest_report_header(config):\n"
        "    return repr(config.issue)\n"
    )
    by_option = [f"--fakekounta-{name.replace('_', '-')}={text}" for name, text in texts.items()]
    found = pytester.runpytest_inprocess("-p", "no:xdist", "--collect-only", *by_option)
    assert repr(expected_values) in found.stdout.str()
    pytester.makeini("\n".join(["[pytest]", *(f"fakekounta_{name} = {text}" for name, text in texts.items())]))
    found = pytester.runpytest_inprocess("-p", "no:xdist", "--collect-only")
    assert repr(expected_values) in found.stdout.str()


def test_the_rows_are_sound() -> None:
    """Each row is a field of Settings or ServerSettings, and its default can be read."""
    of_worlds = {one.name for one in settings_of(WORLD)}
    assert of_worlds == set(Settings.__dataclass_fields__)
    assert {one.name for one in settings_of(PYTHON)} - of_worlds == set(ServerSettings.__dataclass_fields__)
    assert len(BY_NAME) == len(SETTINGS)
    for setting in settings_of(PYTHON):
        READERS[setting.name](setting.name, setting.default)


# --- which source counts, and what is refused ----------------------------------------------------------------------


def both(*sources: Mapping[str, str]) -> Chosen:
    """Return the values that count if each mapping is a source, the last one the highest."""
    names = names_of(SHELL)
    return chosen([from_text(names[name], name, text) for name, text in source.items()] for source in sources)


def test_an_alias_outranks_the_canonical_name_of_a_lower_source() -> None:
    """The higher source counts under any name, and messages have the name as written there."""
    found = both({"assumptions": "A01=customer", "page_size": "3"}, {"assume": "A07=422"})
    assert found.values == {"assumptions": {"A07": "422"}, "page_size": 3}
    assert found.as_written("assumptions: no") == "assume: no"
    assert found.as_written("page_size: no") == "page_size: no"
    assert found.as_written("assumptions_of: no") == "assumptions_of: no"


def test_a_part_replaces_its_part_only() -> None:
    """Minutes of a file and seconds of a flag make one schedule."""
    found = both({"webhook_schedule": "minutes=0,1 timeout_seconds=9"}, {"webhook_timeout": "2"})
    assert found.values == {"webhook_schedule": {"minutes": [0, 1], "timeout_seconds": 2}}
    assert found.as_written("webhook_schedule.timeout_seconds: no") == "webhook_timeout: no"
    assert found.as_written("webhook_schedule.minutes[1]: no") == "webhook_schedule minutes[1]: no"


@pytest.mark.parametrize("one,other", [("assume", "assumptions"), ("webhook_schedule", "webhook_minutes")])
def test_one_source_gives_a_setting_once(one: str, other: str) -> None:
    """Two names of one setting in one source are refused."""
    with pytest.raises(SettingsError, match=rf"^{other}: is the same setting as {one}; give one of them$"):
        both({one: "A01=customer", other: "0"})


@pytest.mark.parametrize(
    "variable,nearest",
    [
        ("FAKEKOUNTA_PAGESIZE", "FAKEKOUNTA_PAGE_SIZE"),
        ("FAKEKOUNTA_SEEDFILE", "FAKEKOUNTA_SEED_FILE"),
        ("FAKEKOUNTA_WEBHOOK", "FAKEKOUNTA_WEBHOOKS"),
        ("FAKEKOUNTA_PROT", "FAKEKOUNTA_PORT"),
        ("FAKEKOUNTA_FLAVOUR", None),
    ],
)
def test_a_mistyped_variable_is_refused(variable: str, nearest: str | None) -> None:
    """It is refused with the nearest name if there is a near one, else ignored."""
    done = CliRunner().invoke(main, ["serve", "--port", "x"], env={variable: "1"})
    assert done.exit_code == 2
    mistake = f"fakekounta: {variable}: is unknown; did you mean {nearest}?\n"
    assert done.stderr == (mistake if nearest else WRONG_PORT)


SERVICES = ("FAKEKOUNTA", "FAKEKOUNTA_API", "FAKEKOUNTA_HOST", "FAKEKOUNTA_PAGE", "FAKEKOUNTA_SEED")
OF_A_SERVICE = {
    "{}_SERVICE_HOST": "10.0.0.1",
    "{}_SERVICE_PORT": "8080",
    "{}_SERVICE_PORT_HTTP": "8080",
    "{}_PORT": "tcp://10.0.0.1:8080",
    "{}_PORT_8080_TCP": "tcp://10.0.0.1:8080",
    "{}_PORT_8080_TCP_PROTO": "tcp",
    "{}_PORT_8080_TCP_PORT": "8080",
    "{}_PORT_8080_TCP_ADDR": "10.0.0.1",
    "{}_NAME": "/shop/fakekounta",
    "{}_ENV_PAGE_SIZE": "1",
}
"""What Kubernetes sets for a service, and Docker for a link."""


@pytest.mark.parametrize("service", SERVICES)
def test_variables_that_kubernetes_sets_are_ignored(service: str) -> None:
    """Any variable of a service whose name begins with ours is ignored."""
    env = {name.format(service): text for name, text in OF_A_SERVICE.items()}
    done = CliRunner().invoke(main, ["serve", "--port", "x"], env=env)
    assert done.stderr == WRONG_PORT


def test_variables_of_other_commands_are_known() -> None:
    """A variable of `verify` is no mistake for `serve`, and vice versa; each has its own nearest names."""
    env = {"FAKEKOUNTA_CLIENT_ID": "a", "FAKEKOUNTA_PAGE_SIZE": "5", "FAKEKOUNTA_CLIENTSECRET": "b"}
    done = CliRunner().invoke(main, ["serve", "--port", "x"], env=env)
    assert done.stderr.startswith("fakekounta: --port: ")
    done = CliRunner().invoke(main, ["verify"], env=env)
    assert done.stderr == "fakekounta: FAKEKOUNTA_CLIENTSECRET: is unknown; did you mean FAKEKOUNTA_CLIENT_SECRET?\n"


def test_a_mistyped_key_is_refused_with_the_nearest(tmp_path: Path) -> None:
    """The file and the key are named, also in-process."""
    (tmp_path / "fake.toml").write_text("pagesize = 3\n")
    done = run("serve", "--config", "fake.toml", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("fakekounta: fake.toml:1: unknown setting 'pagesize'; known are companies, ")
    assert done.stderr.endswith("; did you mean page_size?\n")
