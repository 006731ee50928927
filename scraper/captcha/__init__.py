"""How a captcha on the census page is solved: by a service that is paid, or not at all."""

from scraper.captcha.solver import CaptchaSolver, NullSolver, Recaptcha, Solved
from scraper.captcha.spares import Purchase, SpareTokens
from scraper.captcha.tokens import Tokens
from scraper.captcha.twocaptcha import TwoCaptchaSolver
from scraper.config import SolverConfig

__all__ = [
    "CaptchaSolver",
    "NullSolver",
    "Purchase",
    "Recaptcha",
    "Solved",
    "SpareTokens",
    "Tokens",
    "TwoCaptchaSolver",
    "solver_for",
]


def solver_for(config: SolverConfig, at_once: int) -> CaptchaSolver:
    """The solver that `config` names, for `at_once` captchas at a time."""
    if config.kind == "2captcha":
        return TwoCaptchaSolver(config, at_once)
    return NullSolver()
