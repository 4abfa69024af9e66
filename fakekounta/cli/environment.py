"""The environment that leads a command's requests to a fake: proxy, certificates, address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from fakekounta.cli.authorities import certificates_in, system_roots
from fakekounta.settings.hosts import REAL_HOSTS

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY")
_NO_PROXY = ("NO_PROXY", "no_proxy")
_ONLY = (
    "SSL_CERT_FILE",  # programs that use OpenSSL's defaults, as Python and Ruby do; Go; httpx
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "HTTPLIB2_CA_CERTS",
    "NIX_SSL_CERT_FILE",  # outranks SSL_CERT_FILE in the programs of Nix
)
"""Variables that name all that a program trusts."""
_MORE = "NODE_EXTRA_CA_CERTS"
"""A variable that names what a program trusts beside its own."""
_LOOPBACK = ("localhost", ".localhost", "127.0.0.1", "127.0.0.0/8", "::1")


def leading_to(url: str, ca_pem: str, folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a command, so that its requests to the real service reach the fake at a URL.

    Args:
        url: Where the fake is, and the proxy.
        ca_pem: The certificate that is to be trusted.
        folder: Where files with certificates can be written: `ca_pem`, and what was trusted without.
        environ: The variables without the fake.

    """
    excluded = ",".join(_not_proxied(environ))
    return {
        **environ,
        **{name: url for upper in _PROXIES for name in (upper, upper.lower())},
        **dict.fromkeys(_NO_PROXY, excluded),
        **_bundles(ca_pem, folder, environ),
        "NODE_USE_ENV_PROXY": environ.get("NODE_USE_ENV_PROXY", "1"),  # Node.js from 22.21 and 24 on
        "FAKEKOUNTA_URL": url,
    }


def _not_proxied(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield the hosts that are reached without the proxy: the user's own except the real names, and this machine."""
    theirs = ",".join(environ.get(name, "") for name in _NO_PROXY).replace(" ", ",").split(",")
    for host in dict.fromkeys((*theirs, *_LOOPBACK)):
        if host and not _covers_real(host):
            yield host


def _covers_real(pattern: str) -> bool:
    """Whether a client may take a pattern for one of the real names: "*", ".kounta.com", "api.kounta.com:443"."""
    host = pattern.lower()
    name = (host.partition(":")[0] if host.count(":") == 1 else host).lstrip("*.")
    return any(real.endswith(name) for real in REAL_HOSTS)


def _bundles(ca_pem: str, folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return each variable that names certificates, with a file made of the user's certificates and `ca_pem`."""
    texts = {name: certificates_in(Path(environ[name])) for name in (*_ONLY, _MORE) if environ.get(name)}
    roots = system_roots()
    paths: dict[str, Path] = {}
    bundles: dict[str, str] = {}
    for name in (*_ONLY, _MORE):
        text = texts.get(name) or ("" if name == _MORE else roots)
        if text not in paths:
            paths[text] = folder / f"trusted-{len(paths)}.pem"
            paths[text].write_text(text + ca_pem, encoding="ascii")
        bundles[name] = str(paths[text])
    return bundles
