"""QR codes: text in, a drawing out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from itertools import groupby

import segno

ERROR_CORRECTION = "M"
"""15 % of the code may be lost. Less would not survive a crease or a screen's glare; more makes
the modules smaller, too small for cheap cameras. segno raises it where that costs no module."""
QUIET_ZONE = 4
"""Modules of white on every side: the least that readers may count on (ISO 18004)."""
PIXELS_PER_MODULE = 30
"""About 1,100 pixels for a link: sharp at 9 cm on paper."""


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code as an SVG draws it: one unit a module."""

    side: int
    """Of the whole square, quiet zone included."""
    path: str
    """Path data of the dark modules."""


@lru_cache(maxsize=1024)
def qr_code(text: str) -> QrCode:
    """The code that a phone's camera reads as `text`. Raises ValueError past about 2,300 bytes.

    A link's code is always the same, and making it took half of the home page's time.
    """
    return secret_qr_code(text)


def secret_qr_code(text: str) -> QrCode:
    """The same for a text that must not stay in memory."""
    rows = list(_encoded(text).matrix_iter(border=QUIET_ZONE))
    return QrCode(
        side=len(rows),
        path="".join(run for y, row in enumerate(rows) for run in _dark_runs(y, row)),
    )


def qr_png(text: str) -> bytes:
    """The same code as a picture, black on white. Raises ValueError as `qr_code` does."""
    picture = BytesIO()
    _encoded(text).save(picture, kind="png", scale=PIXELS_PER_MODULE, border=QUIET_ZONE)
    return picture.getvalue()


def _encoded(text: str) -> segno.QRCode:
    # Not segno.make: that may choose a Micro QR code, which the cameras of phones do not read.
    return segno.make_qr(text, error=ERROR_CORRECTION, boost_error=True)


def _dark_runs(y: int, row: Iterable[int]) -> Iterator[str]:
    """A rectangle for each run of dark modules of one row."""
    x = 0
    for is_dark, modules in groupby(row):
        length = len(list(modules))
        if is_dark:
            yield f"M{x} {y}h{length}v1h-{length}z"
        x += length
