"""The table of settings. Flags, variables, keys, options, signatures, messages and docs/settings.md come from it.

To add a setting, add a row here; one that describes a world is a field of `fakekounta.settings.settings.Settings` too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from fakekounta.catalogue.names import known_are
from fakekounta.settings import kinds
from fakekounta.settings.kinds import SettingKind

PREFIX = "FAKEKOUNTA_"

PYTHON = "python"
"""A keyword of `FakeKounta`."""
WORLD = "world"
"""A keyword of `fresh()` and of the pytest marker, and a key of the fixture `fakekounta_settings`."""
FILE = "file"
"""A key of the TOML file of `fakekounta serve --config`."""
SHELL = "shell"
"""A flag of `fakekounta serve`, with an environment variable."""
RUN = "run"
"""A flag of `fakekounta run`, with the same environment variable."""
PYTEST = "pytest"
"""An option of pytest, with an ini key."""

_EVERYWHERE = frozenset((PYTHON, WORLD, FILE, SHELL, RUN, PYTEST))
_STRUCTURED = frozenset((PYTHON, WORLD, FILE))
_SERVER = frozenset((PYTHON, FILE, SHELL, RUN))
_FOR_OTHERS = frozenset((PYTHON, FILE, SHELL))  # `fakekounta run` serves its command only
_SERVE = frozenset((FILE, SHELL))


class Alias(NamedTuple):
    """Another name of a setting in flags, variables and files, with the text form of the value.

    With a `part`, the alias sets this key only of a setting that is a mapping, and has its own kind and help.
    """

    name: str
    part: str = ""
    kind: SettingKind | None = None
    help: str = ""


class Setting(NamedTuple):
    """One setting.

    `default` is the default in Python; `serve_default` is that of `fakekounta serve`, if it differs; `ways` are the
    ways in which the setting can be given.
    """

    name: str
    kind: SettingKind
    default: Any
    help: str
    ways: frozenset[str] = _EVERYWHERE
    aliases: tuple[Alias, ...] = ()
    serve_default: Any = None


SETTINGS = (
    Setting(
        "companies",
        kinds.COMPANIES,
        (),
        "Further companies; one with the id of the default company replaces it.",
        aliases=(Alias("company"),),
    ),
    Setting(
        "applications",
        kinds.APPLICATIONS,
        (),
        "Further applications; one with the client id of the default application replaces it.",
        aliases=(Alias("application"),),
    ),
    Setting(
        "redirect_uris",
        kinds.URLS,
        (),
        "Further redirect URIs of the default application (O03).",
        aliases=(Alias("redirect_uri"),),
    ),
    Setting(
        "assumptions",
        kinds.ASSUMPTIONS,
        {},
        "Choices of behaviour where the real API is unknown, such as A01=customer.",
        aliases=(Alias("assume"),),
    ),
    Setting("page_size", kinds.whole(1, 100_000), 25, "Items a page (P01)."),
    Setting(
        "rate_limit",
        kinds.RATE_LIMIT,
        None,
        "Limit requests a minute as documented (R01); in Python and files also the limits for basic and oauth.",
    ),
    Setting("open_auth", kinds.FLAG, False, "Accept any credentials; each client id becomes an application."),
    Setting(
        "webhook_mode",
        kinds.MODE,
        "immediate",
        "How deliveries are made: by threads, before the call returns, or only on request.",
        aliases=(Alias("webhooks"),),
        serve_default="background",
    ),
    Setting(
        "webhook_schedule",
        kinds.SCHEDULE,
        {},
        "When a delivery is tried, in minutes after the event, and how many seconds a receiver may take (W12).",
        aliases=(
            Alias(
                "webhook_minutes", "minutes", kinds.MINUTES, "When a delivery is tried (W12).  [default: 0,1,5,30,120]"
            ),
            Alias(
                "webhook_timeout",
                "timeout_seconds",
                kinds.SECONDS,
                "How long a receiver may take (W12).  [default: 5]",
            ),
        ),
    ),
    Setting(
        "webhook_disturbances",
        kinds.DISTURBANCES,
        {},
        "Disturbances of deliveries: probabilities duplicate, reorder, drop, delay (0 to 1); delay_seconds; seed.",
        aliases=(Alias("webhook_disturbance"),),
    ),
    Setting(
        "allow_webhook_hosts",
        kinds.WEBHOOK_HOSTS,
        (),
        "Further hosts that get deliveries, besides this machine.",
        aliases=(Alias("allow_webhook_host"),),
    ),
    Setting("seed", kinds.SEED, (), "The customers of a new world, or lists by kind, such as of sites.", _STRUCTURED),
    Setting(
        "seed_file",
        kinds.PATH,
        None,
        "File with the seed: a JSON array of customers, JSON Lines, or an object of arrays, such as of sites.",
    ),
    Setting(
        "cafe",
        kinds.FLAG,
        False,
        "Begin with a café in the default company: sites, staff, registers, taxes, a menu, customers, orders.",
    ),
    Setting("faults", kinds.FAULTS, (), "Fault rules of a new world.", _STRUCTURED),
    Setting(
        "host",
        kinds.TEXT,
        "127.0.0.1",
        "Address to bind; beyond the loopback everybody on the network can use the fake.",
        _FOR_OTHERS,
    ),
    Setting("port", kinds.whole(0, 65_535), 0, "Port to bind; 0 takes a free one.", _SERVER, serve_default=8080),
    Setting(
        "allow_hosts",
        kinds.HOSTS,
        (),
        "Further host names that are accepted, with their web pages, such as the name of a container (K07, K08).",
        _SERVER,
        aliases=(Alias("allow_host"),),
    ),
    Setting(
        "public_url",
        kinds.ORIGIN,
        None,
        "Origin of all URLs in responses, such as https://kounta.test behind a proxy; its host is allowed.",
        _FOR_OTHERS,
    ),
    Setting(
        "trust_proxy",
        kinds.FLAG,
        False,
        "Use X-Forwarded-Proto and X-Forwarded-Host, which one proxy in front sets, for URLs in responses.",
        _FOR_OTHERS,
    ),
    Setting("control_token", kinds.TOKEN, None, "Token that callers of the control surface must send.", _SERVER),
    Setting("body_bytes", kinds.whole(1, 2**40), 1_048_576, "Largest body of a request, in bytes (T17).", _SERVER),
    Setting(
        "tls",
        kinds.FLAG,
        False,
        "Serve TLS as well on the same port; needs trustme (`fakekounta[intercept]`).",
        _FOR_OTHERS,
    ),
    Setting(
        "tls_names",
        kinds.HOSTS,
        (),
        "Further names in the certificate, which are accepted as Host, too (K07).",
        _SERVER,
        aliases=(Alias("tls_name"),),
    ),
    Setting(
        "proxy_pass_through",
        kinds.FLAG,
        False,
        "As a proxy, let clients through to other hosts than Kounta's by CONNECT; on a loopback address only.",
        _SERVER,
    ),
    Setting("ca_file", kinds.PATH, None, "File to write the certificate to that clients have to trust.", _SERVER),
    Setting(
        "tls_dir",
        kinds.PATH,
        None,
        "Folder that keeps the CA and its key for the next start; without it, no key is ever on disk.",
        _SERVER,
    ),
    Setting("tls_cert", kinds.PATH, None, "Your own certificate, with its chain, in PEM; needs tls_key.", _FOR_OTHERS),
    Setting("tls_key", kinds.PATH, None, "The key of your own certificate, in PEM, without a passphrase.", _FOR_OTHERS),
    Setting("port_file", kinds.PATH, None, "File to write the port's number to.", _SERVE),
    Setting(
        "keep",
        kinds.PLACE,
        None,
        "File, or redis:// database, that keeps every change for the next start; an empty one begins with the seed.",
        _SERVE,
    ),
    Setting(
        "workers",
        kinds.whole(1, 64),
        1,
        "Processes that answer on the port, all with the same state; more than one needs a system that can fork.",
        _SERVE,
    ),
    Setting("quiet", kinds.FLAG, False, "Print the addresses only once it listens.", _SERVE),
    Setting("log_requests", kinds.FLAG, False, "Print a line for each exchange, on stderr.", _SERVE),
)
BY_NAME = {setting.name: setting for setting in SETTINGS}


def settings_of(way: str) -> list[Setting]:
    """Return the settings that apply in a way."""
    return [setting for setting in SETTINGS if way in setting.ways]


class Name(NamedTuple):
    """A name of a setting: its own, or an alias."""

    name: str
    setting: Setting
    kind: SettingKind
    help: str
    part: str = ""
    is_alias: bool = False


def names_of(way: str) -> dict[str, Name]:
    """Return every name by which settings can be given in a way; aliases are for flags, variables and files."""
    names = (name for setting in settings_of(way) for name in _names(setting))
    return {name.name: name for name in names if way in (SHELL, FILE, RUN) or not name.is_alias}


def _names(setting: Setting) -> Iterable[Name]:
    yield Name(setting.name, setting, setting.kind, setting.help)
    for alias in setting.aliases:
        text = alias.help or f"The same as {flag_of(setting.name)}."
        yield Name(alias.name, setting, alias.kind or setting.kind, text, alias.part, is_alias=True)


def flag_of(name: str) -> str:
    """Return the flag of a name, such as "--page-size"."""
    return f"--{name.replace('_', '-')}"


def variable_of(name: str) -> str:
    """Return the environment variable of a name, such as "FAKEKOUNTA_PAGE_SIZE"."""
    return PREFIX + name.upper()


def unknown(name: object, known: Iterable[str]) -> str:
    """Return the message about an unknown name, with the known names and the nearest one."""
    return f"unknown setting {name!r}; {known_are(name, known)}"
