"""The variables that `make run` sets for its children, and those it leaves alone."""

import os
import socket

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.run import __main__ as run
from config.run import demo
from tests.stack import free_port

SIMULATOR = "http://127.0.0.1:8800"


def test_with_nothing_set_it_is_a_demo_with_the_simulator() -> None:
    environment = demo.environment({}, SIMULATOR)
    assert environment["DEBUG"] == "true"
    assert environment["REGISTRADURIA_URL"] == "http://127.0.0.1:8800/censo/consultar/"
    assert environment["CAPTCHA_SOLVER"] == "2captcha"
    assert environment["TWOCAPTCHA_URL"] == SIMULATOR
    assert environment["TWOCAPTCHA_API_KEY"] == "demo"
    assert environment["TWOCAPTCHA_POLLING_SECONDS"] == "1"


def test_what_is_set_stays_and_what_is_empty_counts_as_not_set() -> None:
    environment = demo.environment(
        {"DEBUG": "false", "CAPTCHA_SOLVER": "none", "REGISTRADURIA_URL": " ", "OTHER": ""},
        SIMULATOR,
    )
    assert environment["DEBUG"] == "false"
    assert environment["CAPTCHA_SOLVER"] == "none"
    assert environment["REGISTRADURIA_URL"] == "http://127.0.0.1:8800/censo/consultar/"
    assert environment["OTHER"] == ""


def test_a_captcha_key_in_a_file_stays_the_only_one() -> None:
    environment = demo.environment({"TWOCAPTCHA_API_KEY_FILE": "/run/secrets/key"}, SIMULATOR)
    assert "TWOCAPTCHA_API_KEY" not in environment


def test_another_page_of_the_simulator_gets_its_captchas_too() -> None:
    page_b = f"{SIMULATOR}/consultar/"
    environment = demo.environment({"REGISTRADURIA_URL": page_b}, SIMULATOR)
    assert environment["REGISTRADURIA_URL"] == page_b
    assert environment["TWOCAPTCHA_URL"] == SIMULATOR


@pytest.mark.parametrize("census", ["https://example.org/censo/", "http://127.0.0.1:88001/"])
def test_no_captcha_of_the_simulator_goes_to_another_census(census: str) -> None:
    environment = demo.environment({"REGISTRADURIA_URL": census}, SIMULATOR)
    assert not [name for name in environment if "CAPTCHA" in name]


def test_the_parent_s_own_environment_is_not_changed() -> None:
    before = dict(os.environ)
    demo.environment(os.environ, SIMULATOR)
    assert dict(os.environ) == before


@pytest.mark.parametrize("name", ["PORT", "SIMULATOR_PORT"])
def test_a_port_that_is_taken_is_named_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("PORT", str(free_port()))
    monkeypatch.setenv("SIMULATOR_PORT", str(free_port()))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv(name, str(port))
        with pytest.raises(run.PortTaken, match=rf"^{name}: port {port} is taken .* `{name}="):
            run.ports()


@pytest.mark.parametrize(
    ("port", "sentence"),
    [
        ("abc", "PORT must be a whole number"),
        ("0", "PORT must lie between 1 and 65535"),
        ("8800", "PORT and SIMULATOR_PORT are both 8800"),
    ],
)
def test_a_port_that_makes_no_sense_is_refused(
    monkeypatch: pytest.MonkeyPatch, port: str, sentence: str
) -> None:
    monkeypatch.setenv("PORT", port)
    monkeypatch.setenv("SIMULATOR_PORT", "8800")
    with pytest.raises(ImproperlyConfigured, match=sentence):
        run.ports()
