"""Keys that compare voting places as people read them: "I.E. LA PAZ" and "IE La Paz" are one. Pure.

The census writes a place in several ways, over time and between its pages, and its own codes are
not on every page.
"""

import re
from collections.abc import Mapping

from accounts.identity.names import folded

LONGEST_KEY: Mapping[str, int] = {"departamento": 100, "municipio": 100, "puesto": 200, "mesa": 20}
"""The length of each column: a folded name may be longer than the name, as ½ becomes 1/2."""

LEVELS = tuple(LONGEST_KEY)
"""From the largest to the smallest."""

MESA_WIDTH = 4
_MESA = re.compile(r"0*([0-9]+)(.*)")

ALIASES: Mapping[str, Mapping[str, str]] = {
    "departamento": {
        "bogota": "bogotadc",
        "santafedebogotadc": "bogotadc",
        "valle": "valledelcauca",
        "nortedesan": "nortedesantander",
        "guajira": "laguajira",
        "sanandres": "sanandresyprovidencia",
        "archipielagodesanandresprovidenciaysantacatalina": "sanandresyprovidencia",
        "archipielagodesanandres": "sanandresyprovidencia",
    },
    "municipio": {
        "bogota": "bogotadc",
        "santafedebogotadc": "bogotadc",
        "santiagodecali": "cali",
        "cartagenadeindias": "cartagena",
        "sanjosedecucuta": "cucuta",
    },
}
"""{level: {key: the key it stands for}}, where two names of a place differ in words.

The names are those of the Registraduría's list of polling places, which shortens some, and of the
DANE's list of municipios; both lists are called Divipola.
"""


def place_key(level: str, name: str) -> str:
    """Return the key by which `name` is grouped and sorted in its level; '' for no name.

    Case, accents, signs and blanks make no difference. Over the 13,489 polling places of the list
    of 2026 that joins two pairs alone, both within one municipio. The key of a key is that key, and
    the key of a key of release 1.0 is today's: an address can hold either.
    """
    key = "".join(sign for sign in folded(name) if sign.isalnum())[: LONGEST_KEY[level]]
    if level == "mesa" and (numbered := _MESA.fullmatch(key)):
        return f"{numbered[1].zfill(MESA_WIDTH)}{numbered[2]}"[: LONGEST_KEY[level]]  # 10 after 9
    return ALIASES.get(level, {}).get(key, key)
