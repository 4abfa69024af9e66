"""The operations of a machine on customers: methods that a subclass can replace by calls of its own client."""

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
    """The target, the credentials and the operations of a machine.

    Class attributes name the target, methods are the operations. By default an operation sends HTTP requests and checks
    each response against the catalogue; the result of a replaced operation is compared with the model.
    """

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
        self.model: Model = Model()
        self.witness: Witness = Witness(self.model, self.tolerates)
        self.beliefs: Beliefs = Beliefs(self.target.choices)
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

        Raises the exception of a failed run, TypeError for an unknown attribute, ValueError for an invalid one.
        """
        for name in attributes:
            if not hasattr(Operations, name):
                raise TypeError(f"{name!r} is not an attribute of a machine")
        machine: type[Operations] = type(cls.__name__, (cls,), attributes)
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

    def new_customers(self) -> SearchStrategy[dict[str, Any]]:
        """Return a strategy for the bodies of new customers; the API must accept each of them."""
        return draws.new_customers(self.fields)

    def customer_changes(self) -> SearchStrategy[dict[str, Any]]:
        """Return a strategy for the bodies of changes: any of the fields, each with a value or cleared."""
        return draws.customer_changes(self.fields)

    # --- the operations ------------------------------------------------------------------------------------------

    def create(self, fields: dict[str, Any]) -> Any:
        """Create a customer; return its id, or an object with one (`["id"]` or `.id`). Raise one of `refusals`."""
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
        """Change these fields and no others; return the customer, or None. Raise one of `refusals`."""
        return self.api.change(customer_id, fields)

    def change_as_other(self, customer_id: int, reference_id: str) -> Any:
        """Set the reference id of the second application."""
        assert self.other_api is not None, "there is no second application"  # noqa: S101 - the rule's precondition
        return self.other_api.change(customer_id, {"reference_id": reference_id})

    def delete(self, customer_id: int) -> None:
        """Delete the customer. Raise one of `refusals`, by default Refused with 405 if customers cannot be deleted."""
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
