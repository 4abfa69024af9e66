"""Which choice the server has taken of each assumption: what is told, or whatever its answers still leave open."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import product

from fakekounta.catalogue.assumptions import CHOICES, Assumptions
from fakekounta.catalogue.quirks import Quirk

Choices = Mapping[Quirk, str]


class Beliefs:
    """The choices that are still possible, by assumption.

    What is told has one; what is not told starts with all of the catalogue and loses those that an answer rules out.
    Raises ValueError for an unknown id or choice.
    """

    def __init__(self, told: Mapping[str, str]) -> None:
        Assumptions(told)
        self._possible: dict[Quirk, tuple[str, ...]] = {
            quirk: (told[quirk.id],) if quirk.id in told else tuple(choices) for quirk, choices in CHOICES.items()
        }

    def possible(self, quirk: Quirk) -> tuple[str, ...]:
        """Return the choices of one assumption that no response has ruled out."""
        return self._possible[quirk]

    def keep(self, quirk: Quirk, fitting: Collection[str]) -> bool:
        """Keep only the choices that fit an answer; False, and nothing has changed, if none does."""
        kept = tuple(name for name in self._possible[quirk] if name in fitting)
        if kept:
            self._possible[quirk] = kept
        return bool(kept)

    def combinations(self, *quirks: Quirk) -> Iterator[Choices]:
        """Each way in which the server may have chosen these assumptions."""
        for names in product(*(self._possible[quirk] for quirk in quirks)):
            yield dict(zip(quirks, names, strict=True))

    def keep_combinations(self, fitting: Collection[Choices]) -> bool:
        """As `keep`, for several assumptions at once."""
        for quirk in {quirk for choices in fitting for quirk in choices}:
            self.keep(quirk, {choices[quirk] for choices in fitting})
        return bool(fitting)
