"""The base of the machines: the target, the credentials, what the rules share, and how a machine is run."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from fakekounta.kounta import REAL_ORIGIN, FakeKounta
from fakekounta.stateful import draws
from fakekounta.stateful.contradiction import Refused, Witness
from fakekounta.stateful.model import Beliefs
from fakekounta.stateful.target import Target, at_fake, at_url, check_attributes, own_fake
from fakekounta.stateful.wire import Auth, Wire

_STEPS = 20
REFUSED = object()
"""The result of an operation that the server refused."""


class BaseMachine(RuleBasedStateMachine):
    """The target and the credentials of a machine, named by class attributes."""

    kounta: ClassVar[FakeKounta | None] = None
    """The fake, with a fresh world for each run: over its socket if it serves, else in-process. Without it and without
    `base_url`, the machine makes a fake with pages of three."""
    fake_settings: ClassVar[Mapping[str, Any]] = {}
    """Settings of the fake for these runs, such as `{"page_size": 2}`."""
    base_url: ClassVar[str | None] = None
    """The server to use instead of a fake, such as "https://api.kounta.com"."""
    auth: ClassVar[Auth | None] = None
    """`(client_id, client_secret)`, or an access token. Required with `base_url`; a fake has default ones."""
    other_auth: ClassVar[Auth | None] = None
    """Credentials of a second application of the same company. With `base_url` and without this, C11 is not checked."""
    company: ClassVar[int | str | None] = None
    """The company's id. Required with `base_url`: customers are created in it, and stay there."""
    assumptions: ClassVar[Mapping[str, str] | None] = None
    """Known choices of assumptions. A fake gets them as settings. A server may follow any choice of the other
    assumptions, but the same one throughout a run."""
    page_size: ClassVar[int | None] = None
    """The number of items on a page at `base_url`; with None, that of the first full page."""
    most_pages: ClassVar[int] = 40
    """The list of all customers is read only if it has at most so many pages."""
    fields: ClassVar[tuple[str, ...]] = draws.FIELDS
    """The fields that are drawn. Name those that your client knows."""
    tolerates: ClassVar[tuple[str, ...]] = ()
    """Ids of ASSUMED quirks for which the server is known to follow none of the catalogue's choices."""
    refusals: ClassVar[tuple[type[Exception], ...]] = ()
    """The exceptions by which your client reports that the server refused a request."""
    proves_server: ClassVar[bool] = True
    """Whether the machine's own client also checks the server: with invalid bodies, other companies, webhooks."""

    makes_orders: ClassVar[bool] = False
    """Whether the machine makes orders, which would reach a kitchen: then it needs a fake."""
    refusal: Exception | None = None
    """The exception of the last operation, if it was refused."""
    witness: Witness

    def __init_subclass__(cls, **more: Any) -> None:
        """Set other defaults than Hypothesis's own.

        Runs are shorter, because they begin with customers, and each step is one request or more. Hypothesis's phase
        "explain" is off, because before Python 3.12 it makes everything several times slower.
        """
        super().__init_subclass__(**more)
        given = cls.TestCase.settings
        cls.TestCase.settings = hypothesis_settings(given, stateful_step_count=_STEPS, phases=_unexplained(given))

    def __init__(self) -> None:
        super().__init__()
        check_attributes(self)
        self._life = ExitStack()
        self.target: Target = self._aim()
        self.beliefs: Beliefs = Beliefs(self.target.choices)
        try:
            self._prepare()
            self.begin()
        except BaseException:
            self._life.close()
            raise

    @abstractmethod
    def _prepare(self) -> None:
        """Set the model, the witness and the clients of this run."""

    @classmethod
    def check(cls, *, settings: Any = None, **attributes: Any) -> None:
        """Run this machine now, with these class attributes: `check(kounta=fakekounta_server)`.

        Raises the exception of a failed run, TypeError for an unknown attribute, ValueError for an invalid one.
        """
        for name in attributes:
            if not hasattr(BaseMachine, name):
                raise TypeError(f"{name!r} is not an attribute of a machine")
        machine: type[BaseMachine] = type(cls.__name__, (cls,), attributes)
        check_attributes(machine)
        given = settings or cls.TestCase.settings
        chosen = hypothesis_settings(
            given,
            # Hypothesis does the same for every TestCase; a step is a request, which may take long
            suppress_health_check=list(HealthCheck),
            deadline=None,
            phases=_unexplained(given),
        )
        run_state_machine_as_test(machine, settings=chosen)

    def teardown(self) -> None:
        """Leave the fake as it was, and close the connections."""
        self.end()
        self._life.close()

    # --- for your client -----------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Create your client in an override of this method, which is called when a run begins."""

    def end(self) -> None:
        """Close your client in an override of this method, which is called when a run ends."""

    @property
    def url(self) -> str:
        """The server's origin, for your client. A fake that does not serve yet is started until the run ends."""
        kounta = self.target.kounta
        if kounta is None:
            return self.target.origin
        if kounta.url == REAL_ORIGIN:
            kounta.start()
            self._life.callback(kounta.stop)
        return kounta.url

    @property
    def credentials(self) -> Auth:
        """The credentials of this run: `auth`, or those of the fake."""
        return self.target.auth

    # --- for rules ---------------------------------------------------------------------------------------------

    def doing(self, operation: str) -> None:
        """Set the operation that the message of a failure names."""
        self.witness.operation = operation
        self.witness.exchange = "nothing, by the machine's own client"

    def attempt(self, operation: str, act: Any) -> Any:
        """Return the result of an operation, or REFUSED."""
        self.doing(operation)
        self.refusal = None
        try:
            return act()
        except self._refusals as refusal:
            self.refusal = refusal
            return REFUSED

    # --- inside --------------------------------------------------------------------------------------------------

    def _aim(self) -> Target:
        if self.base_url is None:
            kounta = self.kounta or own_fake()
            return at_fake(kounta, self.auth, self.fake_settings, self.assumptions, self._life)
        return at_url(self, self._life)

    def _wire(self, auth: Auth) -> Wire:
        return Wire(self.target.send, self.target.origin, auth, self.witness, self.target.wait)

    @property
    def _refusals(self) -> tuple[type[Exception], ...]:
        return (Refused, *self.refusals)


def _unexplained(settings: Any) -> list[Phase]:
    return [phase for phase in settings.phases if phase is not Phase.explain]
