"""A reader of QR codes, written from the standard (ISO 18004), not from the code that draws ours.

It reads what a URL needs: byte mode, versions 2 to 8, levels M and Q. It corrects no errors, but
refuses a damaged code.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

Grid = Sequence[Sequence[bool]]
"""Rows from above; True is dark."""

LEVELS = {0b00: "M", 0b01: "L", 0b10: "H", 0b11: "Q"}
DATA_BLOCKS = {
    (2, "M"): [28],
    (2, "Q"): [22],
    (3, "M"): [44],
    (3, "Q"): [17, 17],
    (4, "M"): [32, 32],
    (4, "Q"): [24, 24],
    (5, "M"): [43, 43],
    (5, "Q"): [15, 15, 16, 16],
    (6, "M"): [27] * 4,
    (6, "Q"): [19] * 4,
    (7, "M"): [31] * 4,
    (7, "Q"): [14] * 2 + [15] * 4,
    (8, "M"): [38] * 2 + [39] * 2,
    (8, "Q"): [18] * 4 + [19] * 2,
}
"""Bytes of data in each block, by version and level."""
MIDDLE_OF_ALIGNMENT = {7: [22], 8: [24]}
"""{version: coordinates of the alignment patterns between the outermost two}."""
MASKS: list[Callable[[int, int], bool]] = [
    lambda y, x: (y + x) % 2 == 0,
    lambda y, _: y % 2 == 0,
    lambda _, x: x % 3 == 0,
    lambda y, x: (y + x) % 3 == 0,
    lambda y, x: (y // 2 + x // 3) % 2 == 0,
    lambda y, x: y * x % 2 + y * x % 3 == 0,
    lambda y, x: (y * x % 2 + y * x % 3) % 2 == 0,
    lambda y, x: ((y + x) % 2 + y * x % 3) % 2 == 0,
]
BYTE_MODE = 0b0100


@dataclass(frozen=True)
class Reading:
    text: str
    level: str
    quiet_zone: float
    """The narrowest of the four sides, in modules."""


def read(pixels: Grid) -> Reading:
    """Read a picture that contains one QR code. Raises AssertionError if it is none."""
    rows = [y for y, row in enumerate(pixels) if any(row)]
    top, bottom = rows[0], rows[-1] + 1
    left = min(list(pixels[y]).index(True) for y in rows)
    right = max(len(pixels[y]) - list(reversed(pixels[y])).index(True) for y in rows)
    finder = next(x for x in range(left, right) if not pixels[top][x]) - left
    version = round(((right - left) / (finder / 7) - 17) / 4)
    side = 17 + 4 * version
    module = (right - left) / side
    assert abs((bottom - top) - (right - left)) <= 1, "not a square"
    modules = [
        [pixels[int(top + (y + 0.5) * module)][int(left + (x + 0.5) * module)] for x in range(side)]
        for y in range(side)
    ]
    margins = (left, top, len(pixels[0]) - right, len(pixels) - bottom)
    level, mask = _format(modules)
    text = _text(_blocks(_codewords(modules, version, mask), version, level))
    return Reading(text, level, min(margins) / module)


def drawn(side: int, path: str) -> Grid:
    """Draw an SVG path with one pixel per module; all its parts look like M1 2h3v1h-3z."""
    grid = [[False] * side for _ in range(side)]
    assert re.fullmatch(r"(M\d+ \d+h\d+v1h-\d+z)+", path)
    for x, y, width, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", path):
        assert width == back
        for column in range(int(x), int(x) + int(width)):
            grid[int(y)][column] = True
    return grid


def _format(modules: Grid) -> tuple[str, Callable[[int, int], bool]]:
    """Read level and mask, beside the upper left finder."""
    cells = [(8, x) for x in (0, 1, 2, 3, 4, 5, 7, 8)] + [(y, 8) for y in (7, 5, 4, 3, 2, 1, 0)]
    bits = _number([modules[y][x] for y, x in cells]) ^ 0b101010000010010
    return LEVELS[bits >> 13], MASKS[bits >> 10 & 0b111]


def _codewords(modules: Grid, version: int, mask: Callable[[int, int], bool]) -> list[int]:
    """Read the bytes in the code's order: two columns wide, up and down, from the lower right."""
    side = len(modules)
    bits: list[bool] = []
    columns = [x for x in reversed(range(side)) if x != 6]  # 6 is the timing column, without data
    for turn in range(0, len(columns) - 1, 2):
        for y in range(side) if turn // 2 % 2 else reversed(range(side)):
            bits.extend(
                modules[y][x] ^ mask(y, x)
                for x in columns[turn : turn + 2]
                if not _is_fixed(y, x, side, version)
            )
    return [_number(bits[start : start + 8]) for start in range(0, len(bits) - 7, 8)]


def _is_fixed(y: int, x: int, side: int, version: int) -> bool:
    """True if the module belongs to a finder, the format, the timing, the alignment or the version.

    Alignment patterns are not drawn over a finder; `near_finder` covers those.
    """
    near_finder = (y < 9 and (x < 9 or x >= side - 8)) or (y >= side - 8 and x < 9)
    centres = [6, *MIDDLE_OF_ALIGNMENT.get(version, []), side - 7]
    corners = {(6, 6), (6, side - 7), (side - 7, 6)}  # the finders'
    is_alignment = version > 1 and any(
        abs(y - row) <= 2 and abs(x - column) <= 2
        for row in centres
        for column in centres
        if (row, column) not in corners
    )
    is_version = version >= 7 and any(
        one < 6 and side - 11 <= other < side - 8 for one, other in ((y, x), (x, y))
    )
    return near_finder or is_alignment or is_version or y == 6 or x == 6


def _blocks(codewords: list[int], version: int, level: str) -> bytes:
    """The data of all blocks in sequence. Raises AssertionError if the check bytes do not agree."""
    sizes = DATA_BLOCKS[version, level]
    data, checks = codewords[: sum(sizes)], codewords[sum(sizes) :]
    assert len(checks) % len(sizes) == 0
    order = [
        block
        for turn in zip_longest(*([block] * size for block, size in enumerate(sizes)))
        for block in turn
        if block is not None
    ]
    blocks: list[list[int]] = [[] for _ in sizes]
    for block, codeword in zip(order, data, strict=True):
        blocks[block].append(codeword)
    for block, one in enumerate(blocks):
        _assert_whole([*one, *checks[block :: len(sizes)]], len(checks) // len(sizes))
    return bytes(codeword for one in blocks for codeword in one)


def _assert_whole(block: list[int], check_bytes: int) -> None:
    """Check that a Reed-Solomon block is zero at each root of its generator polynomial."""
    root = 1
    for _ in range(check_bytes):
        remainder = 0
        for codeword in block:
            remainder = _product(remainder, root) ^ codeword
        assert remainder == 0, "damaged"
        root = _product(root, 2)


def _product(one: int, other: int) -> int:
    """Multiply in the field of 256 elements that QR codes use."""
    result = 0
    while other:
        result ^= one if other & 1 else 0
        one = one << 1 ^ (0b100011101 if one & 0x80 else 0)
        other >>= 1
    return result


def _text(data: bytes) -> str:
    bits = int.from_bytes(data)
    length = len(data) * 8
    assert bits >> length - 4 == BYTE_MODE
    count = bits >> length - 12 & 0xFF
    return (bits >> length - 12 - 8 * count & (1 << 8 * count) - 1).to_bytes(count).decode()


def _number(bits: Sequence[bool]) -> int:
    """The bits as a number, most significant first."""
    return int("".join("1" if bit else "0" for bit in bits), 2)
