"""What other tools make of the two OpenAPI documents: `make test-documents`. Prism needs npm."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakekounta import FakeKounta
from tests.documents.generated import Generated
from tests.documents.proxy import Prism

PATIENCE_SECONDS = 300


@pytest.fixture
def kounta() -> Iterator[FakeKounta]:
    with FakeKounta(webhook_mode="collect") as serving:
        yield serving


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generated]:
    """The client that openapi-python-client makes of the document, without a word of complaint."""
    folder = tmp_path_factory.mktemp("generated")
    (folder / "openapi.json").write_text(json.dumps(FakeKounta().openapi()), "utf-8")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning"]
    command += ["--path", str(folder / "openapi.json"), "--output-path", str(folder / "generated_kounta")]
    # It calls ruff, which stands beside Python
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False, env={**os.environ, "PATH": path}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "arning" not in done.stdout + done.stderr, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield Generated("generated_kounta")
    sys.path.remove(str(folder))


@pytest.fixture(scope="session")
def prism(tmp_path_factory: pytest.TempPathFactory) -> Prism:
    """Prism, installed by npm."""
    npm = shutil.which("npm")
    assert npm is not None, "npm is missing: install Node.js (Debian, Ubuntu: apt install npm)"
    folder = tmp_path_factory.mktemp("prism")
    command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), "@stoplight/prism-cli@5"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr
    return Prism(folder)
