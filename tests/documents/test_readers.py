"""Tests that tools accept both OpenAPI documents without an error or a warning."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fakekounta import FakeKounta
from tests.documents.tools import generate, run

BOTH = pytest.mark.parametrize("control", [False, True], ids=["api", "control"])


@BOTH
def test_types_of_typescript(readers: Path, tmp_path: Path, control: bool) -> None:
    """swagger-cli finds the documents valid, and TypeScript accepts the output of openapi-typescript in strict mode."""
    (tmp_path / "openapi.json").write_text(json.dumps(FakeKounta().openapi(control=control)), "utf-8")
    run(tmp_path, str(readers / "swagger-cli"), "validate", "openapi.json")
    output = run(tmp_path, str(readers / "openapi-typescript"), "openapi.json", "-o", "openapi.d.ts")
    assert "arning" not in output, output
    run(tmp_path, str(readers / "tsc"), "--noEmit", "--strict", "--skipLibCheck", "false", "openapi.d.ts")


def test_a_client_of_the_control_surface(tmp_path: Path) -> None:
    """openapi-python-client leaves no operation out; for the API see test_generated_client."""
    generate(FakeKounta().openapi(control=True), tmp_path, "generated_control")
