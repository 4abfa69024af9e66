"""Tests of the block without garbage collection."""

from __future__ import annotations

import gc
from contextlib import suppress

import pytest

from fakekounta.process.collector import loading, no_garbage_collection


@pytest.mark.parametrize("enabled", [True, False])
def test_collection_is_off_in_the_block_and_as_before_afterwards(enabled: bool) -> None:
    """The block ends with collection as it was, also after an error."""
    try:
        if not enabled:
            gc.disable()
        with suppress(KeyError), no_garbage_collection():
            assert not gc.isenabled()
            raise KeyError
        assert gc.isenabled() is enabled
    finally:
        gc.enable()


def test_what_was_loaded_is_not_collected_again() -> None:
    """Loading keeps what exists then out of later collections."""
    before = gc.get_freeze_count()
    try:
        with loading():
            assert not gc.isenabled()
        assert gc.isenabled()
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()
