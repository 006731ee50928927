"""Logs and error reports: the ids that go into them, and the masking of personal data."""
