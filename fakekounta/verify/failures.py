"""What the failure of a contract test says about the server."""

from __future__ import annotations

import traceback

from fakekounta.core.differences import cut


def place_of(error: BaseException) -> str:
    """Return where a response differs, such as "$.tags[0]", "status", "header X" or "body"; empty if it is unknown."""
    if isinstance(error, KeyError) and error.args:
        return f"header {error.args[0]}" if _is_of_headers(error) else f"$.{error.args[0]}"
    return str(getattr(error, "path", ""))


def text_of(error: BaseException) -> str:
    """Return the place and the difference as one line, or another reason why a test failed."""
    if isinstance(error, KeyError) and error.args:
        return f"{place_of(error)}: expected a value, got nothing"
    if place_of(error):
        return str(error)
    if isinstance(error, AssertionError):
        return cut(str(error).partition("\n")[0])
    return cut(f"the response cannot be parsed: {type(error).__name__}: {error}")


def _is_of_headers(error: KeyError) -> bool:
    """Return whether a key was looked for in the headers of httpx."""
    *_, (innermost, _) = traceback.walk_tb(error.__traceback__)
    return "httpx" in innermost.f_globals.get("__name__", "")
