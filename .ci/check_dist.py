"""The wheel holds the package and the contract suite inside it; the sdist holds every file of the repository."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path


def complaints_about_the_wheel(path: Path) -> list[str]:
    wheel = zipfile.ZipFile(path)
    names = wheel.namelist()
    strangers = {name.split("/")[0] for name in names} - {"fakekounta"}
    strangers = {name for name in strangers if not name.endswith(".dist-info")}
    complaints = [f"the wheel holds {name}" for name in sorted(strangers)]
    if "fakekounta/py.typed" not in names:
        complaints.append("the wheel lacks fakekounta/py.typed")
    if not any(name.endswith("LICENSE") for name in names):
        complaints.append("the wheel lacks the LICENSE")
    modules = {str(module) for module in Path("fakekounta").rglob("*.py")} | {"fakekounta/verify/suite.ini"}
    modules |= {f"fakekounta/verify/suite/{module}" for module in Path("contracts").rglob("*.py")}
    page = {str(path) for path in Path("fakekounta/control/page").rglob("*") if path.is_file()}
    return complaints + [f"the wheel lacks {path}" for path in sorted((modules | page) - set(names))]


def complaints_about_the_sdist(path: Path) -> list[str]:
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    tracked = subprocess.run(["git", "ls-files"], check=True, capture_output=True, text=True).stdout.splitlines()
    lacking = [name for name in tracked if name not in names]
    return [f"the sdist lacks {name}" for name in lacking] + [
        f"the sdist holds {name}" for name in sorted(names) if name.startswith((".venv", ".git/"))
    ]


def main() -> None:
    complaints = complaints_about_the_wheel(Path(sys.argv[1])) + complaints_about_the_sdist(Path(sys.argv[2]))
    sys.exit("\n".join(complaints) if complaints else None)


main()
