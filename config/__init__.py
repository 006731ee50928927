"""The site that the apps make: settings, addresses, logs, `make run`, and the version."""

__version__ = "1.1.0.dev0"
"""Of the last release, or of the next one with `.dev0` behind it. CONTRIBUTING: Cut a release."""
