"""2captcha as our solver uses it: the simulated service, and one that misbehaves."""

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from scraper import errors
from scraper.captcha import (
    NullSolver,
    Recaptcha,
    Solved,
    TwoCaptchaSolver,
    UnlimitedBudget,
    solver_for,
)
from scraper.config import SolverConfig
from scraper.simulator import Simulator
from tests.scraping import Asked, OddSite, Page, eventually

KEY = "clave-que-nadie-debe-ver"
CAPTCHA = Recaptcha("6Lx", "http://127.0.0.1/censo/consultar/")
POLLING = 0.1


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(captcha_latency=0.25) as simulator:
        yield simulator


@pytest.fixture(autouse=True)
def _as_at_first(simulator: Simulator) -> None:
    simulator.reset()


@pytest.fixture
def service() -> Iterator[OddSite]:
    """A captcha service whose every answer the test decides."""
    with OddSite() as service:
        service.answers["POST", "/in.php"] = Page("OK|77")
        yield service


def solver_at(url: str, polling: float = POLLING) -> TwoCaptchaSolver:
    return TwoCaptchaSolver(
        SolverConfig("2captcha", KEY, url, polling), at_once=4, budget=UnlimitedBudget()
    )


def solve(
    url: str,
    captcha: Recaptcha = CAPTCHA,
    *,
    within: float = 30.0,
    polling: float = POLLING,
    on_accepted: Callable[[], None] = lambda: None,
) -> Solved:
    solver = solver_at(url, polling)
    try:
        return asyncio.run(solver.solve(captcha, within, on_accepted))
    finally:
        solver.close()


def answering_polls(service: OddSite, *answers: Page) -> None:
    """Answer the first poll with the first of `answers`, and so on; the last one repeats."""
    left = list(answers)
    path = f"/res.php?key={KEY}&action=get&id=77"
    service.answers["GET", path] = lambda _: left.pop(0) if len(left) > 1 else left[0]


def polls(service: OddSite) -> list[Asked]:
    return [asked for asked in service.asked if "action=get" in asked.path]


NOT_READY = Page("CAPCHA_NOT_READY", content_type="text/plain")


def test_a_captcha_becomes_a_token(simulator: Simulator) -> None:
    accepted: list[bool] = []

    solved = solve(simulator.url, on_accepted=lambda: accepted.append(True))

    (captcha,) = simulator.log()["captchas"]
    assert (solved.token, solved.captcha_id) == (captcha["token"], captcha["id"])
    assert (captcha["site_key"], captcha["page_url"]) == (CAPTCHA.site_key, CAPTCHA.page_url)
    assert captcha["key"] == KEY
    assert accepted == [True]


def test_the_service_is_told_what_kind_of_box_it_is(service: OddSite) -> None:
    answering_polls(service, Page("OK|t"))

    solve(service.url, Recaptcha("6Lx", "http://h/", is_invisible=True, is_enterprise=True))

    form = service.requests("POST", "/in.php")[0].body
    assert {"invisible=1", "enterprise=1", "version=v2"} <= set(form.split("&"))


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        ("unsolvable", errors.CaptchaFailed),
        ("zero_balance", errors.SolverOutOfFunds),
        ("key_rejected", errors.SolverKeyRejected),
        ("down", errors.CaptchaFailed),
    ],
)
def test_what_the_service_says_is_told_apart(
    simulator: Simulator, failure: str, error: type[errors.ScraperError]
) -> None:
    simulator.set(captcha_failure=failure)

    with pytest.raises(error):
        solve(simulator.url)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("ERROR_WRONG_USER_KEY", errors.SolverKeyRejected),
        ("ERROR_IP_NOT_ALLOWED", errors.SolverKeyRejected),
        ("IP_BANNED", errors.SolverKeyRejected),
        ("ERROR_WRONG_GOOGLEKEY", errors.CaptchaFailed),
        ("ERROR_PAGEURL", errors.CaptchaFailed),
        ("ERROR: 1003", errors.CaptchaFailed),
        ("<html>Bienvenido</html>", errors.CaptchaFailed),
        ("", errors.CaptchaFailed),
    ],
)
def test_a_refused_captcha_names_the_services_code(
    service: OddSite, answer: str, error: type[errors.ScraperError]
) -> None:
    service.answers["POST", "/in.php"] = Page(answer)

    with pytest.raises(error) as raised:
        solve(service.url)

    assert answer in str(raised.value)
    assert len(service.asked) == 1


def test_a_bad_gateway_while_polling_loses_nothing_that_was_paid(simulator: Simulator) -> None:
    simulator.set(captcha_failure="flaky")

    solve(simulator.url)

    assert len(simulator.log()["captchas"]) == 1


def test_a_token_may_hold_any_letters(service: OddSite) -> None:
    answering_polls(service, Page("OK|03AGdBqERROR_x"))

    assert solve(service.url).token == "03AGdBqERROR_x"


def test_polls_come_at_full_intervals_from_when_the_captcha_was_taken_on(
    service: OddSite,
) -> None:
    slow = Page("CAPCHA_NOT_READY")

    def dawdling(_: Asked) -> Page:
        time.sleep(0.9)  # an answer takes its time
        return slow if len(polls(service)) < 3 else Page("OK|t")

    service.answers["GET", f"/res.php?key={KEY}&action=get&id=77"] = dawdling

    solve(service.url, polling=1.0)

    taken_on = service.requests("POST", "/in.php")[0].at
    times = [poll.at - taken_on for poll in polls(service)]
    assert len(times) == 3
    # How much later one may come is for tests/unit/scraper/captcha/test_polls.py to say.
    assert all(time >= number for number, time in enumerate(times, 1))


def test_the_last_poll_is_when_time_is_up(service: OddSite) -> None:
    answering_polls(service, NOT_READY)
    began = time.monotonic()

    with pytest.raises(errors.CaptchaFailed):
        solve(service.url, within=0.5, polling=60.0)

    assert len(polls(service)) == 1
    assert 0.5 <= time.monotonic() - began < 60.0


def test_a_busy_service_is_asked_again_but_not_for_ever(service: OddSite) -> None:
    service.answers["POST", "/in.php"] = Page("ERROR_NO_SLOT_AVAILABLE")

    with pytest.raises(errors.CaptchaFailed, match="ERROR_NO_SLOT_AVAILABLE"):
        solve(service.url)

    assert len(service.asked) == 3


def test_a_captcha_is_not_offered_twice_when_it_may_have_been_taken_on(
    service: OddSite,
) -> None:
    service.answers["POST", "/in.php"] = Page("", 502)

    with pytest.raises(errors.CaptchaFailed, match="HTTP 502"):
        solve(service.url)

    assert len(service.asked) == 1


def test_a_service_that_was_not_reached_is_tried_again() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = "http://{}:{}".format(*listener.getsockname())
    began = time.monotonic()

    with pytest.raises(errors.CaptchaFailed, match="captcha service"):
        solve(url, polling=0.3)

    assert time.monotonic() - began >= 2 * 0.3


def test_reports_reach_the_service_and_their_failure_harms_nobody(
    simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    solver = solver_at(simulator.url)

    async def solve_and_report_twice() -> None:
        solved = await solver.solve(CAPTCHA, 30.0, lambda: None)
        await solver.report(solved.captcha_id, is_good=False)
        await solver.report(solved.captcha_id, is_good=True)

    asyncio.run(solve_and_report_twice())
    solver.close()

    assert simulator.log()["captchas"][0]["reported"] == "bad"
    assert "ERROR_DUPLICATE_REPORT" in caplog.text


def test_waiting_for_the_service_does_not_stop_the_event_loop(service: OddSite) -> None:
    let_go = threading.Event()
    service.answers["POST", "/in.php"] = lambda _: Page("OK|77" if let_go.wait(30) else "")
    answering_polls(service, Page("OK|t"))
    solver = solver_at(service.url)

    async def let_go_while_it_waits() -> Solved:
        solving = asyncio.ensure_future(solver.solve(CAPTCHA, 30.0, lambda: None))
        await asyncio.sleep(0)
        let_go.set()  # never reached, were the loop waiting for the service
        return await solving

    assert asyncio.run(let_go_while_it_waits()).token == "t"
    solver.close()


@pytest.mark.parametrize("answer", [Page("OK|77"), Page("ERROR_ZERO_BALANCE"), Page("", 502)])
def test_the_key_is_in_no_message_and_in_no_log(
    service: OddSite, caplog: pytest.LogCaptureFixture, answer: Page
) -> None:
    service.answers["POST", "/in.php"] = answer
    answering_polls(service, Page("", 502), Page("ERROR_CAPTCHA_UNSOLVABLE"))

    with caplog.at_level(logging.DEBUG), pytest.raises(errors.ScraperError) as raised:
        solve(service.url)

    assert "key=…" in caplog.text or "res.php" not in caplog.text
    assert KEY not in caplog.text + repr(raised.getrepr(chain=True)) + repr(raised.value)
    assert KEY not in repr(SolverConfig("2captcha", KEY))


def answer_once(listener: socket.socket) -> None:
    """Take a captcha on, and be gone."""
    connection, _ = listener.accept()
    listener.close()
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nOK|77")
    connection.close()


def test_a_service_that_is_gone_does_not_tell_the_key_either(
    caplog: pytest.LogCaptureFixture,
) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    url = "http://{}:{}".format(*listener.getsockname())
    threading.Thread(target=answer_once, args=(listener,), daemon=True).start()

    with caplog.at_level(logging.DEBUG), pytest.raises(errors.CaptchaFailed) as raised:
        solve(url, within=1.0)

    assert "ConnectionError" in str(raised.value)
    assert KEY not in caplog.text + str(raised.getrepr(chain=True))


def test_a_closed_solver_leaves_no_thread_behind(simulator: Simulator) -> None:
    before = {thread.ident for thread in threading.enumerate()}

    solve(simulator.url)

    eventually(
        lambda: (
            not any(
                thread.name.startswith("captcha") and thread.ident not in before
                for thread in threading.enumerate()
            )
        )
    )


def test_the_setting_decides_which_solver_it_is() -> None:
    assert isinstance(solver_for(SolverConfig(), 1, UnlimitedBudget()), NullSolver)
    bought = solver_for(SolverConfig("2captcha", KEY), 1, UnlimitedBudget())
    assert isinstance(bought, TwoCaptchaSolver)
    bought.close()


def test_no_solver_names_the_setting_that_switches_one_on() -> None:
    with pytest.raises(errors.CaptchaInTheWay, match="CAPTCHA_SOLVER"):
        asyncio.run(NullSolver().solve(CAPTCHA, 1.0, lambda: None))


def test_the_environment_is_read_once(service: OddSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another thread may change it while a captcha is polled, and a reader of it fails then."""
    service.answers["POST", "/in.php"] = Page("OK|77")
    answering_polls(service, Page("OK|t"))
    solver = solver_at(service.url)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    assert asyncio.run(solver.solve(CAPTCHA, 10.0, lambda: None)).token == "t"
    solver.close()
