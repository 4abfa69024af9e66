"""A state machine that anyone can run against anything that claims to be Kounta, or through their own client.

Needs the extra `hypothesis`.
"""

try:
    import hypothesis  # noqa: F401 - asked for here, so that its absence is told plainly
except ModuleNotFoundError as _error:  # pragma: no cover - a test runs it in a process of its own
    raise ImportError(f"this needs {_error.name}: pip install 'fakekounta[hypothesis]'", name=_error.name) from _error

from fakekounta.stateful.contradiction import Contradiction, Refused
from fakekounta.stateful.machine import KountaMachine

__all__ = ["Contradiction", "KountaMachine", "Refused"]
