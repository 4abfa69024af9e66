"""Where worlds come from: the settings and the seed, read once, however often the fake is reset."""

from __future__ import annotations

from typing import Any

from fakekounta.core.store import CustomerStore
from fakekounta.core.world import World
from fakekounta.documents.parsing import is_unicode
from fakekounta.documents.seed import SeedError, Source, read_seed_file, seeded_store
from fakekounta.settings import Settings


class Origin:
    """Makes a new world each time it is asked. Raises SettingsError and SeedError when it is made itself."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.given = given
        self.settings = Settings.of(**given)
        self._store = self._seeded()

    def world(self) -> World:
        """A new world in the seed's state."""
        settings, store = self.settings, self._store
        return World(
            companies=settings.companies,
            applications=settings.applications,
            assumptions=settings.assumptions,
            page_size=settings.page_size,
            rate_limit=settings.rate_limit,
            open_auth=settings.open_auth,
            stores={} if store is None else {settings.companies[0].id: store.copy()},
            schedule=settings.webhook_schedule,
            disturbances=settings.webhook_disturbances,
            webhook_mode=settings.webhook_mode,
            allow_webhook_hosts=settings.allow_webhook_hosts,
            faults=settings.faults,
        )

    def _seeded(self) -> CustomerStore | None:
        settings = self.settings
        sources: list[Source] = []
        if settings.seed_file is not None:
            sources.append(read_seed_file(settings.seed_file))
        if settings.seed:
            sources.append((settings.seed, lambda index: f"seed[{index}]"))
        if not sources:
            return None
        if not is_unicode(settings.seed):
            raise SeedError("seed: has half of a surrogate pair in a text, which the API refuses (T15)")
        return seeded_store(sources, settings.default_application.client_id, settings.assumptions)
