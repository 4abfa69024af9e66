"""Event loops: whether the calling code runs in one."""

from __future__ import annotations

import sys
from collections.abc import Callable


def in_event_loop() -> bool:
    """Return whether this thread runs an event loop of asyncio or trio, which a waiting call would block."""
    asyncio, trio = sys.modules.get("asyncio"), sys.modules.get("trio")  # not imported: there is no loop
    return (asyncio is not None and _is_called(asyncio.get_running_loop)) or (
        trio is not None and _is_called(trio.lowlevel.current_task)
    )


def _is_called(current: Callable[[], object]) -> bool:
    try:
        current()
    except RuntimeError:
        return False
    return True
