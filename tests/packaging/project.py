"""What pyproject.toml says of the project."""

from __future__ import annotations

import sys
from typing import Any

from tests.pages import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT: dict[str, Any] = PYPROJECT["project"]
URLS: dict[str, str] = PROJECT["urls"]
REPOSITORY = URLS["Repository"]
