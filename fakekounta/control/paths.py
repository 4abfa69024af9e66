"""Decide where a path leads: to which namespace, and to the API or the control surface. All checks use this module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakekounta.control import NAMESPACES, PREFIX

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_BELOW = f"{PREFIX}/"


def split_path(path: str) -> tuple[str | None, str]:
    """Return the namespace that a path names (None if it names none), and the path within it.

    The rest of the path is not normalized: a path with two slashes, a dot segment or a letter in another case is a
    different path.
    """
    if not path.startswith(NAMESPACES):
        return None, path
    name, _, rest = path.removeprefix(NAMESPACES).partition("/")
    return name, f"/{rest}"


def is_control(path: str) -> bool:
    """Return whether a path within a namespace leads to the control surface."""
    return path.startswith(_BELOW) or path == PREFIX


def is_control_call(environ: WSGIEnvironment) -> bool:
    """Return whether a request leads to the control surface of any namespace."""
    return is_control(split_path(environ["PATH_INFO"])[1])
