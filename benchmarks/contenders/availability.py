"""The contenders that can run on this machine."""

import sys
from collections.abc import Sequence

import redis

from benchmarks.contenders.contender import DJANGO_OX, Contender
from benchmarks.contenders.run import REDIS_URL


def available(contenders: Sequence[Contender]) -> tuple[list[Contender], list[str]]:
    """The contenders that can run here, and a sentence about each one that cannot."""
    found, sentences = [], []
    has_redis = redis_answers()
    for contender in contenders:
        if contender.version() is None:
            sentences.append(why_it_is_missing(contender))
        elif contender.uses_redis and not has_redis:
            sentences.append(f"{contender.name}: no Redis answers at TEST_REDIS_URL.")
        else:
            found.append(contender)
    return found, sentences


def why_it_is_missing(contender: Contender) -> str:
    if contender is DJANGO_OX and sys.version_info < (3, 12):
        return (
            f"{contender.name} asks for Python 3.12, and this is"
            f" {sys.version_info.major}.{sys.version_info.minor}: it takes part where the product"
            " is set up with a newer one."
        )
    return f"{contender.name} is not installed."


def redis_answers() -> bool:
    try:
        with redis.from_url(REDIS_URL, socket_connect_timeout=2) as broker:
            return bool(broker.ping())
    except redis.RedisError:
        return False
