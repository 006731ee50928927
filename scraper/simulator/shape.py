"""A simulated generation of the census page: its addresses, its form and its wording."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

from scraper.simulator import faults, texts
from scraper.simulator.captcha import Verdict
from scraper.simulator.outcomes import Outcome
from scraper.simulator.pages import captcha_box, render
from scraper.simulator.places import Place
from scraper.simulator.settings import Mode
from scraper.simulator.state import State
from scraper.simulator.texts import Novedad
from scraper.simulator.wire import Reply, Request, html, json_reply

Handler = Callable[[Request, State], Reply]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it came, unchecked."""

    cedula: str
    election: str
    token: str
    is_session_open: bool = True
    """False if the page was loaded too long ago, or loaded again since."""


class Shape(ABC):
    """One generation of the page. The HTML of shape Z is `pages/z.html`."""

    name: ClassVar[str]
    path: ClassVar[str]
    """The page's address on the site."""
    question_path: ClassVar[str]
    """The address to which its form is posted."""
    current_election: ClassVar[str]
    """The election that stands for "where do I vote now"."""
    longest_cedula: ClassVar[int]
    captcha_missing_text: ClassVar[str]
    captcha_refused_text: ClassVar[str]
    session_expired_text: ClassVar[str]
    invalid_cedula_text: ClassVar[str]

    def routes(self) -> dict[str, Handler]:
        """{address: handler} of what the page fetches besides; GET."""
        return {}

    def page(self, request: Request, state: State) -> Reply:
        """Return the page, or what comes in its place in the site's mode. Counts as a visit."""
        settings = state.settings
        state.journal.visited(self.name, settings.mode, request.remote)
        if fault := faults.page_fault(settings.mode):
            return fault
        delay = settings.slow_seconds if settings.mode is Mode.SLOW else 0.0
        return replace(self.form(request, state), delay=delay)

    def form(self, request: Request, state: State, **values: str) -> Reply:
        """Return the page with its form. `values` are filled into its template."""
        captcha = captcha_box(state.settings.captcha_kind, state.site_key(self.name))
        values |= {"captcha": captcha, "misleading": texts.MISLEADING}
        return html(render(f"{self.name.lower()}.html", **values))

    def fault(self, mode: Mode) -> Reply | None:
        """Return what the page's script gets in place of any answer in this mode, or None."""
        if mode is Mode.MAINTENANCE:
            return self.trouble(texts.MAINTENANCE)
        return faults.answer_fault(mode)

    @abstractmethod
    def asked(self, request: Request, state: State) -> Asked:
        """Read the question from what the page sent. Raises BadRequest."""

    @abstractmethod
    def place(self, cedula: str, place: Place, outcome: Outcome) -> Reply: ...
    @abstractmethod
    def novedad(self, cedula: str, novedad: Novedad, outcome: Outcome) -> Reply: ...
    @abstractmethod
    def absent(self, text: str) -> Reply: ...
    @abstractmethod
    def trouble(self, text: str) -> Reply: ...
    @abstractmethod
    def changed_markup(self, cedula: str, place: Place) -> Reply:
        """Return the known envelope around unknown content."""

    def captcha_refused(self, verdict: Verdict) -> Reply:
        is_missing = verdict is Verdict.MISSING
        return self.trouble(self.captcha_missing_text if is_missing else self.captcha_refused_text)

    def session_expired(self) -> Reply:
        return self.trouble(self.session_expired_text)

    def invalid_cedula(self) -> Reply:
        return self.trouble(self.invalid_cedula_text)

    def unknown_json(self) -> Reply:
        """Return JSON with none of the known keys."""
        return json_reply({"codigo": 0, "respuesta": [{"tipo": "votante", "valor": None}]})
