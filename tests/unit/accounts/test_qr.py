"""QR codes, read by a reader of the tests' own."""

import pytest

from accounts.qr import qr_code
from tests import qr_reader

CODE = "/registro/?ref=7KMQX2PA"


@pytest.mark.parametrize(
    "host",
    [
        "http://a.co",
        "http://127.0.0.1:8000",
        "https://censo.example.org",
        "https://censo-al-dia.mi-campana.example.org:8443",
    ],
)
def test_it_reads_as_the_text_with_room_around_it(host: str) -> None:
    code = qr_code(host + CODE)

    reading = qr_reader.read(qr_reader.drawn(code.side, code.path))

    assert reading.text == host + CODE
    assert reading.quiet_zone == 4
    assert reading.level in {"M", "Q"}


def test_a_text_that_no_code_holds_is_refused() -> None:
    with pytest.raises(ValueError, match="too large"):
        qr_code("a" * 2332)


def test_a_damaged_code_is_not_read_here() -> None:
    """The reader of these tests may not mend what is drawn wrong."""
    code = qr_code("https://censo.example.org" + CODE)
    grid = [list(row) for row in qr_reader.drawn(code.side, code.path)]
    grid[20][20] = not grid[20][20]

    with pytest.raises(AssertionError, match="damaged"):
        qr_reader.read(grid)
