"""The words for a wait, and the addresses that share one count of tries."""

import pytest

from accounts.login.throttle import network_of, wait_in_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 segundo"),
        (59, "59 segundos"),
        (60, "1 minuto"),
        (61, "2 minutos"),
        (900, "15 minutos"),
        (7200, "2 horas"),
        (7201, "3 horas"),
    ],
)
def test_a_wait_is_never_told_too_short(seconds: int, words: str) -> None:
    assert wait_in_words(seconds) == words


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", ""),
    ],
)
def test_an_ipv6_customer_is_counted_once_for_all_their_addresses(
    address: str, network: str
) -> None:
    assert network_of(address) == network
