"""Invent where a cédula votes. None of the puestos and addresses exists."""

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

MOST_MESAS = 40


@dataclass(frozen=True, slots=True)
class Place:
    """A polling place as the census writes it: capitals, accents only sometimes."""

    departamento: str
    municipio: str
    puesto: str
    direccion: str
    lat: float
    lng: float
    mesa: int = 0


@cache
def _places() -> tuple[Place, ...]:
    text = Path(__file__).with_name("places.json").read_text(encoding="utf-8")
    return tuple(Place(**place) for place in json.loads(text))


def place_for(cedula: str) -> Place:
    """Return the place of this cédula, always the same; mesa 1 to 40."""
    # Not Python's hash(): it differs from process to process, and tests compare several.
    digest = hashlib.sha256(cedula.encode()).digest()
    places = _places()
    place = places[int.from_bytes(digest[:4]) % len(places)]
    return replace(place, mesa=1 + int.from_bytes(digest[4:8]) % MOST_MESAS)


def other_election_place(cedula: str) -> Place:
    """Return the place for a question about another election; it cannot be taken for a real one."""
    return replace(
        place_for(cedula),
        departamento="OTRA ELECCION",
        municipio="OTRA ELECCION",
        puesto="PUESTO DE OTRA ELECCION",
        direccion="ESTA NO ES LA ELECCION ACTUAL",
        mesa=99,
    )


HOSTILE_PLACE = Place(
    departamento='=HYPERLINK("http://127.0.0.1/","ANTIOQUIA")',
    municipio="\u202eNILLEDEM\u202c\u200f",
    puesto="<script>document.title='H'</script><img src=x onerror=\"document.title='H'\">",
    direccion="CL 1 # 2 - 3 " + "Ñ" * 4000,
    lat=6.25,
    lng=-75.57,
    mesa=7,
)
"""Attacks spreadsheets, templates, columns of limited width, and the reader's eye."""
