"""The simulator's log for tests: visits, questions, captchas."""

import time
from collections.abc import Iterator

import pytest
import requests

from scraper.simulator import Simulator
from scraper.simulator.captcha import MOST_CAPTCHAS, Captcha, Verdict
from scraper.simulator.journal import MOST_ENTRIES
from scraper.simulator.memory import MOST_CEDULAS, MOST_SESSIONS, Memory
from scraper.simulator.outcomes import Outcome
from scraper.simulator.settings import Settings
from scraper.simulator.state import State
from tests.questions import TIMEOUT_SECONDS, ask_b, load


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(captcha=False, elections_delay=0) as running:
        yield running


def test_visits_are_logged_with_their_times_in_order(simulator: Simulator) -> None:
    before, epoch = time.monotonic(), time.time()
    for url in (simulator.page_url("A"), simulator.page_url("B"), simulator.page_url("A")):
        load(url)

    visits = simulator.log()["visits"]

    assert [visit["shape"] for visit in visits] == ["A", "B", "A"]
    times = [visit["monotonic"] for visit in visits]
    assert before <= times[0] <= times[1] <= times[2] <= time.monotonic()
    assert epoch <= visits[0]["epoch"] <= time.time()
    assert visits[0]["remote"].startswith("127.0.0.1:")


def test_a_visit_turned_away_is_a_visit(simulator: Simulator) -> None:
    simulator.set(mode="blocked")
    load(simulator.page_url("A"))

    assert [visit["mode"] for visit in simulator.log()["visits"]] == ["blocked"]


def test_pages_files_and_services_are_no_visits(simulator: Simulator) -> None:
    for path in ("/", "/assets/simulator.css", "/back/api/elecciones", "/_log", "/no-hay"):
        load(simulator.url + path)

    assert simulator.log()["visits"] == []


def test_questions_tell_what_became_of_them(simulator: Simulator) -> None:
    ask_b(simulator, "9000000083")
    ask_b(simulator, "9000000083")
    ask_b(simulator, "9000000078")
    simulator.set(mode="maintenance")
    ask_b(simulator)

    questions = simulator.log()["questions"]
    assert {question["shape"] for question in questions} == {"B"}
    asked = [(question["cedula"], question["outcome"]) for question in questions]
    assert asked == [
        ("9000000083", "blocked"),
        ("9000000083", "found"),
        ("9000000078", "not_found"),
        ("9000000001", "site_maintenance"),
    ]


def test_a_captcha_can_be_followed_from_order_to_use(simulator: Simulator) -> None:
    simulator.set(captcha=True, captcha_latency=0)
    key = simulator.state.site_key("B")
    order = {"key": "demo", "method": "userrecaptcha", "googlekey": key, "pageurl": "x"}
    taken = requests.post(f"{simulator.url}/in.php", order, timeout=TIMEOUT_SECONDS).text
    captcha_id = taken.removeprefix("OK|")
    requests.get(
        f"{simulator.url}/res.php",
        {"key": "demo", "action": "get", "id": captcha_id},
        timeout=TIMEOUT_SECONDS,
    )
    (captcha,) = simulator.log()["captchas"]
    assert captcha["used_at"] is None

    requests.post(
        f"{simulator.url}/back/api/consulta",
        json={"documento": "9000000001", "eleccionId": 0, "captchaToken": captcha["token"]},
        timeout=TIMEOUT_SECONDS,
    )

    (captcha,) = load(f"{simulator.url}/_log").json()["captchas"]
    assert captcha["asked_at"] <= captcha["delivered_at"] <= captcha["used_at"] <= time.time()
    (question,) = simulator.log()["questions"]
    assert (question["token"], question["captcha"]) == (captcha["token"], "accepted")


def test_a_captcha_that_will_never_be_ready_has_no_time_for_it(simulator: Simulator) -> None:
    order = {"key": "lenta", "method": "userrecaptcha", "googlekey": "6Lx", "pageurl": "x"}
    requests.post(f"{simulator.url}/in.php", order, timeout=TIMEOUT_SECONDS)

    (captcha,) = load(f"{simulator.url}/_log").json()["captchas"]

    assert captcha["ready_at"] is None
    assert captcha["asked_at"] <= time.time()


def test_the_log_can_be_emptied_and_first_times_with_it(simulator: Simulator) -> None:
    assert "Request Rejected" in ask_b(simulator, "9000000083").text
    simulator.set(slow_seconds=1)

    requests.delete(f"{simulator.url}/_log", timeout=TIMEOUT_SECONDS)

    assert simulator.log() == {"visits": [], "questions": [], "captchas": []}
    assert simulator.state.settings.slow_seconds == 1
    assert "Request Rejected" in ask_b(simulator, "9000000083").text


def test_the_journal_and_the_captchas_keep_the_latest_alone() -> None:
    state = State(Settings())

    def ask() -> Captcha:
        return state.captchas.order(
            key="demo", site_key="6Lx", page_url="x", latency=0, solvable=True
        )

    captchas = [ask() for _ in range(MOST_CAPTCHAS + 3)]
    for number in range(MOST_ENTRIES + 3):
        state.journal.visited("A", "ok", f"127.0.0.1:{number}")

    log = state.log()
    assert (len(log["visits"]), len(log["captchas"])) == (MOST_ENTRIES, MOST_CAPTCHAS)
    assert log["visits"][-1]["remote"] == f"127.0.0.1:{MOST_ENTRIES + 2}"
    assert state.captchas.verify(captchas[0].token, "6Lx", 120) is Verdict.UNKNOWN
    assert state.captchas.verify(captchas[-1].token, "6Lx", 120) is Verdict.ACCEPTED


def test_the_oldest_sessions_and_first_times_are_forgotten() -> None:
    memory = Memory()
    first, latest = memory.open_page(""), ("", "")
    for _ in range(MOST_SESSIONS):
        latest = memory.open_page("")
    assert not memory.is_page_open(*first, session_seconds=60)
    assert memory.is_page_open(*latest, session_seconds=60)

    cedulas = [f"9{number:07d}83" for number in range(MOST_CEDULAS + 1)]
    assert {memory.outcome_now(cedula) for cedula in cedulas} == {Outcome.BLOCKED}
    assert memory.outcome_now(cedulas[-1]) is Outcome.FOUND
    assert memory.outcome_now(cedulas[0]) is Outcome.BLOCKED
