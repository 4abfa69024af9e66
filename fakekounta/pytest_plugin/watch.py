"""The exchanges of a test, for its report and for the requests that the fake does not model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.journal import Entry

if TYPE_CHECKING:
    from fakekounta.worlds.protocol import Kounta

_SHOWN = 20


class Watch:
    """Collects the exchanges of a test for its report, and the requests that the fake does not model (K05)."""

    def __init__(self, kounta: Kounta) -> None:
        self.kounta: Kounta = kounta
        self._unmodelled: list[str] = []
        kounta.observe(self._note)

    def _note(self, entry: Entry) -> None:
        if Quirk.K05_NOT_MODELLED in entry.quirks:
            self._unmodelled.append(f"{entry.method} {entry.target}")

    def begin(self) -> None:
        """Drop the exchanges of the test before."""
        self._unmodelled.clear()
        self.kounta.failed.clear()

    def look(self) -> None:
        """Fetch the new exchanges of a remote server, which cannot report them by itself."""
        self.kounta.tell_observers()

    def complaint(self) -> str:
        """Return what to say about the requests that the fake does not model, and forget them; "" without any."""
        if not self._unmodelled:
            return ""
        asked = ", ".join(dict.fromkeys(self._unmodelled))
        self._unmodelled.clear()
        return (
            f"fakekounta does not model what this test requested (K05): {asked}\n"
            "The real service may have it. If the test is about the 404, mark it with "
            "@pytest.mark.fakekounta(allow_unmodelled=True), or give --fakekounta-allow-unmodelled."
        )

    def text(self) -> str:
        """Return the newest exchanges of the test as text."""
        from fakekounta.schemas.journal import journal_text  # noqa: PLC0415 - only a test that failed needs it

        entries = self.kounta.failed or list(self.kounta.requests)
        left_out = [f"({len(entries) - _SHOWN} earlier ones are left out)"] if len(entries) > _SHOWN else []
        return "\n".join([*left_out, journal_text(entries[-_SHOWN:])])
