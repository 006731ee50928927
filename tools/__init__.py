"""Commands for developers behind the Makefile: set-up, checks, test services."""
