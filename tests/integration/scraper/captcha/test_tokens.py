"""Tokens that were paid for and not used go to another lookup, once, while they are good."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from scraper import errors
from scraper.captcha import Captcha, Purchase, Recaptcha, Solved, SpareTokens, Tokens
from scraper.captcha.spares import USABLE_SECONDS

CAPTCHA = Recaptcha("6Lx", "http://127.0.0.1/a")
OTHER_KEY = Recaptcha("6Ly", "http://127.0.0.1/a")
OTHER_PAGE = Recaptcha("6Lx", "http://127.0.0.1/b")


class Shop:
    """A solver whose captchas are solved when the test says so."""

    def __init__(self) -> None:
        self.orders: list[asyncio.Future[str]] = []
        self.reports: list[tuple[str, bool]] = []

    async def solve(
        self,
        captcha: Captcha,  # noqa: ARG002  the protocol's, as the next
        within_seconds: float,  # noqa: ARG002
        on_accepted: Callable[[], None],
    ) -> Solved:
        order: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.orders.append(order)
        on_accepted()
        return Solved(await order, f"id {len(self.orders)}")

    async def report(self, captcha_id: str, *, is_good: bool) -> None:
        self.reports.append((captcha_id, is_good))

    def close(self) -> None:
        """Nothing is open."""


class Buyer:
    """A lookup that wants a token."""

    def __init__(self, tokens: Tokens) -> None:
        self.paid = 0
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.task = asyncio.ensure_future(tokens.obtain(CAPTCHA, self.lost, self._pay))

    def _pay(self) -> None:
        self.paid += 1


def run(story: Callable[[Shop, Tokens], Coroutine[Any, Any, None]], within: float = 30.0) -> None:
    async def told() -> None:
        shop = Shop()
        tokens = Tokens(shop, within)
        await story(shop, tokens)
        await tokens.close()

    asyncio.run(told())


async def settle() -> None:
    """Let every task that can go on do so."""
    for _ in range(10):
        await asyncio.sleep(0)


def test_a_token_is_bought_where_there_is_no_spare() -> None:
    async def story(shop: Shop, tokens: Tokens) -> None:
        buyer = Buyer(tokens)
        await settle()
        shop.orders[0].set_result("token")

        purchase = await buyer.task

        assert purchase.task.result().token == "token"
        assert buyer.paid == 1

    run(story)


def test_a_captcha_goes_on_being_solved_when_its_lookup_is_called_off() -> None:
    async def story(shop: Shop, tokens: Tokens) -> None:
        first = Buyer(tokens)
        await settle()
        first.task.cancel()
        await settle()

        second = Buyer(tokens)
        await settle()
        shop.orders[0].set_result("token")

        assert (await second.task).task.result().token == "token"
        assert (first.paid, second.paid) == (1, 0)
        assert len(shop.orders) == 1

    run(story)


def test_a_lookup_whose_browser_is_lost_hears_of_it_at_once_and_leaves_its_token() -> None:
    async def story(shop: Shop, tokens: Tokens) -> None:
        first = Buyer(tokens)
        await settle()
        first.lost.set_result(None)
        with pytest.raises(errors.BrowserCrashed):
            await first.task
        shop.orders[0].set_result("token")
        await settle()

        assert (await Buyer(tokens).task).task.result().token == "token"

    run(story)


def test_a_token_is_never_given_to_two_lookups() -> None:
    async def story(shop: Shop, tokens: Tokens) -> None:
        first = Buyer(tokens)
        await settle()
        shop.orders[0].set_result("token")
        tokens.give_back(await first.task)

        second, third = Buyer(tokens), Buyer(tokens)
        await settle()
        shop.orders[1].set_result("another")

        got = {(await buyer.task).task.result().token for buyer in (second, third)}
        assert got == {"token", "another"}

    run(story)


def test_a_spare_that_fails_is_replaced_by_a_purchase() -> None:
    async def story(shop: Shop, tokens: Tokens) -> None:
        first = Buyer(tokens)
        await settle()
        first.task.cancel()
        await settle()
        second = Buyer(tokens)
        await settle()
        shop.orders[0].set_exception(errors.CaptchaFailed("unsolvable"))
        await settle()
        shop.orders[1].set_result("bought")

        assert (await second.task).task.result().token == "bought"
        assert second.paid == 1

    run(story)


def test_a_token_that_does_not_come_in_time_is_a_failed_captcha() -> None:
    async def story(_: Shop, tokens: Tokens) -> None:
        with pytest.raises(errors.CaptchaFailed):
            await Buyer(tokens).task

    run(story, within=0.1)


def test_reports_are_sent_before_the_solver_closes() -> None:
    shop = Shop()

    async def report_and_close() -> None:
        tokens = Tokens(shop, 30.0)
        buyer = Buyer(tokens)
        await settle()
        shop.orders[0].set_result("token")
        tokens.report(await buyer.task, is_good=True)
        await tokens.close()

    asyncio.run(report_and_close())

    assert shop.reports == [("id 1", True)]


# --- The shelf itself ---------------------------------------------------------------------------


async def solved(clock: Callable[[], float] = time.monotonic) -> Purchase:
    async def at_once() -> Solved:
        return Solved("token", "id")

    purchase = Purchase(CAPTCHA, at_once(), clock)
    await settle()
    return purchase


@pytest.mark.parametrize("other", [OTHER_KEY, OTHER_PAGE])
def test_a_token_fits_its_own_captcha_alone(other: Recaptcha) -> None:
    async def story() -> None:
        spares = SpareTokens()
        spares.keep(await solved())

        assert spares.take(other) is None
        assert spares.take(CAPTCHA) is not None
        assert spares.take(CAPTCHA) is None

    asyncio.run(story())


@pytest.mark.parametrize(("age", "is_good"), [(USABLE_SECONDS - 1, True), (USABLE_SECONDS, False)])
def test_a_token_ages_from_when_it_was_solved(age: float, is_good: bool) -> None:  # noqa: FBT001
    async def story() -> None:
        now = 1000.0
        spares = SpareTokens()
        spares.keep(await solved(lambda: now))
        now += age

        assert (spares.take(CAPTCHA) is not None) is is_good

    asyncio.run(story())


def test_a_token_that_is_there_goes_before_one_that_is_still_to_come() -> None:
    async def story() -> None:
        async def never() -> Solved:
            await asyncio.Event().wait()
            raise AssertionError

        spares = SpareTokens()
        waiting, ready = Purchase(CAPTCHA, never()), await solved()
        spares.keep(waiting)
        spares.keep(ready)

        assert spares.take(CAPTCHA) is ready
        assert spares.take(CAPTCHA) is waiting
        waiting.task.cancel()

    asyncio.run(story())
