"""The census's own words, as read in public sources; the page shapes share them."""

from dataclasses import dataclass

from scraper.simulator.outcomes import Outcome

UPSTREAM = "Curl error: Operation timed out after 15008 milliseconds with 0 bytes received"
MAINTENANCE = "La información se encuentra en actualización. Por favor intente más tarde."
MUST_REGISTER = "Debe inscribirse"
MISLEADING = (
    "Si el documento figura con novedad «Cancelada por Muerte» o si el documento de identidad no"
    " se encuentra en el censo para esta elección, acérquese a la Registraduría. Debe inscribirse"
    " antes del cierre. La información se encuentra en actualización permanente."
)
"""A footer, which says nothing about the cédula in question."""


def not_found(cedula: str) -> str:
    return (
        f"El documento de identidad número {cedula} no se encuentra en el censo para esta elección."
    )


@dataclass(frozen=True, slots=True)
class Novedad:
    """Why a cédula cannot vote. The date's format is a guess: nobody has published one."""

    novedad: str
    resolucion: str
    fecha: str


NOVEDADES = {
    Outcome.DECEASED: Novedad("Cancelada por Muerte", "9107", "14/03/2019"),
    Outcome.DECEASED_OLD_WORDING: Novedad(
        "Baja por Inhumacion o Necrodactilia Positiva", "418 DE 2004", "02/08/2004"
    ),
    Outcome.CANCELLED_OTHER: Novedad("Cancelada por Doble Cedulación", "12230", "21/11/2016"),
    Outcome.RIGHTS_LOST: Novedad(
        "Vigente con Pérdida o Suspensión de los Derechos Políticos", "3301", "05/06/2022"
    ),
    Outcome.CANCELLED_ODD_COLUMNS: Novedad("Baja por trashumancia", "77", "30/09/2023"),
}
