"""The cost of the installed plugin for every pytest run: `--collect-only` of an empty project, with and without it.

pytest runs without the site's packages, on a folder with pytest and its requirements. A second folder adds the plugin
and its entry point, so that finding the plugin is measured as well as importing it. That folder has no RECORD; a third
one has that of an installed wheel, of which pytest reads each line to know which modules it may rewrite.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import servers
from lines import Row, judged

LIMIT = 5.0
HEAVY = ("flask", "hypothesis", "marshmallow", "werkzeug", "httptools", "requests", "httpx", "click")
_NOTHING_COLLECTED = 5
_CHECK = f"""
def pytest_unconfigure():
    import sys
    loaded = set({HEAVY!r}) & set(sys.modules)
    assert "fakekounta.pytest_plugin.plugin" in sys.modules and not loaded, loaded
"""


def rows(rounds: int) -> list[Row]:
    """Measure the processor time that the plugin adds, in milliseconds, and that of an empty plugin."""
    with TemporaryDirectory() as text:
        folder = Path(text)
        base, ours, empty, listed = (folder / name for name in ("base", "ours", "empty", "listed"))
        _link_pytest(base)
        _link_plugin(ours)
        _link_plugin(listed)
        _write_record(listed)
        _write_plugin(empty)
        _refuse_heavy_imports(folder)
        costs: list[Callable[[], float]] = [
            lambda sites=sites: _collecting(folder, sites)  # type: ignore[misc]
            for sites in ([base], [base, ours], [base, empty], [base, listed])
        ]
        figures = [[cost() for cost in costs] for _ in range(rounds)]
    plugin = median(with_ours - without for without, with_ours, _, _ in figures)
    floor = median(with_empty - without for without, _, with_empty, _ in figures)
    record = median(with_record - with_ours for _, with_ours, _, with_record in figures)
    return [
        judged(f"importing the plugin / {LIMIT:g} ms", plugin, LIMIT, "ms", plugin / LIMIT, "<= 1"),
        judged("importing the plugin / an empty plugin", plugin, floor, "ms", plugin / floor, ""),
        judged("reading the wheel's RECORD / importing the plugin", record, plugin, "ms", record / plugin, ""),
    ]


def _collecting(folder: Path, sites: list[Path]) -> float:
    """Return the milliseconds of processor time of pytest, which other load hardly changes."""
    project = folder / "project"
    project.mkdir(exist_ok=True)
    environment = servers.environment(PYTHONPATH=os.pathsep.join(map(str, sites)))
    command = [sys.executable, "-S", "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    process = subprocess.Popen(command, cwd=project, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == _NOTHING_COLLECTED, f"pytest ended with {process.returncode}"
    return 1e3 * (usage.ru_utime + usage.ru_stime)


def _refuse_heavy_imports(folder: Path) -> None:
    """Collect once with all packages but without other plugins, and check what was imported."""
    project = folder / "checked"
    project.mkdir()
    (project / "conftest.py").write_text(_CHECK, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    command += ["-p", "fakekounta.pytest_plugin.plugin"]
    environment = servers.environment(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == _NOTHING_COLLECTED, done.stdout + done.stderr


def _link_pytest(site: Path) -> None:
    """Make a folder from which pytest can be imported, and nothing else."""
    site.mkdir()
    for found in _needed_by("pytest"):
        tops = {Path(file.parts[0]) for file in found.files or () if file.parts[0] not in ("..", "__pycache__")}
        for top in tops:
            (site / top).symlink_to(Path(str(found.locate_file(top))).resolve())


def _needed_by(name: str, seen: set[str] | None = None) -> Iterator[Distribution]:
    """Return a distribution and all its installed requirements, without those of extras."""
    seen = set() if seen is None else seen
    if name in seen:
        return
    seen.add(name)
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return  # for another Python or another system
    yield found
    for requirement in found.requires or ():
        if "extra ==" not in requirement:
            yield from _needed_by(re.split(r"[^A-Za-z0-9._\-]", requirement, maxsplit=1)[0].lower(), seen)


def _link_plugin(site: Path) -> None:
    """Make a folder with the package and its entry point."""
    spec = find_spec("fakekounta")
    assert spec is not None
    assert spec.origin is not None
    site.mkdir()
    (site / "fakekounta").symlink_to(Path(spec.origin).parent)
    _write_entry_point(site, "fakekounta", "fakekounta.pytest_plugin.plugin")


def _write_record(site: Path) -> None:
    """List the files of the package as pip does: each module, and its compiled form."""
    paths = [path.relative_to(site).as_posix() for path in (site / "fakekounta").rglob("*") if path.suffix != ".pyc"]
    compiled = [f"{path}c" for path in paths if path.endswith(".py")]
    lines = "".join(f"{path},sha256={'A' * 43},1000\n" for path in [*paths, *compiled])
    (site / "fakekounta-1.dist-info" / "RECORD").write_text(lines, encoding="utf-8")


def _write_plugin(site: Path) -> None:
    """Write a plugin that does nothing, with its entry point."""
    site.mkdir()
    (site / "emptiness.py").write_text("import pytest\n", encoding="utf-8")
    _write_entry_point(site, "emptiness", "emptiness")


def _write_entry_point(site: Path, name: str, module: str) -> None:
    info = site / f"{name}-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[pytest11]\n{name} = {module}\n", encoding="utf-8")
