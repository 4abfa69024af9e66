"""A start as a change: its settings, seed and version of the code, and what other settings change of a world."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from fakekounta import __version__
from fakekounta.core.sources import Sources
from fakekounta.core.world import World
from fakekounta.keep.log import START, Change
from fakekounta.settings.settings import of_worlds
from fakekounta.worlds.seed_file import SeedError, Source, documents_in
from fakekounta.worlds.state import SETTINGS, state_of, world_from
from fakekounta.worlds.world_factory import WorldFactory

_OF_SERVER = ("host", "public_url", "trust_proxy", "control_token", "body_bytes")
"""The settings of the server on which responses depend, and so whether a request changes anything."""
_OF_SEED = ("seed", "seed_file", "cafe", "faults")
"""The settings that only new worlds have."""


def start_of(settings: Mapping[str, Any], moment: datetime) -> Change:
    """Return the start with these settings of a fake. Raise SeedError."""
    worlds = of_worlds(settings)
    file = worlds.get("seed_file")
    try:
        seed = b"" if file is None else Path(file).expanduser().read_bytes()
    except OSError as error:
        raise SeedError(f"{file}: cannot be read: {error.strerror}") from None
    server = {name: settings[name] for name in _OF_SERVER if name in settings}
    server["allow_hosts"] = [*settings.get("allow_hosts", ()), *settings.get("tls_names", ())]
    head = {"version": __version__, "worlds": worlds, "server": server}
    return Change(START, moment, head=json.loads(json.dumps(head, default=str)), body=seed)


def is_same(one: Change, other: Change) -> bool:
    """Return whether two starts have the same settings, seed and version."""
    return one.head == other.head and one.body == other.body


class KeptFactory(WorldFactory):
    """Makes worlds from the settings and the seed of a start. The seed is read when the first one is made."""

    def __init__(self, start: Change, sources: Sources) -> None:
        self._start = start
        self._is_read = False
        super().__init__(dict(start.head["worlds"]), None, sources)

    def read_seed(self) -> None:
        """Do nothing yet."""

    def file_source(self, file: Path) -> Source:
        """Return the documents of the seed file as it was at the start."""
        return documents_in(file, self._start.body)

    def world(self) -> World:
        """Return a new world in the seed's state. Raise SeedError at the first."""
        if not self._is_read:
            super().read_seed()
            self._is_read = True
        return super().world()

    def settled(self) -> dict[str, Any]:
        """Return the state document of a world with these settings and without a seed."""
        given = {name: value for name, value in self.given.items() if name not in _OF_SEED}
        return state_of(WorldFactory(given, None, self.sources).world())


def world_after(world: World, before: KeptFactory, after: KeptFactory) -> World:
    """Return the world with the settings that differ between two starts; all else stays.

    Companies and applications are added or changed; those that the settings no longer name stay until a reset.
    """
    old, new = before.settled(), after.settled()
    if all(old[name] == new[name] for name in (*SETTINGS, "companies")):
        return world
    state = state_of(world)
    for name in SETTINGS:
        if name != "applications" and old[name] != new[name]:
            state[name] = new[name]
    state["applications"] = _merged(state["applications"], old["applications"], new["applications"], "client_id")
    state["companies"] = _merged(state["companies"], old["companies"], new["companies"], "id")
    for kind in ("access_tokens", "refresh_tokens"):
        state[kind] = {**state[kind], **{token: one for token, one in new[kind].items() if token not in old[kind]}}
    return world_from(state, after.sources)


def _merged(now: list[Any], old: list[Any], new: list[Any], key: str) -> list[Any]:
    """Return the objects of now with the values that differ between old and new, and those that only new has."""
    found = {one[key]: one for one in now}
    known = {one[key]: one for one in old}
    for one in new:
        changed = {name: value for name, value in one.items() if known.get(one[key], {}).get(name) != value}
        found[one[key]] = {**found[one[key]], **changed} if one[key] in found else one
    return [*found.values()]
