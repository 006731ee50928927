"""The meanings of the census's words, and words that must not be taken for them."""

import pytest

from scraper.parsers.wording import (
    Meaning,
    is_no_novedad,
    names_a_state,
    read_error,
    read_message,
    read_novedad,
    tells_of_trouble,
)

STATES = {
    "Cancelada por Muerte": Meaning.DECEASED,
    "Cancelada por Muerte Facultad Ley 1365 de 2009": Meaning.DECEASED,
    "CANCELADA POR FALLECIMIENTO": Meaning.DECEASED,
    "Persona fallecida": Meaning.DECEASED,
    "Registro de defunción": Meaning.DECEASED,
    "Baja por Inhumacion o Necrodactilia Positiva": Meaning.DECEASED,
    "baja por inhumación": Meaning.DECEASED,
    "Vigente con Pérdida o Suspensión de los Derechos Políticos": Meaning.OTHER_NOVEDAD,
    "Vigente con Interdicción Judicial": Meaning.OTHER_NOVEDAD,
    "Cancelada por Doble Cedulación": Meaning.OTHER_NOVEDAD,
    "Cancelada por Suplantación": Meaning.OTHER_NOVEDAD,
    "Cancelada por Menoría de Edad": Meaning.OTHER_NOVEDAD,
    "Cancelada por Extranjería": Meaning.OTHER_NOVEDAD,
    "Cancelada por Extranjería sin Carta de Naturaleza": Meaning.OTHER_NOVEDAD,
    "Cancelada por Mala Elaboración": Meaning.OTHER_NOVEDAD,
    "Cancelada con reasignación de cupo": Meaning.OTHER_NOVEDAD,
    "NO Expedida por Pérdida": Meaning.OTHER_NOVEDAD,
    "Baja por Perdida o Suspension de los Derechos Politicos": Meaning.OTHER_NOVEDAD,
    "Baja por trashumancia": Meaning.OTHER_NOVEDAD,
}
"""The official states and the older texts of the census that take a cédula out."""


@pytest.mark.parametrize(("text", "meaning"), STATES.items())
def test_an_official_state_is_read_in_the_novedad_field(text: str, meaning: Meaning) -> None:
    assert read_novedad(text) is meaning
    assert read_novedad(text.upper()) is meaning
    assert names_a_state(text)


@pytest.mark.parametrize(
    "text",
    [
        text
        for text in STATES
        if text.casefold().startswith(("cancelad", "baja", "vigente", "no expedida"))
    ],
)
def test_an_official_state_is_read_in_running_text(text: str) -> None:
    reading = read_message(f"Señor ciudadano:\n{text}.\nAcérquese a la Registraduría.")
    assert reading.meaning is STATES[text]
    assert reading.sentence == f"{text}."


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("Pendiente", Meaning.OTHER_NOVEDAD),
        ("Trasladada", Meaning.OTHER_NOVEDAD),
        ("Vigente", Meaning.NOTHING),
        ("VIGENTE (0)", Meaning.NOTHING),
        ("Ninguna", Meaning.NOTHING),
        ("Sin novedad", Meaning.NOTHING),
        ("N/A", Meaning.NOTHING),
        ("21", Meaning.NOTHING),
        ("-", Meaning.NOTHING),
        ("", Meaning.NOTHING),
        ("Error al leer", Meaning.NOTHING),
        ("Cancelación por muerte revocada", Meaning.NOTHING),
        ("Revocatoria de la cancelación por Muerte", Meaning.NOTHING),
        ("Rehabilitada en sus derechos políticos", Meaning.NOTHING),
        ("Puede ser por muerte, doble cedulación o suplantación", Meaning.NOTHING),
        ("Debe inscribirse", Meaning.NOT_FOUND),
        ("No se encuentra en el censo", Meaning.NOT_FOUND),
        ("No se encuentra en el censo: Cancelada por Extranjería", Meaning.OTHER_NOVEDAD),
        ("No figura en el censo por muerte", Meaning.DECEASED),
        ("En actualización", Meaning.TROUBLE),
        ("Curl error: Operation timed out", Meaning.TROUBLE),
    ],
)
def test_the_novedad_field_holds_more_than_states(text: str, meaning: Meaning) -> None:
    assert read_novedad(text) is meaning


@pytest.mark.parametrize(
    "text",
    [
        "El documento de identidad número 12345678 no se encuentra en el censo para esta elección.",
        "EL DOCUMENTO NO SE ENCUENTRA EN EL CENSO",
        "El documento\u00a0no se encuentra  en el censo",
        "El documento no se encuentra registrado en el censo electoral, si desea votar, acérquese",
        "La cédula no figura en el censo.",
        "El número no hace parte del censo.",
        "Debe inscribirse",
        "Señor ciudadano: usted debe inscribirse.",
    ],
)
def test_absence_is_read_where_the_census_says_it_in_so_many_words(text: str) -> None:
    assert read_message(text).meaning is Meaning.NOT_FOUND


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Consulta realizada.",
        "No encontrado",
        "404 Not Found",
        "Documento inválido",
        "El documento se encuentra en el censo",
        "Si su documento no se encuentra en el censo, acérquese a la Registraduría",
        "Cuando el documento no figura en el censo debe inscribirse",
        "Su inscripción es correcta: no debe inscribirse",
        "Su domicilio no está actualizado en el censo",
        "Si la cédula fue cancelada por muerte, presente el registro",
        "Su consulta fue cancelada por el usuario",
        "La operación ha sido cancelada por falta de respuesta",
        "La cédula no se encuentra cancelada por muerte",
        "Para registrar la muerte de un familiar acérquese a una notaría",
        "Vigente",
        "Cancelada",
    ],
)
def test_other_texts_say_nothing(text: str) -> None:
    assert read_message(text).meaning is Meaning.NOTHING


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("La información se encuentra en actualización. Intente más tarde.", Meaning.TROUBLE),
        ("El censo está EN ACTUALIZACION", Meaning.TROUBLE),
        ("Por favor inténtelo de nuevo más tarde", Meaning.TROUBLE),
        ("Curl error: Operation timed out after 15008 milliseconds", Meaning.TROUBLE),
        ("El servicio no se encuentra disponible", Meaning.TROUBLE),
        ("El sistema está en labores de mantenimiento", Meaning.TROUBLE),
        ("Su sesión ha expirado", Meaning.TROUBLE),
        ("Token inválido, recargue la página", Meaning.TROUBLE),
        ("Marque el cuadro de verificación (Captcha: No soy un robot)", Meaning.CAPTCHA),
        ("Ingrese el número de documento o captcha!...", Meaning.CAPTCHA),
        ("La verificación ha expirado", Meaning.CAPTCHA),
        ("timeout-or-duplicate", Meaning.CAPTCHA),
    ],
)
def test_what_passes_is_told_from_answers(text: str, meaning: Meaning) -> None:
    assert read_message(text).meaning is meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("No se encuentra en el censo porque está en actualización", Meaning.TROUBLE),
        ("No se encuentra en el censo. Recuerde marcar el captcha", Meaning.CAPTCHA),
        ("El captcha expiró, intente más tarde", Meaning.CAPTCHA),
        ("Curl error: captcha verification timed out", Meaning.TROUBLE),
        ("La cédula fue cancelada por muerte. Intente más tarde", Meaning.TROUBLE),
        ("Cancelada por Muerte, no se encuentra en el censo", Meaning.DECEASED),
        ("La cédula no se encuentra en el censo. Está cancelada por extranjería.", None),
        ("El documento está cancelado por muerte.\nBaja por trashumancia.", Meaning.NOTHING),
    ],
)
def test_of_two_meanings_the_less_final_one_holds(text: str, meaning: Meaning | None) -> None:
    assert read_message(text).meaning is (meaning or Meaning.OTHER_NOVEDAD)


def test_a_reading_keeps_the_sentence_and_what_stands_before_its_words() -> None:
    reading = read_message("Señor:\nLa cédula N.º 1.234.567.890 NO figura en el censo. Gracias.")
    assert reading.sentence == "La cédula N.º 1.234.567.890 NO figura en el censo."
    assert reading.before.strip() == "la cedula n.o 1.234.567.890"


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("Captcha inválido", Meaning.CAPTCHA),
        ("captchaToken requerido", Meaning.CAPTCHA),
        ("Token ausente", Meaning.CAPTCHA),
        ("La sesión expiró", Meaning.CAPTCHA),
        ("Verificación expirada", Meaning.CAPTCHA),
        ("Curl error: token endpoint timed out", Meaning.TROUBLE),
        ("Servicio no disponible, intente más tarde", Meaning.TROUBLE),
        ("Error al consultar el servicio", Meaning.TROUBLE),
        ("No se pudo procesar la consulta", Meaning.TROUBLE),
        ("ETIMEDOUT", Meaning.TROUBLE),
        ("El documento no se encuentra en el censo", Meaning.NOTHING),
        ("Cancelada por Muerte", Meaning.NOTHING),
        ("Prohibido", Meaning.NOTHING),
        ("", Meaning.NOTHING),
    ],
)
def test_an_error_of_shape_b_is_trouble_the_captcha_or_nothing(text: str, meaning: Meaning) -> None:
    assert read_error(text) is meaning


def test_no_novedad_is_known_from_a_novedad() -> None:
    assert is_no_novedad(" Vigente (1) ")
    assert not is_no_novedad("Vigente con Interdicción Judicial")
    assert not is_no_novedad("Cancelada por Muerte")


def test_a_page_in_good_order_tells_of_no_trouble() -> None:
    assert tells_of_trouble("Estamos en mantenimiento")
    assert not tells_of_trouble("Consulte su lugar de votación. Actualización de datos.")
