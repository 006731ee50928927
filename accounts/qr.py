"""QR codes as SVG paths and as PNG."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from itertools import groupby

import segno

ERROR_CORRECTION = "M"
"""Readable with 15 % of it damaged. Less would not survive a crease or glare; more makes the
modules too small for cheap cameras. segno raises the level where that costs no module."""
QUIET_ZONE = 4
"""White modules on every side: the minimum of ISO 18004."""
PIXELS_PER_MODULE = 30
"""About 1,100 pixels for a link: sharp at 9 cm on paper."""


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code for an SVG, one unit per module."""

    side: int
    """Modules per side, quiet zone included."""
    path: str
    """Path data of the dark modules."""


@lru_cache(maxsize=1024)
def qr_code(text: str) -> QrCode:
    """The QR code of `text`. Raise ValueError past about 2,300 bytes.

    It is cached: a link's code never changes, and drawing it took half of the home page's time.
    """
    return secret_qr_code(text)


def secret_qr_code(text: str) -> QrCode:
    """The same, uncached, for a text that must not stay in memory."""
    rows = list(_encoded(text).matrix_iter(border=QUIET_ZONE))
    return QrCode(
        side=len(rows),
        path="".join(run for y, row in enumerate(rows) for run in _dark_runs(y, row)),
    )


def qr_png(text: str) -> bytes:
    """The QR code as a PNG, black on white. Raise ValueError as `qr_code` does."""
    picture = BytesIO()
    _encoded(text).save(picture, kind="png", scale=PIXELS_PER_MODULE, border=QUIET_ZONE)
    return picture.getvalue()


def _encoded(text: str) -> segno.QRCode:
    # Not segno.make, which may choose a Micro QR code: phones do not read those.
    return segno.make_qr(text, error=ERROR_CORRECTION, boost_error=True)


def _dark_runs(y: int, row: Iterable[int]) -> Iterator[str]:
    """Yield a rectangle for each run of dark modules in a row."""
    x = 0
    for is_dark, modules in groupby(row):
        length = len(list(modules))
        if is_dark:
            yield f"M{x} {y}h{length}v1h-{length}z"
        x += length
