"""What `bash .ci/run` checks, as sessions of nox: `nox --list` names them, `nox -s lint` runs one.

A session without a Python of its own uses the one that runs nox.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nox

nox.needs_version = ">=2026.10"
nox.options.default_venv_backend = "uv"
nox.options.download_python = "never"

ROOT = Path(__file__).parent
DIST = ROOT / ".nox" / "dist"
# Every Python that is tested, and so the classifiers of the package: tests/packaging/test_release.py compares.
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
OLDEST, *BETWEEN, NEWEST = PYTHONS
# What depends most on the versions of libraries.
MOST_TELLING = (
    "contracts",
    "tests/pytest_plugin/test_pytest_plugin.py",
    "tests/test_imports.py",
    "tests/wire/test_transports.py",
    "tests/cli/test_cli.py",
)
# The files of other tools, and the schemas that these tools publish for them.
SCHEMAS = (
    ("github-workflows", ".github/workflows/*.yml"),
    ("github-issue-forms", ".github/ISSUE_TEMPLATE/[!c]*.yml"),
    ("github-issue-config", ".github/ISSUE_TEMPLATE/config.yml"),
    ("dependabot", ".github/dependabot.yml"),
    ("compose-spec", "compose.yaml"),
    ("readthedocs", ".readthedocs.yaml"),
)


@nox.session(venv_backend="none")
def test(session: nox.Session) -> None:
    """Run the README's command: the tests and the contract suite."""
    if not any(line.strip().startswith("make test") for line in (ROOT / "README.md").read_text().splitlines()):
        session.error("README.md does not name the command: make test")
    session.run("make", "test")


@nox.session(venv_backend="none", name="test-verify")
def test_verify(session: nox.Session) -> None:
    """Run all cases of what `make test` tries with a few: deviants, alternatives, examples of property tests."""
    session.run("make", "test-verify")


@nox.session(venv_backend="none")
def lint(session: nox.Session) -> None:
    """Run ruff, codespell, mypy --strict, import-linter and basedpyright, and test types and what is generated."""
    session.run("make", "lint")
    session.run(".venv/bin/python", "docs/write_tables.py", "--check", external=True)
    # Its tests need mypy, which `make test` does not install.
    session.run(".venv/bin/python", "-m", "pytest", "tests/test_types.py", external=True)


@nox.session(venv_backend="none")
def site(session: nox.Session) -> None:
    """Build the site of the docs; a warning is an error."""
    session.run("make", "site")


@nox.session(venv_backend="none", name="test-browser")
def test_browser(session: nox.Session) -> None:
    """Test the dashboard in Chromium."""
    session.run("make", "test-browser")


@nox.session(venv_backend="none", name="test-documents")
def test_documents(session: nox.Session) -> None:
    """Test the OpenAPI documents with schemathesis, a generated client and Prism; needs npm."""
    session.run("make", "test-documents")


@nox.session(venv_backend="none", name="test-apart")
def test_apart(session: nox.Session) -> None:
    """Test interception of niquests and beside pytest-httpx, and the example for pytest-django."""
    session.run("make", "test-apart")


@nox.session(venv_backend="none")
def examples(session: nox.Session) -> None:
    """Run the programs in examples/ in all their languages, and the clients of docs/doors.md."""
    session.run("make", "test-examples")


@nox.session(venv_backend="none")
def container(session: nox.Session) -> None:
    """Do what Dockerfile and compose.yaml say, without Docker."""
    session.run("make", "test-container")


@nox.session(venv_backend="none", name="test-replicas")
def test_replicas(session: nox.Session) -> None:
    """Test replicas that share a Redis server."""
    session.run("make", "test-replicas")


@nox.session
def build(session: nox.Session) -> None:
    """Build the wheel and the sdist; check what is in them, and that an index would accept them."""
    session.install("build", "twine")
    shutil.rmtree(DIST, ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", str(DIST), ".", silent=True)
    session.run("twine", "check", "--strict", _built("*.whl"), _built("*.tar.gz"))
    session.run("python", ".ci/check_dist.py", _built("*.whl"), _built("*.tar.gz"))


@nox.session
def workflows(session: nox.Session) -> None:
    """Check the files of GitHub and Docker against their schemas, and search the workflows for known weaknesses."""
    session.install("check-jsonschema", "zizmor")
    for schema, pattern in SCHEMAS:
        session.run("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *map(str, ROOT.glob(pattern)))
    session.run("zizmor", "--offline", "--pedantic", "--no-progress", ".github")


@nox.session(requires=["build"])
def sdist(session: nox.Session) -> None:
    """Collect the tests of the sdist, with the package that it makes."""
    folder = _empty_folder(session)
    session.run("tar", "-xzf", _built("*.tar.gz"), "-C", str(folder), external=True)
    (unpacked,) = folder.iterdir()
    session.install(f"{unpacked}[test]")
    session.chdir(unpacked)
    collected = session.run("python", "-m", "pytest", "--collect-only", "-q", silent=True)
    session.log(str(collected).splitlines()[-1])


@nox.session(requires=["build"])
def wheel(session: nox.Session) -> None:
    """Serve with the wheel alone; then use its fixture in another project."""
    session.install(_built("*.whl"))
    session.chdir(_empty_folder(session))
    for module in ("pytest", "hypothesis", "requests", "httpx", "urllib3"):
        session.run("python", "-c", f"import {module}", success_codes=[1], silent=True)
    session.run("fakekounta", "--help")
    with _serving(session):
        pass
    session.install("pytest")
    project = _empty_folder(session) / "outside"
    shutil.copytree(ROOT / "tests" / "outside", project)
    session.chdir(project)
    session.run("python", "-m", "pytest")


@nox.session(requires=["build"], name="wheel-run")
def wheel_run(session: nox.Session) -> None:
    """Serve with the wheel by `uvx` and by `pipx run`, without installing it."""
    session.install("uv", "pipx")
    folder = _empty_folder(session)
    session.env.update({"UV_CACHE_DIR": str(folder / "uv"), "PIPX_HOME": str(folder / "pipx")})
    for runner in (("uvx", "--from"), ("pipx", "run", "--spec")):
        session.run(*runner, _built("*.whl"), "fakekounta", "--version")  # installs it, which takes longer than a start
        with _serving(session, *runner, _built("*.whl"), "fakekounta"):
            pass


@nox.session(requires=["build"], name="wheel-verify")
def wheel_verify(session: nox.Session) -> None:
    """Prove a fake without a checkout, with the wheel's extra `verify`."""
    session.install(f"{_built('*.whl')}[verify]")
    session.chdir(_empty_folder(session))
    credentials = ("--client-id", "fake-client-id", "--client-secret", "fake-client-secret", "--company", "5678")
    with _serving(session) as url:
        session.run("fakekounta", "verify", "--url", url, *credentials)


@nox.session(python=OLDEST)
def oldest(session: nox.Session) -> None:
    """Run the whole suite on the oldest Python with the lowest dependencies."""
    _install_lowest(session)
    _suite(session)


@nox.session(python=OLDEST, name="oldest-newest-dependencies")
def oldest_newest_dependencies(session: nox.Session) -> None:
    """Run the most telling tests on the oldest Python with the newest dependencies."""
    session.install("--editable", ".[test]")
    _suite(session, *MOST_TELLING)


@nox.session(python=BETWEEN)
def between(session: nox.Session) -> None:
    """Run the most telling tests on each Python between the oldest and the newest."""
    session.install("--editable", ".[test]")
    _suite(session, *MOST_TELLING)


@nox.session(python=NEWEST, name="newest-lowest-dependencies")
def newest_lowest_dependencies(session: nox.Session) -> None:
    """Run the most telling tests on the newest Python with the lowest dependencies; `test` has the newest of both."""
    _install_lowest(session)
    _suite(session, *MOST_TELLING)


def _install_lowest(session: nox.Session) -> None:
    """Install the lowest versions that pyproject.toml allows, and the newest of what these need."""
    session.install("--resolution", "lowest-direct", "--requirements", "pyproject.toml", "--extra", "test")
    session.install("--no-deps", "--editable", ".")


def _suite(session: nox.Session, *tests: str) -> None:
    session.run("python", "--version")
    session.run("uv", "pip", "check")
    session.run("uv", "pip", "list")
    session.run("python", "-m", "pytest", "-p", "no:cacheprovider", "-n", "auto", "--dist", "worksteal", *tests)


def _built(pattern: str) -> str:
    (path,) = DIST.glob(pattern)
    return str(path)


def _empty_folder(session: nox.Session) -> Path:
    folder = Path(session.create_tmp())
    shutil.rmtree(folder)
    folder.mkdir()
    return folder


@contextmanager
def _serving(session: nox.Session, *command: str) -> Iterator[str]:
    """Start `fakekounta serve`, ask for its health, yield its URL; it must end well on SIGTERM.

    `command` is what stands for `fakekounta`, by default that of the session's environment.
    """
    port_file = Path(session.create_tmp()) / "port"
    program, *arguments = command or ("fakekounta",)
    serve = [f"{session.bin}/{program}", *arguments, "serve", "--port", "0", "--port-file", str(port_file)]
    environ = {name: value for name, value in {**os.environ, **session.env}.items() if value is not None}
    with subprocess.Popen(serve, env=environ) as server:
        try:
            session.run("python", str(ROOT / ".ci" / "ask_health.py"), str(port_file))
            yield f"http://127.0.0.1:{port_file.read_text().strip()}"
        finally:
            server.terminate()
    if server.returncode:
        session.error(f"fakekounta serve ended with exit code {server.returncode} on SIGTERM")
