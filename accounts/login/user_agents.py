"""Name a browser so that its owner recognises it. Pure functions."""

FAMILIES = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""The order matters: almost all call themselves Safari, and most of these Chrome."""
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)
"""The order matters: Android is also Linux, and an iPhone is "like Mac OS X"."""
LONGEST = 60


def in_words(user_agent: str) -> str:
    """A name such as "Chrome en Android"; an unknown browser's own text, shortened."""
    family = _first(FAMILIES, user_agent)
    system = _first(SYSTEMS, user_agent)
    if family and system:
        return f"{family} en {system}"
    return family or user_agent[:LONGEST].strip() or "Un navegador que no dice cuál es"


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for sign, name in names if sign in user_agent), "")
