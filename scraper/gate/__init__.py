"""Rows that all workers share: rate limit, circuit breaker, captchas bought and their balance."""
