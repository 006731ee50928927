"""Spanish texts for the stages of a lookup and for its failures."""

from scraper.turn import Stage

STAGES: dict[Stage, str] = {
    Stage.WAITING: "Esperando el turno",
    Stage.OPENING: "Abriendo la página",
    Stage.SOLVING: "Resolviendo la verificación",
    Stage.READING: "Leyendo la respuesta",
}
"""{stage: text}, in the order of a lookup."""

FAILURES: dict[str, str] = {
    "SiteTimeout": "La página del censo tardó demasiado en responder.",
    "SiteBlocked": "La página del censo no nos dejó entrar.",
    "SiteUnavailable": "La página del censo no está disponible en este momento.",
    "CaptchaFailed": "No logramos pasar la verificación de la página del censo.",
    "CaptchaRejected": "La página del censo no aceptó la verificación.",
    "CaptchaInTheWay": (
        "La página del censo pide una verificación que todavía no podemos resolver."
    ),
    "SolverOutOfFunds": "El servicio de verificación no está disponible en este momento.",
    "SolverLimitReached": "Por hoy llegamos al tope de consultas.",
    "SolverKeyRejected": "El servicio de verificación no está disponible en este momento.",
    "UnknownPage": "La página del censo respondió algo que no reconocemos.",
    "BrowserCrashed": "Tuvimos un problema al abrir la página del censo.",
    "LeaseLost": "La consulta se interrumpió de nuestro lado.",
}
"""{name of the class in `scraper.errors`, as stored in `error_kind`: text}."""


def failure_text(error_kind: str) -> str:
    """A sentence in Spanish; '' if nothing failed."""
    return FAILURES.get(error_kind, "La consulta no se pudo completar.") if error_kind else ""
