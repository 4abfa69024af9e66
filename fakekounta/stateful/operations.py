"""The seam: what a machine does to customers, each a method that a subclass may replace by its own client."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from hypothesis.strategies import SearchStrategy

from fakekounta.catalogue.quirks import Quirk
from fakekounta.kounta import REAL_ORIGIN, FakeKounta
from fakekounta.stateful import draws
from fakekounta.stateful.api import ApiClient
from fakekounta.stateful.comparing import Comparison
from fakekounta.stateful.contradiction import Refused, Witness
from fakekounta.stateful.model import Beliefs, Model
from fakekounta.stateful.target import Target, at_fake, at_url, check_attributes, own_fake
from fakekounta.stateful.wire import Auth, Wire

_STEPS = 20


class Operations(RuleBasedStateMachine):
    """What is asked, with which credentials, and how.

    Class attributes name the target, methods are the operations. A method that is not replaced speaks HTTP and holds
    each answer against the catalogue; one that is replaced is compared with the model.
    """

    kounta: ClassVar[FakeKounta | None] = None
    """The fake to ask, in a fresh world for each run: over its socket if it serves, else in-process. Without it, and
    without `base_url`, one of the machine's own, with pages of three."""
    fake_settings: ClassVar[Mapping[str, Any]] = {}
    """Settings of the fake for these runs, such as `{"page_size": 2}`."""
    base_url: ClassVar[str | None] = None
    """The server to ask instead of a fake, such as "https://api.kounta.com"."""
    auth: ClassVar[Auth | None] = None
    """`(client_id, client_secret)`, or an access token. Required with `base_url`; a fake knows its own."""
    other_auth: ClassVar[Auth | None] = None
    """A second application of the same company; without it, with `base_url`, C11 is not looked at."""
    company: ClassVar[int | str | None] = None
    """The company's id. Required with `base_url`: customers are made in it, and stay there."""
    assumptions: ClassVar[Mapping[str, str] | None] = None
    """What the server is known to choose where nobody says. A fake is told; of a server, what is not given here may
    be any of the catalogue's choices, but the same one throughout a run."""
    page_size: ClassVar[int | None] = None
    """Items a page at `base_url`; None: whatever the first full page has."""
    most_pages: ClassVar[int] = 40
    """The list of all customers is read as long as it has no more pages than this."""
    fields: ClassVar[tuple[str, ...]] = draws.FIELDS
    """The fields that are drawn; a client that knows only some of them names these."""
    tolerates: ClassVar[tuple[str, ...]] = ()
    """Ids of ASSUMED quirks that the server is known to answer in a way that is none of the catalogue's choices."""
    refusals: ClassVar[tuple[type[Exception], ...]] = ()
    """The exceptions with which your client says that the server has refused."""
    proves_server: ClassVar[bool] = True
    """Whether the server is asked, too, what only a probe would ask: bad bodies, other companies, webhooks."""

    def __init_subclass__(cls, **more: Any) -> None:
        """Set other defaults than Hypothesis's own.

        Runs are shorter: customers are there from the start, and each step is a request or more. Failures are not
        explained by the lines that ran: before Python 3.12 that makes everything several times slower.
        """
        super().__init_subclass__(**more)
        given = cls.TestCase.settings
        cls.TestCase.settings = hypothesis_settings(given, stateful_step_count=_STEPS, phases=_unexplained(given))

    def __init__(self) -> None:
        super().__init__()
        check_attributes(self)
        self._life = ExitStack()
        self.target: Target = self._aim()
        self.model: Model = Model()
        self.witness: Witness = Witness(self.model, self.tolerates)
        self.beliefs: Beliefs = Beliefs(self.target.told)
        self.comparison: Comparison = Comparison(self.beliefs, self.witness)
        self.api: ApiClient = self._api(self.target.auth)
        self.other_api: ApiClient | None = None if self.target.other_auth is None else self._api(self.target.other_auth)
        try:
            self.begin()
        except BaseException:
            self._life.close()
            raise

    @classmethod
    def check(cls, *, settings: Any = None, **attributes: Any) -> None:
        """Run this machine now, with these class attributes: `check(kounta=fakekounta_server)`.

        Raises what a run fails with, TypeError for an attribute that there is not, ValueError for one that is wrong.
        """
        for name in attributes:
            if not hasattr(Operations, name):
                raise TypeError(f"{name!r} is no attribute of a machine")
        machine: type[Operations] = type(cls.__name__, (cls,), attributes)
        check_attributes(machine)
        given = settings or cls.TestCase.settings
        chosen = hypothesis_settings(
            given,
            # as Hypothesis itself does for every TestCase: a step is a request, however long it takes
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
        """Make your client here; called when a run begins."""

    def end(self) -> None:
        """Close your client here; called when a run ends."""

    @property
    def url(self) -> str:
        """The server's origin, for your client. A fake that does not serve yet does so until the run ends."""
        kounta = self.target.kounta
        if kounta is None:
            return self.target.origin
        if kounta.url == REAL_ORIGIN:
            kounta.start()
            self._life.callback(kounta.stop)
        return kounta.url

    @property
    def credentials(self) -> Auth:
        """What `auth` is in this run."""
        return self.target.auth

    def new_customers(self) -> SearchStrategy[dict[str, Any]]:
        """Return a strategy for the bodies of new customers; the API must accept each of them."""
        return draws.new_customers(self.fields)

    def customer_changes(self) -> SearchStrategy[dict[str, Any]]:
        """Return a strategy for the bodies of changes: any of the fields, each with a value or cleared."""
        return draws.customer_changes(self.fields)

    # --- the operations ------------------------------------------------------------------------------------------

    def create(self, fields: dict[str, Any]) -> Any:
        """Make a customer; returns its id, or something that has one (`["id"]` or `.id`). Raises what refuses."""
        return self.api.create(fields)

    def read(self, customer_id: int) -> Any:
        """Return the customer, as a mapping or an object with some of its fields, or None if there is none."""
        return self.api.read(customer_id)

    def find_by_email(self, email: str) -> Any:
        """Return the customer with this email, regardless of case: its id, an object with an id, or None."""
        return self.api.find(Quirk.C04_LOOKUP_BY_EMAIL_REDIRECTS, email=email)

    def find_by_mobile(self, mobile: str) -> Any:
        """Find a customer as `find_by_email` does, by mobile number."""
        return self.api.find(Quirk.C06_LOOKUP_BY_MOBILE_REDIRECTS, mobile=mobile)

    def find_by_name_and_phone(self, first_name: str, last_name: str, phone: str) -> Any:
        """Find a customer as `find_by_email` does, by first name, last name and phone together."""
        return self.api.find(
            Quirk.C05_LOOKUP_BY_NAME_AND_PHONE_REDIRECTS, first_name=first_name, last_name=last_name, phone=phone
        )

    def find_by_reference_id(self, reference_id: str) -> Iterable[Any]:
        """Return all customers with this reference id, of all pages, in order: ids, or objects with one."""
        return list(self.api.all(reference_id=reference_id))

    def list_all(self) -> Iterable[Any]:
        """Return all customers, of all pages, in order: ids, or objects with one."""
        return list(self.api.all())

    def change(self, customer_id: int, fields: dict[str, Any]) -> Any:
        """Change these fields and no others; returns the customer, or None. Raises what refuses."""
        return self.api.change(customer_id, fields)

    def change_as_other(self, customer_id: int, reference_id: str) -> Any:
        """Let the second application set its own reference id."""
        assert self.other_api is not None, "there is no second application"  # noqa: S101 - rules have asked
        return self.other_api.change(customer_id, {"reference_id": reference_id})

    def delete(self, customer_id: int) -> None:
        """Delete the customer. Raises what refuses; by default Refused with 405 where customers cannot be deleted."""
        return self.api.delete(customer_id)

    # --- inside --------------------------------------------------------------------------------------------------

    def _aim(self) -> Target:
        if self.base_url is None:
            kounta = self.kounta or own_fake()
            return at_fake(kounta, self.auth, self.fake_settings, self.assumptions, self._life)
        return at_url(self, self._life)

    def _api(self, auth: Auth) -> ApiClient:
        wire = Wire(self.target.send, self.target.origin, auth, self.witness, self.target.wait)
        return ApiClient(
            wire,
            self.target.company,
            self.beliefs,
            self.witness,
            page_size=self.target.page_size,
            now=self.target.now,
        )

    @property
    def _refusals(self) -> tuple[type[Exception], ...]:
        return (Refused, *self.refusals)


def _unexplained(settings: Any) -> list[Phase]:
    return [phase for phase in settings.phases if phase is not Phase.explain]
