"""Solve the census page's captcha: by a paid service, or not at all."""

from scraper.captcha.budget import Budget, Permit, UnlimitedBudget
from scraper.captcha.solver import Captcha, CaptchaSolver, NullSolver, Recaptcha, Solved
from scraper.captcha.spares import Purchase, SpareTokens
from scraper.captcha.tokens import Tokens
from scraper.captcha.twocaptcha import TwoCaptchaSolver
from scraper.config import SolverConfig

__all__ = [
    "Budget",
    "Captcha",
    "CaptchaSolver",
    "NullSolver",
    "Permit",
    "Purchase",
    "Recaptcha",
    "Solved",
    "SpareTokens",
    "Tokens",
    "TwoCaptchaSolver",
    "UnlimitedBudget",
    "solver_for",
]


def solver_for(config: SolverConfig, at_once: int, budget: Budget) -> CaptchaSolver:
    """The solver that `config` names, for `at_once` captchas at a time within `budget`."""
    if config.kind == "2captcha":
        return TwoCaptchaSolver(config, at_once, budget)
    return NullSolver()
