"""Applications, and which of them a client id, a secret, a token or a code belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock
from typing import TypeVar

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.bounded import Bounded
from fakekounta.core.errors import GrantRefused, TokenRefused
from fakekounta.core.fields import declared
from fakekounta.core.kinds import Flag, Text, Texts, Whole
from fakekounta.core.resources import Resource
from fakekounta.core.tokens import CODE_SECONDS, TOKEN_SECONDS, AccessToken, Code, Tokens, new_token
from fakekounta.process.dataclass import dataclass
from fakekounta.process.forks import free_in_children

MOST = 4_096
"""The largest number of access tokens, refresh tokens, codes, and applications of open authentication, of each."""
MOST_BYTES = 2 * 1_048_576
"""The largest number of bytes of text, of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A program registered for one company. Its two tokens here never expire."""

    client_id: str = declared(Text(), required=True)
    client_secret: str = declared(Text(), required=True)
    company_id: int = declared(Whole(1), absent=5678)
    signature_token: str = declared(Text(), absent="fake-signature-token")
    access_token: str | None = declared(Text())
    refresh_token: str | None = declared(Text())
    redirect_uris: tuple[str, ...] = declared(Texts())
    any_redirect_uri: bool = declared(Flag())

    def __repr__(self) -> str:  # without secrets
        return f"<application {self.client_id!r} of company {self.company_id}>"


APPLICATION = Resource("application", Application)
"""The declared fields of an application."""


def _bad_code(description: str) -> GrantRefused:
    return GrantRefused(Quirk.O12_CODES_ARE_USED_ONCE, "invalid_grant", description)


class Applications:
    """All applications of a world, with the tokens and codes that were issued.

    With `open_company_id` (open authentication), an unknown client id or bearer token becomes an application of that
    company. Of items that clients create, the newest are kept, up to MOST; an application's own tokens are always kept.
    """

    def __init__(
        self,
        applications: Iterable[Application],
        assumptions: Assumptions,
        *,
        open_company_id: int | None = None,
        token: Callable[[], str] = new_token,
    ) -> None:
        self._assumptions = assumptions
        self._open_company_id = open_company_id
        self._token = token
        self._lock = free_in_children(Lock())
        self._applications: dict[str, Application] = {}
        self._own_access: dict[str, AccessToken] = {}
        self._own_refresh: dict[str, str] = {}
        self._strangers: Bounded[str, Application] = Bounded(
            MOST, MOST_BYTES, lambda key, one: (key, one.client_secret)
        )
        self._access: Bounded[str, AccessToken] = Bounded(MOST, MOST_BYTES, lambda key, _: (key,))
        self._refresh: Bounded[str, str] = Bounded(MOST, MOST_BYTES, lambda key, _: (key,))
        self._codes: Bounded[str, Code] = Bounded(MOST, MOST_BYTES, lambda key, code: (key, code.redirect_uri))
        for application in applications:
            self.add(application)

    def under(self, assumptions: Assumptions) -> Applications:
        """Return a view of the same applications, tokens and codes under other assumptions; both share all changes."""
        other = copy(self)
        other._assumptions = assumptions  # noqa: SLF001 - of this class
        return other

    def add(self, application: Application) -> None:
        """Register an application; it replaces one with the same client id."""
        with self._lock:
            self._applications[application.client_id] = application
            if application.access_token is not None:
                self._own_access[application.access_token] = AccessToken(
                    client_id=application.client_id, expires_at=None
                )
            if application.refresh_token is not None:
                self._own_refresh[application.refresh_token] = application.client_id

    def all(self) -> list[Application]:
        """Return all applications in the order of registration, then those accepted by open authentication."""
        with self._lock:
            return [*self._applications.values(), *self._strangers.all().values()]

    def get(self, client_id: str) -> Application | None:
        """Return the application with this client id, registered or accepted by open authentication."""
        return self._applications.get(client_id) or self._strangers.get(client_id)

    def owner(self, client_id: str) -> Application | None:
        """Return what `get` returns, or under open authentication an accepted application that is no longer kept."""
        return self.get(client_id) or self._stranger(client_id, "")

    # --- credentials -------------------------------------------------------------------------------------------

    def by_credentials(self, client_id: str, client_secret: str) -> Application | None:
        """Return the application with these credentials (O01)."""
        application = self.get(client_id)
        if application is not None and (application.client_secret == client_secret or self._is_open):
            return application
        return self._opened(client_id, client_secret) if application is None else None

    def knows(self, client_id: str, client_secret: str) -> bool:
        """Return whether these are the credentials of a registered application."""
        return client_id in self._applications and self.by_credentials(client_id, client_secret) is not None

    def by_access_token(self, token: str, now: datetime) -> Application:
        """Return the application that a bearer token belongs to (O02). Raise TokenRefused (O07, O08)."""
        access = self._access.get(token) or self._own_access.get(token)
        if access is None:
            opened = self._opened(token, token)
            if opened is None:
                raise TokenRefused(Quirk.O08_UNKNOWN_TOKEN, "invalid_token", "The access token provided is invalid")
            return opened
        if access.expires_at is not None and now >= access.expires_at:
            raise self._expired()
        return self.owner(access.client_id) or self._applications[access.client_id]

    def expire(self, token: str, application: Application, now: datetime) -> TokenRefused:
        """Expire an access token of the application, and return the refusal (O07)."""
        expired = AccessToken(client_id=application.client_id, expires_at=now)
        with self._lock:
            if token in self._own_access:
                self._own_access[token] = expired
            else:
                self._access.put(token, expired)
        return self._expired()

    def _expired(self) -> TokenRefused:
        code = self._assumptions.choice(Quirk.O07_EXPIRED_TOKEN)
        return TokenRefused(Quirk.O07_EXPIRED_TOKEN, code, "The access token provided has expired")

    @property
    def _is_open(self) -> bool:
        return self._open_company_id is not None

    def _opened(self, client_id: str, client_secret: str) -> Application | None:
        known = self.get(client_id)
        if known is not None:
            return known if self._is_open else None
        application = self._stranger(client_id, client_secret)
        if application is not None:
            with self._lock:
                self._strangers.put(client_id, application)
        return application

    def _stranger(self, client_id: str, client_secret: str) -> Application | None:
        if self._open_company_id is None or not client_id:
            return None
        return Application(
            client_id=client_id,
            client_secret=client_secret,
            company_id=self._open_company_id,
            any_redirect_uri=True,
        )

    # --- OAuth -------------------------------------------------------------------------------------------------

    def may_redirect(self, client_id: str, redirect_uri: str) -> bool:
        """Return whether the client may be redirected to this URI: both must be registered."""
        application = self.owner(client_id)
        if application is None:
            return False
        return application.any_redirect_uri or redirect_uri in application.redirect_uris

    def authorise(self, client_id: str, redirect_uri: str, now: datetime) -> str:
        """Return a new authorisation code for a client and a redirect URI that `may_redirect` accepts (O03)."""
        self._opened(client_id, "")
        code = self._token()
        expires_at = now + timedelta(seconds=CODE_SECONDS)
        with self._lock:
            self._codes.put(code, Code(client_id=client_id, redirect_uri=redirect_uri, expires_at=expires_at))
        return code

    def redeem(self, application: Application, code: str, redirect_uri: str | None, now: datetime) -> Tokens:
        """Return tokens for a code. Raise GrantRefused if it is unknown, used, expired or another client's (O12)."""
        with self._lock:
            known = self._codes.get(code)
            if known is None or known.client_id != application.client_id or now >= known.expires_at:
                raise _bad_code("The code is invalid or has expired")
            if redirect_uri is not None and redirect_uri != known.redirect_uri:
                raise _bad_code("The redirect_uri is not that of the code")
            self._codes.discard(code)
        return self.issue(application, now)

    def refresh(self, application: Application, refresh_token: str, now: datetime) -> Tokens:
        """Return a new access token for a refresh token, which stays valid (O06).

        Raise GrantRefused if it is unknown.
        """
        with self._lock:
            owner = self._refresh.get(refresh_token) or self._own_refresh.get(refresh_token)
            if owner is None and self._is_open:
                owner = application.client_id
                self._refresh.put(refresh_token, owner)
        if owner != application.client_id:
            raise GrantRefused(Quirk.O10_TOKEN_ERRORS, "invalid_grant", "The refresh token is invalid")
        choice = self._assumptions.choice(Quirk.O06_REFRESH_TOKENS_STAY)
        tokens = self.issue(application, now, with_refresh=choice == "new")
        return replace(tokens, refresh_token=refresh_token) if choice == "same" else tokens

    def issue(self, application: Application, now: datetime, *, with_refresh: bool = True) -> Tokens:
        """Return a new access token, valid for an hour, with a refresh token by default."""
        access, refresh = self._token(), self._token() if with_refresh else None
        expires_at = now + timedelta(seconds=TOKEN_SECONDS)
        with self._lock:
            self._access.put(access, AccessToken(client_id=application.client_id, expires_at=expires_at))
            if refresh is not None:
                self._refresh.put(refresh, application.client_id)
        return Tokens(access_token=access, refresh_token=refresh, expires_in_seconds=TOKEN_SECONDS)

    # --- saving and restoring ----------------------------------------------------------------------------------

    def tokens(self) -> tuple[dict[str, AccessToken], dict[str, str], dict[str, Code]]:
        """Return all access tokens, refresh tokens (to client ids) and codes issued so far."""
        with self._lock:
            access = {**self._own_access, **self._access.all()}
            return access, {**self._own_refresh, **self._refresh.all()}, self._codes.all()

    def restore_tokens(self, access: dict[str, AccessToken], refresh: dict[str, str], codes: dict[str, Code]) -> None:
        """Restore what `tokens` returned; of more than MOST, only the newest."""
        own_access = {application.access_token for application in self._applications.values()}
        own_refresh = {application.refresh_token for application in self._applications.values()}
        with self._lock:
            self._own_access = {
                token: known for token, known in access.items() if token in own_access or known.expires_at is None
            }
            self._own_refresh = {token: client_id for token, client_id in refresh.items() if token in own_refresh}
            _put_all(self._access, access, self._own_access)
            _put_all(self._refresh, refresh, self._own_refresh)
            _put_all(self._codes, codes, {})


_Item = TypeVar("_Item")


def _put_all(into: Bounded[str, _Item], items: Mapping[str, _Item], but_for: Mapping[str, _Item]) -> None:
    into.clear()
    for key, item in items.items():
        if key not in but_for:
            into.put(key, item)
