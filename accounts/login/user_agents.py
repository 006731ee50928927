"""A browser in words that its owner recognises. Pure."""

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
"""In this order, because almost all call themselves Safari, and most of them Chrome."""
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)
"""In this order, because Android is a Linux too, and an iPhone is "like Mac OS X"."""
LONGEST = 60


def in_words(user_agent: str) -> str:
    """Such as "Chrome en Android"; what is no browser that we know, as it calls itself."""
    family = _first(FAMILIES, user_agent)
    system = _first(SYSTEMS, user_agent)
    if family and system:
        return f"{family} en {system}"
    return family or user_agent[:LONGEST].strip() or "Un navegador que no dice cuál es"


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for sign, name in names if sign in user_agent), "")
