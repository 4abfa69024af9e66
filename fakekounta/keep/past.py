"""The earlier states of a server that keeps its changes, for its control surface."""

from __future__ import annotations

import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from threading import Lock, Timer
from typing import TYPE_CHECKING, Any

from werkzeug.test import run_wsgi_app

from fakekounta.control import PREFIX
from fakekounta.control.calls import CallRefused
from fakekounta.keep import travel
from fakekounta.keep.requests import head_of
from fakekounta.wire.clients.call import HEADERS

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

CHANGES = f"{PREFIX}/changes/"
SECONDS = 20.0
"""How long it may take to make an earlier state again, and how long a call waits for its turn."""
STATE_BYTES = 64 * 1_048_576
"""The largest size of an earlier state, as JSON."""
_FRAMING = ("content-length", "transfer-encoding", "x-fakekounta-namespace")


class KeptPast:
    """Makes earlier states again, one at a time, in a process of its own that has so much time and so many bytes."""

    def __init__(self, path: Path, app: WSGIApplication) -> None:
        self._path = path
        self._app = app
        self._turn = Lock()

    def change(self, position: int, namespace: str) -> Any:
        """Return the document of a change, with what it changed in a namespace. Raise CallRefused."""
        return json.loads(self._told("change", position, namespace))

    def state(self, position: int, namespace: str) -> bytes:
        """Return the state after a change, as JSON. Raise CallRefused."""
        return self._told("state", position, namespace)

    def fork(self, position: int, namespace: str, target: str, environ: WSGIEnvironment) -> None:
        """Replace the state of the namespace `target` by that after a change. Raise CallRefused.

        The log keeps a PUT of the state, because that change may be deleted before the log is replayed.
        """
        asked = _put(environ, target, self._told("fork", position, namespace))
        content, status, _ = run_wsgi_app(self._app, asked)
        if not status.startswith("200"):
            raise CallRefused(json.loads(b"".join(content))["error_description"], int(status[:3]))

    def _told(self, asked: str, position: int, namespace: str) -> bytes:
        if not self._turn.acquire(timeout=SECONDS):
            raise CallRefused("another earlier state is being made; try again later", 503)
        try:
            status, output = told(asked, self._path, position, namespace)
        except OSError as error:
            raise CallRefused(f"earlier states cannot be made now: {error}", 503) from None
        finally:
            self._turn.release()
        if status is None:
            advice = f"`fakekounta state export {self._path.name} --at {position}` has no limits"
            raise CallRefused(f"that state takes more than {SECONDS:g} s or {STATE_BYTES:,} bytes; {advice}", 503)
        if status != 0:
            reason = output.decode("utf-8", "replace").strip() or "the state cannot be made again"
            raise CallRefused(reason, 404 if status == travel.NOT_THERE else 503)
        return output


def told(asked: str, path: Path, position: int, namespace: str) -> tuple[int | None, bytes]:
    """Return exit code and output of the program that makes earlier states; None as code if it exceeds its limits.

    Raise OSError if it cannot be started.
    """
    command = [sys.executable, "-m", travel.__name__, asked, str(path), str(position), namespace]
    nothing = subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=nothing, stdout=subprocess.PIPE, stderr=nothing)  # noqa: S603 - our own
    assert process.stdout is not None  # noqa: S101 - see PIPE
    alarm = Timer(SECONDS, process.kill)
    alarm.daemon = True
    alarm.start()
    try:
        output = process.stdout.read(STATE_BYTES + 1)
        if len(output) > STATE_BYTES:
            process.kill()
        code = process.wait()
    finally:
        alarm.cancel()
        process.stdout.close()
    return (None if code < 0 else code), output


def _put(environ: WSGIEnvironment, target: str, state: bytes) -> dict[str, Any]:
    """Return the environ of a PUT of a state, by the same caller."""
    pairs = [(name, value) for name, value in json.loads(head_of(environ))["headers"] if name.lower() not in _FRAMING]
    length = str(len(state))
    return {
        **{key: value for key, value in environ.items() if not key.startswith(("flask.", "werkzeug."))},
        "REQUEST_METHOD": "PUT",
        "SCRIPT_NAME": "",
        "PATH_INFO": f"{PREFIX}/state",
        "QUERY_STRING": "",
        "CONTENT_LENGTH": length,
        "HTTP_X_FAKEKOUNTA_NAMESPACE": target,
        HEADERS: [*pairs, ("Content-Length", length), ("X-Fakekounta-Namespace", target)],
        "wsgi.input": BytesIO(state),
    }
