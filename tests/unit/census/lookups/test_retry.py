"""The consequences of a failed attempt, as a table."""

import pytest

from census.lookups.retry import Again, Decision, NotCounted, Over, decide
from census.states import FAILED, Status
from scraper import errors

DELAYS = (60.0, 300.0, 900.0)

CASES: list[tuple[type[errors.ScraperError], int, Decision]] = [
    (errors.SiteTimeout, 1, Again(60)),
    (errors.SiteTimeout, 2, Again(300)),
    (errors.SiteTimeout, 3, Again(900)),
    (errors.SiteTimeout, 4, Over(Status.TIMEOUT)),
    (errors.SiteBlocked, 1, Again(60)),
    (errors.SiteBlocked, 4, Over(Status.BLOCKED)),
    (errors.SiteUnavailable, 3, Again(900)),
    (errors.SiteUnavailable, 4, Over(Status.ERROR)),
    (errors.CaptchaFailed, 1, Again(60)),
    (errors.CaptchaFailed, 4, Over(Status.ERROR)),
    (errors.CaptchaRejected, 2, Again(300)),
    (errors.CaptchaRejected, 4, Over(Status.ERROR)),
    (errors.BrowserCrashed, 1, Again(0)),
    (errors.BrowserCrashed, 3, Again(0)),
    (errors.BrowserCrashed, 4, Over(Status.ERROR)),
    (errors.UnknownPage, 1, Over(Status.ERROR)),
    (errors.CaptchaInTheWay, 1, Over(Status.ERROR)),
    (errors.SolverOutOfFunds, 1, NotCounted()),
    (errors.SolverOutOfFunds, 4, NotCounted()),
    (errors.SolverKeyRejected, 4, NotCounted()),
    (errors.SolverLimitReached, 4, NotCounted()),
    (errors.BrowserUnavailable, 4, NotCounted()),
    (errors.TurnMissed, 4, NotCounted()),
    (errors.LookupCancelled, 4, NotCounted()),
]


@pytest.mark.parametrize(("kind", "attempts", "decision"), CASES)
def test_each_failure_has_its_consequence(
    kind: type[errors.ScraperError], attempts: int, decision: Decision
) -> None:
    assert decide(kind("any"), attempts, DELAYS) == decision


def test_every_failure_of_the_scraper_is_in_the_table() -> None:
    def leaves(kind: type[errors.ScraperError]) -> set[type[errors.ScraperError]]:
        below = kind.__subclasses__()
        return set().union(*map(leaves, below)) if below else {kind}

    assert {kind for kind, _, _ in CASES} == leaves(errors.ScraperError)


def test_every_end_is_one_that_a_person_may_retry() -> None:
    ends = {decision.status for _, _, decision in CASES if isinstance(decision, Over)}

    assert ends == FAILED


def test_a_single_delay_makes_two_attempts() -> None:
    assert decide(errors.SiteTimeout("any"), 1, (5.0,)) == Again(5.0)
    assert decide(errors.SiteTimeout("any"), 2, (5.0,)) == Over(Status.TIMEOUT)
