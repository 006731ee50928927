"""Log lines: one JSON object or one readable line each, with what they are about."""

import asyncio
import json
import logging
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.identity.cedula import masked_in
from accounts.logs import context
from accounts.logs.masking import PrivateRecord
from config.logs import lines
from config.logs.gunicorn import access_line

CEDULA = "1098765432"


@pytest.fixture(autouse=True)
def _nothing_bound() -> Iterator[None]:
    yield
    context.end_request()


def record(message: str, *args: object, **more: Any) -> logging.LogRecord:
    made = PrivateRecord("census", logging.INFO, "file.py", 7, message, args, more.pop("exc", None))
    made.__dict__.update(more)
    return made


def as_json(made: logging.LogRecord) -> dict[str, Any]:
    line = lines.formatter("json").format(made)
    assert "\n" not in line
    parsed: dict[str, Any] = json.loads(line)
    return parsed


def as_text(made: logging.LogRecord) -> str:
    return lines.formatter("text").format(made)


class TestLines:
    def test_the_moment_is_iso_with_the_distance_from_utc(self) -> None:
        made = record("hola")

        moment = datetime.fromisoformat(as_json(made)["time"])

        assert moment.utcoffset() == timedelta(hours=-5)
        assert abs(moment.timestamp() - made.created) < 0.001
        assert as_text(made).startswith(f"{as_json(made)['time']} INFO     census: hola")

    def test_what_is_bound_and_what_the_call_gives_are_fields(self) -> None:
        context.begin_request("bcdf")
        with context.bound({"info_id": 7}):
            made = record("dice «%s»\n", "ñ", fields={"outcome": "ACTIVE", "page_shape": "a b"})

        line = as_json(made)

        assert line["message"] == "dice «ñ»\n"
        assert (line["request_id"], line["info_id"], line["outcome"]) == ("bcdf", 7, "ACTIVE")
        assert as_text(made).endswith(' request_id=bcdf info_id=7 outcome=ACTIVE page_shape="a b"')

    def test_other_peoples_extras_are_not_written(self) -> None:
        made = record("Not Found", request=f"<WSGIRequest: GET '/?q={CEDULA}'>")

        assert CEDULA not in lines.formatter("json").format(made) + as_text(made)

    @pytest.mark.parametrize("log_format", lines.FORMATS)
    def test_an_exception_keeps_its_traceback_and_loses_the_cedula(self, log_format: str) -> None:
        with pytest.raises(ValueError, match="Key") as caught:
            raise ValueError(f"Key (cedula)=({CEDULA}) exists.")
        made = record("Failed.", exc=(caught.type, caught.value, caught.tb))

        written = lines.formatter(log_format).format(made)

        assert "Traceback (most recent call last)" in written
        assert "Key (cedula)=(••••432)" in written
        assert CEDULA not in written

    def test_the_row_that_postgresql_refuses_is_not_repeated(self) -> None:
        problem = ValueError(
            "null value in column\nDETAIL:  Failing row contains (1, Luz Dary, null)."
        )
        made = record("%s", problem, exc=(ValueError, problem, None))

        assert "Luz" not in as_text(made)
        assert as_text(made).count("Failing row contains (…)") == 2

    def test_a_line_without_our_record_is_written_too(self) -> None:
        plain = logging.LogRecord("gunicorn.error", logging.INFO, "", 1, "Listening", (), None)

        assert as_json(plain)["message"] == "Listening"


class TestIds:
    def test_an_id_is_letters_so_that_nothing_takes_it_for_a_cedula(self) -> None:
        made = {context.new_request_id() for _ in range(1000)}

        assert len(made) == 1000
        for request_id in made:
            assert re.fullmatch("[a-z]{16}", request_id)
            assert masked_in(request_id) == request_id
            assert context.WELL_FORMED.fullmatch(request_id)

    @pytest.mark.parametrize(
        "given",
        ["1098765432", "1098765432109876", "a" * 15, "a" * 65, "a b" * 6, "ñ" * 20, "<script>" * 3],
    )
    def test_what_is_no_id_is_not_taken_for_one(self, given: str) -> None:
        assert not context.WELL_FORMED.fullmatch(given)

    def test_what_was_bound_stays_with_the_exception(self) -> None:
        with pytest.raises(ValueError, match="x") as caught, context.bound({"info_id": 7}):
            raise ValueError("x")

        made = record("Failed.", exc=(caught.type, caught.value, caught.tb))

        assert context.fields() == {}
        assert as_json(made)["info_id"] == 7

    def test_the_tasks_of_a_loop_keep_what_was_bound_when_they_were_begun(self) -> None:
        async def told() -> object:
            await asyncio.sleep(0)
            return as_json(record("x")).get("info_id")

        async def begun() -> list[object]:
            loop = asyncio.get_running_loop()
            with context.bound({"info_id": 1}):
                first = loop.create_task(told())
            with context.bound({"info_id": 2}):
                second = loop.create_task(told())
            return [await first, await second, await told()]

        assert asyncio.run(begun()) == [1, 2, None]


ENVIRON = {"REQUEST_METHOD": "GET", "PATH_INFO": "/referidos/", "QUERY_STRING": "q=Luz"}


class TestAccessLines:
    def test_one_says_what_was_asked_and_by_which_id(self) -> None:
        line = access_line("200 OK", [("X-Request-ID", "bcdf")], ENVIRON)

        assert line == {
            "request_id": "bcdf",
            "method": "GET",
            "path": "/referidos/",
            "status": 200,
        }

    @pytest.mark.parametrize("typed", [CEDULA, "1.098.765.432", "1 098 765 432"])
    def test_a_cedula_in_the_path_is_masked(self, typed: str) -> None:
        line = access_line("404 Not Found", [], ENVIRON | {"PATH_INFO": f"/no/{typed}/"})

        assert line["path"] == "/no/••••432/"

    def test_a_path_cannot_begin_a_line_of_its_own(self) -> None:
        line = access_line("404 Not Found", [], ENVIRON | {"PATH_INFO": "/a\nb\x1b\xff/"})

        assert line["path"] == "/a%0Ab%1B%FF/"
