"""The factory of worlds. It reads settings and seed once, for any number of resets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fakekounta.catalogue.assumptions import Asked, chosen, recording
from fakekounta.core.api_paths import warn_of
from fakekounta.core.sources import SYSTEM, Sources
from fakekounta.core.world import World
from fakekounta.schemas.parsing import is_unicode
from fakekounta.settings.settings import Settings
from fakekounta.worlds.seed import Seeded, seeded
from fakekounta.worlds.seed_file import SeedError, Source, read_seed_file


class WorldFactory:
    """Makes new worlds from the same settings and seed. Its constructor raises SettingsError and SeedError.

    `default_assumptions` are choices for the assumptions that `given` does not choose.
    """

    def __init__(
        self,
        given: dict[str, Any],
        default_assumptions: Mapping[str, str] | None = None,
        sources: Sources = SYSTEM,
    ) -> None:
        self.given = given
        self.sources = sources
        self.default_assumptions = default_assumptions
        self.settings: Settings = Settings.of(
            **(_with_choices(given, default_assumptions) if default_assumptions else given)
        )
        for index, fault in enumerate(self.settings.faults):
            warn_of(fault.path, f"faults[{index}].")
        self.asked: Asked = {}
        """The assumptions that the seed depends on: those whose choice was asked while it was read."""
        self.read_seed()

    def read_seed(self) -> None:
        """Read the seed. Raise SeedError."""
        with recording(self.asked):
            self._seed = self._seeded()

    def file_source(self, file: Path) -> Source:
        """Return the documents of the seed file. Raise SeedError."""
        return read_seed_file(file)

    def with_settings(self, settings: Mapping[str, Any]) -> WorldFactory:
        """Return a factory with these settings in addition; a repeated one replaces that of this factory."""
        if not settings:
            return self
        return WorldFactory({**self.given, **settings}, self.default_assumptions, self.sources)

    def world(self) -> World:
        """Return a new world in the seed's state."""
        settings, seed = self.settings, None if self._seed is None else self._seed.copy()
        return World(
            settings,
            stores={} if seed is None else {settings.companies[0].id: seed.store},
            shelves={} if seed is None else {settings.companies[0].id: seed.shelves},
            sources=self.sources,
        )

    def _seeded(self) -> Seeded | None:
        settings = self.settings
        sources: list[Source] = []
        if settings.cafe:
            from fakekounta.worlds.cafe_orders import cafe_with_orders  # noqa: PLC0415 - few starts need it

            sources.append(([cafe_with_orders()], lambda _: "cafe"))
        if settings.seed_file is not None:
            sources.append(self.file_source(settings.seed_file))
        if settings.seed:
            sources.append((settings.seed, lambda index: f"seed[{index}]"))
        if not sources:
            return None
        if not is_unicode(settings.seed):
            raise SeedError("seed: has half of a surrogate pair in a text, which the API refuses (T15)")
        return seeded(sources, settings.default_application.client_id, settings.assumptions)


def _with_choices(given: dict[str, Any], default_assumptions: Mapping[str, str]) -> dict[str, Any]:
    assumptions = given.get("assumptions", {})
    # A value that is not a mapping is refused where settings are read
    return {
        **given,
        "assumptions": {**default_assumptions, **chosen(assumptions)}
        if isinstance(assumptions, Mapping)
        else assumptions,
    }
