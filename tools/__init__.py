"""Commands for developers, behind the Makefile: set-up, checks, servers for tests."""
