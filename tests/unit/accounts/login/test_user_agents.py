"""Names of browsers, in the words of their owners."""

import pytest

from accounts.login.user_agents import in_words

CHROME = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 {}Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (CHROME.format("Linux; Android 10; K", "Mobile "), "Chrome en Android"),
        (
            CHROME.format("Linux; Android 14; SM-A155M", "SamsungBrowser/27.0 "),
            "Samsung Internet en Android",
        ),
        (CHROME.format("Windows NT 10.0; Win64; x64", "") + " Edg/148.0.0.0", "Edge en Windows"),
        (CHROME.format("Windows NT 10.0", "") + " OPR/120.0", "Opera en Windows"),
        (CHROME.format("X11; CrOS x86_64 14541.0.0", ""), "Chrome en ChromeOS"),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
                " (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
            ),
            "Safari en iPhone",
        ),
        (
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15"
                " (KHTML, like Gecko) Version/18.0 Safari/605.1.15"
            ),
            "Safari en Mac",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:148.0) Gecko Firefox/148.0", "Firefox en Linux"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "Un navegador que no dice cuál es"),
    ],
)
def test_a_browser_is_named_as_its_owner_knows_it(user_agent: str, words: str) -> None:
    assert in_words(user_agent) == words
