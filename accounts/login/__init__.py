"""Authentication: passwords, the second step, sessions and rate limits."""
