"""The wheel holds the package, the contract suite inside it and the licences; the sdist holds what git would keep.

`python .ci/check_dist.py dist/*.whl dist/*.tar.gz` prints what is wrong, and then exits with 1.
"""

from __future__ import annotations

import email
import subprocess
import sys
import tarfile
import zipfile
from email.message import Message
from pathlib import Path

ROOT = Path(__file__).parent.parent


def complaints_about_the_wheel(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as wheel:
        names = set(wheel.namelist())
        (info,) = {name.split("/")[0] for name in names if name.split("/")[0].endswith(".dist-info")}
        metadata = email.message_from_bytes(wheel.read(f"{info}/METADATA"))
    made = {f"{info}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt")}
    wanted = wanted_in_the_wheel() | made | {f"{info}/licenses/{licence}" for licence in licences()}
    return differences("the wheel", wanted, names) + complaints_about_the_metadata(metadata)


def differences(what: str, wanted: set[str], names: set[str]) -> list[str]:
    lacking = [f"{what} lacks {name}" for name in sorted(wanted - names)]
    return lacking + [f"{what} holds {name}" for name in sorted(names - wanted)]


def wanted_in_the_wheel() -> set[str]:
    package = {path.relative_to(ROOT).as_posix() for path in files_below("fakekounta")}
    suite = {path.relative_to(ROOT).as_posix() for path in files_below("contracts")}
    return package | {f"fakekounta/verify/suite/{name}" for name in suite}


def files_below(folder: str) -> list[Path]:
    return [path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]


def licences() -> list[str]:
    vendor = (ROOT / "fakekounta/control/page/vendor").glob("LICENSE-*.txt")
    return ["LICENSE", *(path.relative_to(ROOT).as_posix() for path in vendor)]


def complaints_about_the_metadata(metadata: Message) -> list[str]:
    fields = ("License-Expression", "Requires-Python", "Project-URL", "Classifier", "Description-Content-Type")
    complaints = [f"the wheel's metadata lack {field}" for field in fields if field not in metadata]
    if f'__version__ = "{metadata["Version"]}"' not in (ROOT / "fakekounta/__init__.py").read_text(encoding="utf-8"):
        complaints.append(f"the wheel has the version {metadata['Version']}, the package another one")
    return complaints


def complaints_about_the_sdist(path: Path, tracked: set[str]) -> list[str]:
    with tarfile.open(path) as archive:
        names = {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}
    return differences("the sdist", tracked | {"PKG-INFO"}, names)


def tracked_files() -> set[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], check=True, capture_output=True, text=True, cwd=ROOT)
    return set(listed.stdout.split("\0")) - {""}


def main() -> None:
    wheel, sdist = map(Path, sys.argv[1:])
    complaints = complaints_about_the_wheel(wheel) + complaints_about_the_sdist(sdist, tracked_files())
    sys.exit("\n".join(complaints) if complaints else None)


if __name__ == "__main__":
    main()
