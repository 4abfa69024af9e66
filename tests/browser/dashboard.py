"""The dashboard as a person uses it, with a check of the browser's console, requests and dialogs."""

from __future__ import annotations

from playwright.sync_api import ConsoleMessage, Dialog, Locator, Page, Request, Response, expect

from fakekounta import FakeKounta

PANELS = (
    *("Exchanges", "Customers", "Orders", "Menu", "Webhooks", "Faults", "Clock"),
    *("Quirks", "Assumptions", "State", "Settings", "Namespaces"),
)


class Dashboard:
    """One page that shows the dashboard of a fake."""

    def __init__(self, page: Page, kounta: FakeKounta) -> None:
        self.page = page
        self.kounta = kounta
        self.address = f"{kounta.url}/_fakekounta/"
        self.complaints: list[str] = []
        self._refusals: set[int] = set()
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("dialog", self._on_dialog)
        page.on("request", self._on_request)
        page.on("requestfailed", self._on_request_failed)
        page.on("response", self._on_response)

    def open(self, panel: str, place: str = "") -> Page:
        """Open a panel, and wait until it is shown."""
        self.page.goto(f"{self.address}#/{panel.lower()}{place}")
        expect(self.page.get_by_role("heading", level=1, name=panel)).to_be_visible()
        return self.page

    def may_refuse(self, *statuses: int) -> None:
        """Allow the errors that the browser logs if the fake refuses a request."""
        self._refusals |= set(statuses)

    def assert_quiet(self) -> None:
        """Check that nothing was logged, no request failed or was sent to another server, and no dialog opened."""
        assert self.complaints == []

    @property
    def message(self) -> Locator:
        """Return the short message about a result."""
        return self.page.get_by_role("status")

    def row(self, text: str) -> Locator:
        """Return the rows that contain a text."""
        return self.page.get_by_role("row").filter(has_text=text)

    def _on_console(self, message: ConsoleMessage) -> None:
        is_expected = any(f"status of {status} " in message.text for status in self._refusals)
        if message.type in {"error", "warning", "assert"} and not is_expected:
            self.complaints.append(f"{message.type}: {message.text}")

    def _on_dialog(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self.kounta.url, "data:", "blob:")):
            self.complaints.append(f"a request to {request.url}")

    def _on_request_failed(self, request: Request) -> None:
        # A request is cancelled when another panel is opened
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.url} failed: {request.failure}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self._refusals:
            self.complaints.append(f"{response.url} answered {response.status}")
