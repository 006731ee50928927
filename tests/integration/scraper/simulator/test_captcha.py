"""The simulated captcha service, as 2captcha's official client sees it."""

import time
from collections.abc import Iterator

import pytest
import requests
from twocaptcha import TwoCaptcha  # type: ignore[import-untyped]
from twocaptcha.api import ApiClient  # type: ignore[import-untyped]
from twocaptcha.exceptions.api import ApiException, NetworkException  # type: ignore[import-untyped]
from twocaptcha.exceptions.solver import NetworkException as NotReady  # type: ignore[import-untyped]

from scraper.simulator import Simulator
from scraper.simulator.captcha import Verdict
from scraper.simulator.shapes import SHAPES
from scraper.simulator.twocaptcha import FIRST_BALANCE, PRICE

TIMEOUT_SECONDS = 60
PATIENCE_SECONDS = 60


class PlainHttp(ApiClient):  # type: ignore[misc]  # the library is not typed
    """The official client's transport, which speaks https alone, over http."""

    def in_(self, **fields: object) -> str:
        return self._text(
            requests.post(f"{self.post_url}/in.php", data=fields, timeout=TIMEOUT_SECONDS)
        )

    def res(self, **fields: str | int) -> str:
        return self._text(
            requests.get(f"{self.post_url}/res.php", params=fields, timeout=TIMEOUT_SECONDS)
        )

    @staticmethod
    def _text(reply: requests.Response) -> str:
        if reply.status_code != 200:
            raise NetworkException(f"bad response: {reply.status_code}")
        if "ERROR" in reply.text:
            raise ApiException(reply.text)
        return reply.text


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(captcha_latency=0) as running:
        yield running


def customer(simulator: Simulator, key: str = "demo", **options: object) -> TwoCaptcha:
    client = TwoCaptcha(key, **options)
    client.api_client = PlainHttp(simulator.url)
    return client


def ordered(client: TwoCaptcha, simulator: Simulator, shape: str = "A") -> str:
    return str(
        client.send(
            method="userrecaptcha",
            googlekey=simulator.state.site_key(shape),
            url=simulator.page_url("A"),
        )
    )


def test_an_order_becomes_a_token_that_the_page_accepts(simulator: Simulator) -> None:
    client = customer(simulator)

    token = client.get_result(ordered(client, simulator))

    assert simulator.state.verify(token, "A") is Verdict.ACCEPTED
    assert simulator.state.verify(token, "A") is Verdict.USED


def test_the_official_call_that_does_it_all_works(simulator: Simulator) -> None:
    client = customer(simulator)

    solved = client.recaptcha(sitekey=simulator.state.site_key("A"), url=simulator.page_url("A"))

    (captcha,) = simulator.log()["captchas"]
    assert solved == {"captchaId": captcha["id"], "code": captcha["token"]}
    assert captcha["page_url"] == simulator.page_url("A")


def test_the_extended_answers_of_the_client_are_json(simulator: Simulator) -> None:
    client = customer(simulator, extendedResponse=True)

    answer = client.get_result(ordered(client, simulator))

    assert answer == {"status": 1, "request": simulator.log()["captchas"][0]["token"]}


def test_a_token_is_not_ready_before_its_latency(simulator: Simulator) -> None:
    simulator.set(captcha_latency=0.5)
    client = customer(simulator)
    began = time.monotonic()
    order = ordered(client, simulator)

    with pytest.raises(NotReady):
        client.get_result(order)
    while time.monotonic() - began < PATIENCE_SECONDS:
        try:
            client.get_result(order)
            break
        except NotReady:
            continue

    assert 0.5 <= time.monotonic() - began < PATIENCE_SECONDS


def test_not_ready_is_spelt_as_the_service_spells_it(simulator: Simulator) -> None:
    order = ordered(customer(simulator, "lenta"), simulator)
    poll = {"key": "lenta", "action": "get", "id": order}

    plain = requests.get(f"{simulator.url}/res.php", poll, timeout=TIMEOUT_SECONDS)
    json = requests.get(f"{simulator.url}/res.php", {**poll, "json": "1"}, timeout=TIMEOUT_SECONDS)

    assert plain.text == "CAPCHA_NOT_READY"
    assert json.json() == {"status": 0, "request": "CAPCHA_NOT_READY"}


@pytest.mark.parametrize(
    ("key", "error"),
    [
        ("", "ERROR_WRONG_USER_KEY"),
        ("clave-mala", "ERROR_KEY_DOES_NOT_EXIST"),
        ("sin-saldo-2", "ERROR_ZERO_BALANCE"),
    ],
)
def test_some_keys_buy_nothing(simulator: Simulator, key: str, error: str) -> None:
    with pytest.raises(ApiException, match=f"^{error}$"):
        ordered(customer(simulator, key), simulator)

    assert simulator.log()["captchas"] == []


def test_an_unsolvable_captcha_says_so_once_it_was_tried(simulator: Simulator) -> None:
    simulator.set(captcha_latency=86400)
    client = customer(simulator, "irresoluble")
    with pytest.raises(NotReady):
        client.get_result(ordered(client, simulator))

    simulator.set(captcha_latency=0)

    with pytest.raises(ApiException, match="ERROR_CAPTCHA_UNSOLVABLE"):
        client.get_result(ordered(client, simulator))


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        ("zero_balance", "ERROR_ZERO_BALANCE"),
        ("key_rejected", "ERROR_KEY_DOES_NOT_EXIST"),
        ("no_slot", "ERROR_NO_SLOT_AVAILABLE"),
    ],
)
def test_the_service_can_refuse_everybody(simulator: Simulator, failure: str, error: str) -> None:
    simulator.set(captcha_failure=failure)

    with pytest.raises(ApiException, match=error):
        ordered(customer(simulator), simulator)


def test_the_service_can_solve_nothing_for_anybody(simulator: Simulator) -> None:
    client = customer(simulator)

    simulator.set(captcha_failure="unsolvable")
    with pytest.raises(ApiException, match="ERROR_CAPTCHA_UNSOLVABLE"):
        client.get_result(ordered(client, simulator))
    simulator.set(captcha_failure="never_ready")
    with pytest.raises(NotReady):
        client.get_result(ordered(client, simulator))


def test_the_service_can_be_down(simulator: Simulator) -> None:
    client = customer(simulator)
    order = ordered(client, simulator)
    simulator.set(captcha_failure="down")

    with pytest.raises(NetworkException, match="502"):
        ordered(client, simulator)
    with pytest.raises(NetworkException, match="502"):
        client.get_result(order)
    with pytest.raises(NetworkException, match="502"):
        client.balance()


def test_a_flaky_service_fails_the_first_poll_of_each_captcha_alone(simulator: Simulator) -> None:
    simulator.set(captcha_failure="flaky")
    client = customer(simulator)

    for order in (ordered(client, simulator), ordered(client, simulator)):
        with pytest.raises(NetworkException, match="502"):
            client.get_result(order)
        assert client.get_result(order)


def test_sold_tokens_can_be_refused_by_the_pages(simulator: Simulator) -> None:
    simulator.set(captcha_failure="refused")
    client = customer(simulator)

    token = client.get_result(ordered(client, simulator))

    assert simulator.state.verify(token, "A") is Verdict.REFUSED


def test_a_token_expires_from_the_moment_it_was_solved(simulator: Simulator) -> None:
    simulator.set(token_seconds=0)
    client = customer(simulator)

    token = client.get_result(ordered(client, simulator))

    assert simulator.state.verify(token, "A") is Verdict.EXPIRED


def test_a_token_is_bound_to_its_site_key(simulator: Simulator) -> None:
    client = customer(simulator)

    token = client.get_result(ordered(client, simulator, shape="B"))

    assert simulator.state.verify(token, "A") is Verdict.OTHER_SITE


def test_invented_tokens_are_unknown(simulator: Simulator) -> None:
    assert simulator.state.verify("03A" + "x" * 480, "A") is Verdict.UNKNOWN


def test_every_simulator_has_site_keys_of_its_own(simulator: Simulator) -> None:
    states = simulator.state, Simulator().state
    keys = {state.site_key(shape) for state in states for shape in SHAPES}

    assert len(keys) == 2 * len(SHAPES)


def test_the_balance_falls_with_every_solved_captcha(simulator: Simulator) -> None:
    client = customer(simulator)
    assert client.balance() == FIRST_BALANCE

    ordered(client, simulator)

    assert client.balance() == pytest.approx(FIRST_BALANCE - PRICE)
    assert customer(simulator, "another").balance() == FIRST_BALANCE
    assert customer(simulator, "sin-saldo").balance() == 0


def test_a_captcha_that_is_not_solved_yet_costs_nothing(simulator: Simulator) -> None:
    simulator.set(captcha_latency=86400)
    client = customer(simulator)

    ordered(client, simulator)

    assert client.balance() == FIRST_BALANCE


def test_a_report_is_kept_and_taken_once(simulator: Simulator) -> None:
    client = customer(simulator)
    order = ordered(client, simulator)
    with pytest.raises(ApiException, match="ERROR_REPORT_NOT_RECORDED"):
        client.report(order, correct=False)
    client.get_result(order)

    assert client.report(order, correct=False) == "OK_REPORT_RECORDED"
    with pytest.raises(ApiException, match="ERROR_DUPLICATE_REPORT"):
        client.report(order, correct=True)

    assert [captcha["reported"] for captcha in simulator.log()["captchas"]] == ["bad"]


def test_another_key_cannot_fetch_the_token(simulator: Simulator) -> None:
    order = ordered(customer(simulator), simulator)

    with pytest.raises(ApiException, match="ERROR_WRONG_CAPTCHA_ID"):
        customer(simulator, "another").get_result(order)
    with pytest.raises(ApiException, match="ERROR_WRONG_ID_FORMAT"):
        customer(simulator).get_result("abc")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"method": ""}, "ERROR_BAD_PARAMETERS"),
        ({"googlekey": ""}, "ERROR_GOOGLEKEY"),
        ({"url": ""}, "ERROR_PAGEURL"),
    ],
)
def test_an_incomplete_order_is_refused(
    simulator: Simulator, changes: dict[str, str], error: str
) -> None:
    order = {"method": "userrecaptcha", "googlekey": "6Lx", "url": simulator.page_url("A")}

    with pytest.raises(ApiException, match=error):
        customer(simulator).send(**order | changes)


def test_turnstile_is_sold_too(simulator: Simulator) -> None:
    simulator.set(mode="turnstile")
    client = customer(simulator)

    solved = client.turnstile(sitekey=simulator.state.site_key("B"), url=simulator.page_url("B"))

    assert simulator.state.verify(solved["code"], "B") is Verdict.ACCEPTED
