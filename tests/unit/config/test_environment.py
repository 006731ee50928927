"""Settings as they are read from the environment: what is accepted, and what is refused."""

import re
from datetime import date
from pathlib import Path
from typing import TypeVar

import pytest
from django.conf import global_settings
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from config.environment import database, kinds
from config.environment.declarations import SETTINGS
from config.environment.setting import Setting
from tests.paths import ROOT

NAME = "SOME_VARIABLE"

T = TypeVar("T")


def declared(
    kind: kinds.Kind[T], default: str = "", *, in_debug: str | None = None, secret: bool = False
) -> Setting[T]:
    setting = Setting(kind, default, wrong="", in_debug=in_debug, secret=secret)
    setting.name = NAME
    return setting


boolean = declared(kinds.BOOLEAN, "false")
choice = declared(kinds.choice("none", "2captcha"), "none")
whole_number = declared(kinds.whole_number(1, 64), "8")
seconds = declared(kinds.number(0.05, 3600, "seconds"), "5")
seconds_list = declared(kinds.numbers(0, 1000, "seconds"), "60,300")
day = declared(kinds.DAY)
hosts = declared(kinds.HOSTS, "localhost")
origins = declared(kinds.ORIGINS)
web_address = declared(kinds.WEB_ADDRESS, "http://127.0.0.1/")
redis = declared(kinds.address("redis", "unix"))
name = declared(kinds.SHORT_NAME, "censo")
by_debug = declared(kinds.choice("json", "text"), "json", in_debug="text")
secret = declared(kinds.TEXT, secret=True)


@pytest.mark.parametrize(
    ("setting", "value", "read"),
    [
        (boolean, "true", True),
        (boolean, " SÍ ", True),
        (boolean, "1", True),
        (boolean, "off", False),
        (boolean, "No", False),
        (choice, "2CAPTCHA", "2captcha"),
        (name, " Censo-2_b ", "Censo-2_b"),
        (whole_number, "64", 64),
        (day, "", None),
        (day, " 2027-10-31 ", date(2027, 10, 31)),
        (whole_number, " 1 ", 1),
        (seconds, "0.2", 0.2),
        (seconds, "3600", 3600.0),
        (seconds_list, "1, 2.5 ,3", (1.0, 2.5, 3.0)),
        (seconds_list, "0", (0.0,)),
        (hosts, "example.org, .example.com,*", ["example.org", ".example.com", "*"]),
        (hosts, "10.0.0.1,[::1]", ["10.0.0.1", "[::1]"]),
        (origins, "https://a.org,http://b.org:8000", ["https://a.org", "http://b.org:8000"]),
        (origins, "https://*.example.org", ["https://*.example.org"]),
        (web_address, "https://example.org/censo/", "https://example.org/censo/"),
        (redis, "unix:///run/redis.sock", "unix:///run/redis.sock"),
    ],
)
def test_what_makes_sense_is_read(
    monkeypatch: pytest.MonkeyPatch, setting: Setting[object], value: str, read: object
) -> None:
    monkeypatch.setenv(NAME, value)
    assert setting.read() == read


@pytest.mark.parametrize(
    ("setting", "default"),
    [
        (boolean, False),
        (choice, "none"),
        (whole_number, 8),
        (seconds, 5.0),
        (seconds_list, (60.0, 300.0)),
        (hosts, ["localhost"]),
        (origins, []),
        (web_address, "http://127.0.0.1/"),
        (redis, ""),
    ],
)
@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_variable_that_is_missing_or_empty_has_its_default(
    monkeypatch: pytest.MonkeyPatch, setting: Setting[object], default: object, value: str | None
) -> None:
    monkeypatch.delenv(NAME, raising=False)
    if value is not None:
        monkeypatch.setenv(NAME, value)
    assert setting.read() == default


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        (boolean, "maybe", "must be true or false, not 'maybe'."),
        (choice, "magic", "must be one of none, 2captcha, not 'magic'."),
        (whole_number, "1.5", "must be a whole number, not '1.5'."),
        (whole_number, "many", "must be a whole number, not 'many'."),
        (whole_number, "0", "must lie between 1 and 64, not 0."),
        (whole_number, "65", "must lie between 1 and 64, not 65."),
        (seconds, "soon", "must be a number, not 'soon'."),
        (seconds, "nan", "must be a finite number, not 'nan'."),
        (seconds, "inf", "must be a finite number, not 'inf'."),
        (seconds, "0", "must lie between 0.05 and 3600, not 0.0."),
        (seconds_list, ",", "must list at least one number of seconds."),
        (seconds_list, "1,x", "must be a number, not 'x'."),
        (seconds_list, "1,-1", "must lie between 0 and 1000, not -1.0."),
        (hosts, "a.org,https://b.org", "without scheme, port or path, not 'https://b.org'."),
        (hosts, "b.org:8000", "without scheme, port or path, not 'b.org:8000'."),
        (origins, "b.org", "must list origins such as https://censo.example.org, not 'b.org'."),
        (origins, "https://b.org/", "such as https://censo.example.org, not 'https://b.org/'."),
        (web_address, "example.org", "starts with http:// or https://, not 'example.org'."),
        (web_address, "http://", "must be a complete address, not 'http://'."),
        (web_address, "http://a b/", "must be a complete address, not 'http://a b/'."),
        (redis, "localhost:6379", "starts with redis:// or unix://, not 'localhost:6379'."),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, setting: Setting[object], value: str, sentence: str
) -> None:
    monkeypatch.setenv(NAME, value)
    with pytest.raises(ImproperlyConfigured) as refusal:
        setting.read()
    assert str(refusal.value).startswith(f"{NAME} must ")
    assert str(refusal.value).endswith(sentence)


def test_an_address_that_may_hold_a_password_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(NAME, "redsi://:geheim@example.org")
    with pytest.raises(ImproperlyConfigured) as refusal:
        redis.read()
    assert "geheim" not in str(refusal.value)


@pytest.mark.parametrize(("debug", "default"), [("true", "text"), ("false", "json"), ("", "json")])
def test_a_default_may_depend_on_debug(
    monkeypatch: pytest.MonkeyPatch, debug: str, default: str
) -> None:
    monkeypatch.delenv(NAME, raising=False)
    monkeypatch.setenv("DEBUG", debug)
    assert by_debug.read() == default


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
@pytest.mark.parametrize("debug", ["true", "false"])
def test_every_default_makes_sense(
    monkeypatch: pytest.MonkeyPatch, debug: str, setting: Setting[object]
) -> None:
    for variable in setting.variables:
        monkeypatch.delenv(variable, raising=False)
    if setting.name != "DEBUG":
        monkeypatch.setenv("DEBUG", debug)
    setting.read()


SECRET = "7f-secreto-que-nadie-debe-leer"


def test_a_secret_is_read_from_the_file_that_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n", encoding="utf-8")
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "secret"))
    assert secret.read() == SECRET


def test_a_secret_is_read_from_the_environment_where_no_file_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(NAME, f" {SECRET} ")
    monkeypatch.setenv(f"{NAME}_FILE", " ")
    assert secret.read() == SECRET


def refusal_of_a_secret() -> str:
    with pytest.raises(ImproperlyConfigured) as refusal:
        secret.read()
    return str(refusal.value)


def test_a_secret_that_is_set_twice_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(NAME, SECRET)
    monkeypatch.setenv(f"{NAME}_FILE", SECRET)
    assert refusal_of_a_secret() == f"{NAME}_FILE and {NAME} are both set: keep one of them."


def test_a_secret_in_the_place_of_its_file_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(f"{NAME}_FILE", SECRET)
    assert refusal_of_a_secret() == (
        f"{NAME}_FILE must name a file that can be read: No such file or directory."
    )


@pytest.mark.parametrize("held", [b" \n", b"\xff\xfe"])
def test_a_file_that_holds_no_secret_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, held: bytes
) -> None:
    (tmp_path / "secret").write_bytes(held)
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "secret"))
    assert refusal_of_a_secret().startswith(f"{NAME}_FILE ")


def test_an_address_that_is_a_secret_is_never_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, f"localhost/{SECRET}")
    with pytest.raises(ImproperlyConfigured) as refusal:
        declared(kinds.address("redis"), secret=True).read()
    assert SECRET not in str(refusal.value)


@given(value=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
@pytest.mark.parametrize(
    "setting",
    [
        boolean,
        choice,
        whole_number,
        seconds,
        seconds_list,
        hosts,
        origins,
        web_address,
        redis,
        name,
    ],
)
def test_no_text_makes_a_reader_fail_in_any_other_way(setting: Setting[object], value: str) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv(NAME, value)
        try:
            setting.read()
        except ImproperlyConfigured as problem:
            assert str(problem).startswith(NAME)


@pytest.mark.parametrize(
    ("address", "engine", "name"),
    [
        ("sqlite:///:memory:", "django.db.backends.sqlite3", ":memory:"),
        ("postgres://u:p%40@h:5432/censo", "django.db.backends.postgresql", "censo"),
        ("postgresql://h/censo?sslmode=require", "django.db.backends.postgresql", "censo"),
    ],
)
def test_a_database_address_is_read(
    monkeypatch: pytest.MonkeyPatch, address: str, engine: str, name: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    read = database.from_environment(Path("unused.sqlite3"))
    assert (read["ENGINE"], read["NAME"]) == (engine, name)


def test_without_an_address_the_database_is_a_file_whatever_signs_its_path_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    read = database.from_environment(Path("/home/a+b %20/censo?.sqlite3"))
    assert read["NAME"] == "/home/a+b %20/censo?.sqlite3"


def test_sqlite_takes_its_write_lock_where_it_can_wait_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///:memory:")
    options = database.from_environment(Path("unused.sqlite3"))["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in options["init_command"]


@pytest.mark.parametrize(
    "address",
    [
        "nonsense",
        "oracle9://u:geheim@h/d",
        "mysql://u:geheim@h/d",
        "postgres://",
        "postgres://u:geheim@h",
        "postgres://u:ge/heim@h/d",
        "postgres://u:geheim@h:99999/d",
        "postgres://u:geheim@[h/d",
        "sqlite:////no/such/folder/censo.sqlite3",
    ],
)
def test_a_database_address_that_makes_no_sense_is_refused_without_its_password(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    with pytest.raises(ImproperlyConfigured, match=r"^DATABASE_URL [^\n]+\.$") as refusal:
        database.from_environment(Path("unused.sqlite3"))
    assert "heim" not in str(refusal.value)


def test_every_setting_is_used() -> None:
    """Read in config/settings.py is not enough, but for what Django itself uses."""
    read = re.compile(r"^(\w+) = \w+\.\1\.read\(\)$", re.MULTILINE)
    own = read.sub("", (ROOT / "config" / "settings.py").read_text("utf-8"))
    used = set(re.findall(r"\b[A-Z][A-Z0-9_]+\b", own)) | set(dir(global_settings))
    for package in ("accounts", "census", "config", "scraper"):
        for path in (ROOT / package).rglob("*.py"):
            # An attribute of the settings: the name in a message is no use of it.
            used |= set(re.findall(r"\.([A-Z][A-Z0-9_]+)\b", read.sub("", path.read_text("utf-8"))))

    assert {setting.name for setting in SETTINGS} - used == set()
