"""What every response of the API is checked for: status, shape of a refusal, JSON, and the choices that it shows."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from fakekounta.catalogue.quirks import Quirk
from fakekounta.stateful.contradiction import Contradiction, Refused, Witness
from fakekounta.stateful.model import Beliefs
from fakekounta.stateful.wire import Response

_TOKEN_WORDS = re.compile("invalid|expired")


class ResponseChecks:
    """The checks of responses, which raise Contradiction."""

    def __init__(self, beliefs: Beliefs, witness: Witness) -> None:
        self._beliefs = beliefs
        self._witness = witness

    def checked(self, answer: Response) -> Response:
        """Return the response after the checks that hold for every response (T01, T09)."""
        for name in answer.headers:
            if name.startswith("access-control-"):
                raise self.contradicts(Quirk.T09_NO_CORS, f"a response has the header {name}")
        if (
            answer.status == 200
            and answer.body
            and not answer.headers.get("content-type", "").startswith("application/json")
        ):
            raise self.contradicts(Quirk.T01_BASE_PATH_V1, f"the type is {answer.headers.get('content-type')!r}")
        return answer

    def contradicts(self, quirk: Quirk, what: str) -> Contradiction:
        """Return the exception to raise."""
        return self._witness.contradiction(quirk, what)

    def expect(self, answer: Response, status: int, quirk: Quirk) -> None:
        """Raise Contradiction unless the response has this status."""
        if answer.status != status and not self._witness.tolerates(quirk):
            raise self.contradicts(quirk, f"answered {answer.status}, not {status}: {answer.text[:200]}")

    def keep(self, quirk: Quirk, fitting: set[str], what: str) -> None:
        """Raise Contradiction unless one of the fitting choices is still possible; rule out the others."""
        if not self._witness.tolerates(quirk) and not self._beliefs.keep(quirk, fitting):
            possible = " or ".join(map(repr, self._beliefs.possible(quirk)))
            raise self.contradicts(quirk, f"{what} is {' or '.join(sorted(fitting))!r}, not {possible}")

    def refused(self, answer: Response) -> Refused:
        """Return the status and message of a refusal (4xx), after checking its shape (T10, T11)."""
        return Refused(answer.status, self._refusal(answer))

    def _unless_refused(self, answer: Response, status: int, quirk: Quirk) -> None:
        if 400 <= answer.status < 500:
            raise self.refused(answer)
        self.expect(answer, status, quirk)

    def _unless_absent(self, answer: Response, status: int, quirk: Quirk) -> bool:
        """Return False for a 404 with the body of a 404, and True for the expected status."""
        if answer.status == 404:
            self._refusal(answer)
            return False
        self.expect(answer, status, quirk)
        return True

    def _refusal(self, answer: Response) -> str:
        shape = self._json(answer)
        if not isinstance(shape, Mapping) or not {"error", "error_description"} <= shape.keys():
            raise self.contradicts(Quirk.T10_ERROR_SHAPE, f"the body of a {answer.status} is {answer.text[:200]!r}")
        description = str(shape["error_description"])
        if answer.status == 404 and "Not Found" not in description:
            raise self.contradicts(Quirk.T10_ERROR_SHAPE, f"a 404 says {description!r}, without 'Not Found'")
        if answer.status != 401 and _TOKEN_WORDS.search(answer.text):
            raise self.contradicts(Quirk.T11_NO_TOKEN_WORDS_IN_ERRORS, f"a {answer.status} says {answer.text[:200]!r}")
        return f"{shape['error']}: {description}"

    def _json(self, answer: Response) -> Any:
        try:
            return json.loads(answer.body)
        except ValueError:
            quirk = Quirk.T01_BASE_PATH_V1 if answer.status < 400 else Quirk.T10_ERROR_SHAPE
            raise self.contradicts(quirk, f"the body is not JSON: {answer.text[:200]!r}") from None

    def object(self, answer: Response, quirk: Quirk) -> dict[str, Any]:
        """Return the body, which must be a JSON object."""
        if not answer.body:
            raise self.contradicts(quirk, "the body is empty")
        found = self._json(answer)
        if not isinstance(found, dict):
            raise self.contradicts(quirk, f"the body is {type(found).__name__}, not an object")
        return found
