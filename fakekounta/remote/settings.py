"""Settings for a remote world, turned into a state document: a world with them is made here, and its state is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fakekounta.core.all_collections import KINDS
from fakekounta.core.records import Record
from fakekounta.remote.faults import fault_settings
from fakekounta.settings.settings import DEFAULT_APPLICATION
from fakekounta.worlds.state import SETTINGS, state_of
from fakekounta.worlds.world_factory import WorldFactory

_PROFILE = ("id", "name", "timezone")


def started_with(settings: Mapping[str, Any], state: Record) -> Record:
    """Return the state of a new world that has these settings in addition to the server's.

    `state` is the server's state at its seed. `seed` and `seed_file` (a file on this machine) replace the server's
    seed.

    Raises as `FakeKounta` does.
    """
    theirs = {name: state[name] for name in SETTINGS if name in state}
    theirs["companies"] = [{key: company[key] for key in _PROFILE} for company in state["companies"]]
    theirs["applications"] = [one for one in state["applications"] if not _is_default(one)]
    for one in filter(_is_default, state["applications"]):
        theirs["redirect_uris"] = one["redirect_uris"][len(DEFAULT_APPLICATION.redirect_uris) :]
    theirs["faults"] = fault_settings(state["faults"])
    if not settings.keys() & {"seed", "seed_file"}:
        theirs["seed"] = [{kind: one for kind, one in state["companies"][0].items() if kind in KINDS}]
    return state_of(WorldFactory({**theirs, **settings}).world())


def _is_default(application: Mapping[str, Any]) -> bool:
    """Return whether an application is the default one; further redirect URIs, a separate setting, do not count."""
    default = asdict(DEFAULT_APPLICATION)
    known = len(default.pop("redirect_uris"))
    rest = {key: value for key, value in application.items() if key != "redirect_uris"}
    return rest == default and tuple(application["redirect_uris"][:known]) == DEFAULT_APPLICATION.redirect_uris
