"""Comparison of exchanges with an OpenAPI document."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator

from fakekounta import Entry


class Described:
    """A document, and its description of an exchange."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._patterns = [(_pattern(path), path) for path in sorted(document["paths"], key=_last)]
        self._validators: dict[str, Draft202012Validator] = {}
        self.seen: set[tuple[str, str, str]] = set()
        """Paths, methods and statuses of the exchanges so far."""

    def faults(self, method: str, path: str, status: int, headers: Mapping[str, str], body: bytes) -> list[str]:
        """Return how a response differs from the document; nothing for a path or method that is not in it."""
        template = self.template(path)
        operation = self.document["paths"].get(template, {}).get(method.lower())
        if operation is None:
            return [] if status in (401, 404, 405, 406, 429, 403, 413) else [f"{method} {path} is not described"]
        if str(status) not in operation["responses"]:
            return [f"{method} {template} is described without {status}"]
        self.seen.add((template, method.lower(), str(status)))
        answer = self._resolved(operation["responses"][str(status)])
        missing = [
            f"the header {name} is missing"
            for name, header in answer.get("headers", {}).items()
            if self._resolved(header).get("required") and name not in headers
        ]
        return missing + self._faults_of_body(answer, headers.get("Content-Type", ""), body)

    def template(self, path: str) -> str:
        """Return the path of the document that matches a path."""
        return next((template for pattern, template in self._patterns if pattern.fullmatch(path)), "")

    def _faults_of_body(self, answer: dict[str, Any], content_type: str, body: bytes) -> list[str]:
        content = answer.get("content", {})
        if "WWW-Authenticate" in answer.get("headers", {}):
            return []  # with a body or without (O09)
        if not body:
            return [] if not content else ["there is no body"]
        media = content_type.partition(";")[0]
        if media not in content:
            return [f"the media type {media!r} is not described"]
        schema = {**content[media]["schema"], "components": self.document["components"]}
        value = body.decode() if media.startswith("text/") else _json(body)
        validator = self._validators.setdefault(repr(content[media]["schema"]), Draft202012Validator(schema))
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]

    def _resolved(self, value: dict[str, Any]) -> dict[str, Any]:
        if "$ref" not in value:
            return value
        found: Any = self.document
        for part in value["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return dict(found)

    def watch(self, entry: Entry) -> list[str]:
        """Return the same as `faults` for an exchange of the journal."""
        response = entry.response
        if entry.method in ("HEAD", "OPTIONS", "?"):
            return []
        return self.faults(entry.method, entry.path, entry.status, response.headers, response.content)


def _json(body: bytes) -> Any:
    return json.loads(body)


def _last(path: str) -> tuple[bool, int]:
    """Sort paths with an extension and those with fewer parameters first, because others match their requests, too."""
    return not path.endswith(".json"), path.count("{")


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"({[^{}]+})", path)
    return re.compile("".join(r"[^/]+?" if part.startswith("{") else re.escape(part) for part in parts))
