"""The reader of the environment: what it accepts, and what it says of the rest."""

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from config.environment import database, env

NAME = "SOME_VARIABLE"

boolean = partial(env.boolean, NAME, default=False)
choice = partial(env.choice, NAME, ("none", "2captcha"), "none")
whole_number = partial(env.whole_number, NAME, 8, least=1, most=64)
seconds = partial(env.seconds, NAME, 5, least=0.05, most=3600)
seconds_list = partial(env.seconds_list, NAME, (60, 300), least=0, most=1000)
days = partial(env.days, NAME, 90)
day = partial(env.day, NAME)
hosts = partial(env.hosts, NAME, ("localhost",))
origins = partial(env.origins, NAME)
web_address = partial(env.web_address, NAME, "http://127.0.0.1/")
redis = partial(env.address, NAME, schemes=("redis", "unix"))
label = partial(env.label, NAME, "censo")

Reader = Callable[[], Any]


@pytest.mark.parametrize(
    ("reader", "value", "read"),
    [
        (boolean, "true", True),
        (boolean, " SÍ ", True),
        (boolean, "1", True),
        (boolean, "off", False),
        (boolean, "No", False),
        (choice, "2CAPTCHA", "2captcha"),
        (label, " Censo-2_b ", "Censo-2_b"),
        (whole_number, "64", 64),
        (days, "", 90),
        (days, "0", 0),
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
    monkeypatch: pytest.MonkeyPatch, reader: Reader, value: str, read: object
) -> None:
    monkeypatch.setenv(NAME, value)
    assert reader() == read


@pytest.mark.parametrize(
    ("reader", "default"),
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
    monkeypatch: pytest.MonkeyPatch, reader: Reader, default: object, value: str | None
) -> None:
    monkeypatch.delenv(NAME, raising=False)
    if value is not None:
        monkeypatch.setenv(NAME, value)
    assert reader() == default


@pytest.mark.parametrize(
    ("reader", "value", "sentence"),
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
    monkeypatch: pytest.MonkeyPatch, reader: Reader, value: str, sentence: str
) -> None:
    monkeypatch.setenv(NAME, value)
    with pytest.raises(ImproperlyConfigured) as refusal:
        reader()
    assert str(refusal.value).startswith(f"{NAME} must ")
    assert str(refusal.value).endswith(sentence)


def test_an_address_that_may_hold_a_password_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(NAME, "redsi://:geheim@example.org")
    with pytest.raises(ImproperlyConfigured) as refusal:
        redis()
    assert "geheim" not in str(refusal.value)


SECRET = "7f-secreto-que-nadie-debe-leer"


def test_a_secret_is_read_from_the_file_that_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n", encoding="utf-8")
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "secret"))
    assert env.secret(NAME) == SECRET


def test_a_secret_is_read_from_the_environment_where_no_file_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(NAME, f" {SECRET} ")
    monkeypatch.setenv(f"{NAME}_FILE", " ")
    assert env.secret(NAME) == SECRET


def refusal_of_a_secret() -> str:
    with pytest.raises(ImproperlyConfigured) as refusal:
        env.secret(NAME)
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
        env.secret_address(NAME, schemes=("redis",))
    assert SECRET not in str(refusal.value)


@given(value=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
@pytest.mark.parametrize(
    "reader",
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
        label,
    ],
)
def test_no_text_makes_a_reader_fail_in_any_other_way(reader: Reader, value: str) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv(NAME, value)
        try:
            reader()
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
