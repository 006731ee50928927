"""The simulator's modes and settings: the state of the site, whatever the cédula."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from scraper.simulator import Simulator
from scraper.simulator.pages import render
from scraper.simulator.settings import CaptchaFailure, CaptchaKind, Mode, Settings, SettingsError
from scraper.simulator.shapes import SHAPES
from tests.paths import ROOT
from tests.questions import OTHER_KINDS, TIMEOUT_SECONDS, ask_b, load

DOCUMENT = ROOT / "docs" / "simulator.md"


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(captcha=False, elections_delay=0) as running:
        yield running


def pages(simulator: Simulator) -> list[requests.Response]:
    """The page of every shape, loaded once."""
    return [load(simulator.page_url(shape)) for shape in SHAPES]


def ask_a(simulator: Simulator, cedula: str = "9000000001") -> requests.Response:
    """A question from a page that was loaded while all was well."""
    session = requests.Session()
    mode = simulator.state.settings.mode
    simulator.set(mode="ok")
    page = session.get(simulator.page_url("A"), timeout=TIMEOUT_SECONDS).text
    simulator.set(mode=mode)
    nonce = re.search(r'id="token" name="token" value="(\w{32})"', page)
    assert nonce is not None
    form = {"nuip": cedula, "tipo": "-1", "token": nonce[1]}
    return session.post(simulator.page_url("A"), form, timeout=TIMEOUT_SECONDS)


def test_the_firewall_can_stand_before_everything(simulator: Simulator) -> None:
    simulator.set(mode="blocked")

    replies = [
        *pages(simulator),
        load(f"{simulator.url}/back/api/elecciones"),
        ask_a(simulator),
        ask_b(simulator),
    ]

    assert {reply.status_code for reply in replies} == {200}
    assert all("Request Rejected" in reply.text for reply in replies)
    assert len({reply.text for reply in replies}) == len(replies), "a support id each"


def test_the_site_can_be_under_maintenance(simulator: Simulator) -> None:
    simulator.set(mode="maintenance")

    for page in pages(simulator):
        assert page.status_code == 200
        assert "en actualización" in page.text
        assert "<form" not in page.text
    assert "en actualización" in ask_a(simulator).json()["data"]["message"]
    assert "en actualización" in ask_b(simulator).json()["error"]


def test_the_site_can_be_down(simulator: Simulator) -> None:
    simulator.set(mode="down")

    replies = [*pages(simulator), ask_a(simulator), ask_b(simulator)]

    assert {reply.status_code for reply in replies} == {503}


def test_the_site_can_be_slow(simulator: Simulator) -> None:
    simulator.set(mode="slow", slow_seconds=0.3)

    replies = [*pages(simulator), ask_b(simulator)]

    assert all(reply.elapsed.total_seconds() >= 0.3 for reply in replies)
    assert replies[-1].json()["encontrado"] is True


def test_the_pages_can_be_rebuilt(simulator: Simulator) -> None:
    simulator.set(mode="changed")

    for page in pages(simulator):
        assert page.status_code == 200
        assert not re.search(r'id="(form|nuip|consultaForm|documento)"', page.text)


def test_the_site_can_send_garbage(simulator: Simulator) -> None:
    simulator.set(mode="garbage")

    for page in pages(simulator):
        assert b"<form" not in page.content
    for answer in (ask_a(simulator), ask_b(simulator)):
        with pytest.raises(requests.exceptions.JSONDecodeError):
            answer.json()


def test_there_can_be_no_captcha(simulator: Simulator) -> None:
    for page in pages(simulator):
        assert "data-sitekey" not in page.text
        assert "captcha.js" not in page.text


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_the_captcha_can_be_of_another_kind(simulator: Simulator, kind: CaptchaKind) -> None:
    simulator.set(mode=kind.value)

    for page in pages(simulator):
        assert re.search(rf'<div class="\S*{kind}" data-sitekey="6L[\w-]{{38}}">', page.text)
        assert "g-recaptcha" not in page.text


def test_values_put_into_a_page_are_escaped() -> None:
    assert "<h1>&lt;b&gt;</h1>" in render("server_error.html", title="<b>")


def test_settings_change_over_http_and_return_to_the_first_ones(simulator: Simulator) -> None:
    control = f"{simulator.url}/_control"
    changes = {"mode": "slow", "slow_seconds": 1, "captcha_failure": "flaky", "captcha": True}

    changed = requests.post(control, json=changes, timeout=TIMEOUT_SECONDS)
    assert changed.json().items() >= changes.items()
    assert load(control).json() == changed.json()

    first = requests.delete(control, timeout=TIMEOUT_SECONDS).json()
    assert (first["mode"], first["captcha"], first["elections_delay"]) == ("ok", False, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": "odd"},
        {"mode": 1},
        {"slow_seconds": "4"},
        {"slow_seconds": True},
        {"slow_seconds": -1},
        {"captcha_latency": 1e9},
        {"captcha": "no"},
        {"captcha_failure": "odd"},
        {"nothing": 1},
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_and_named(
    simulator: Simulator, changes: dict[str, Any]
) -> None:
    before = simulator.state.settings

    refused = requests.post(f"{simulator.url}/_control", json=changes, timeout=TIMEOUT_SECONDS)

    assert refused.status_code == 400
    assert next(iter(changes)) in refused.json()["error"]
    assert simulator.state.settings == before


def test_a_simulator_with_a_wrong_setting_is_not_built() -> None:
    with pytest.raises(SettingsError, match="captcha_latency"):
        Simulator(captcha_latency=float("nan"))


def test_every_mode_and_failure_is_documented() -> None:
    document = DOCUMENT.read_text("utf-8")

    for name in (*Mode, *CaptchaFailure, *Settings().as_json()):
        assert f"`{name}`" in document
