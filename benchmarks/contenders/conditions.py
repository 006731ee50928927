"""Settings that all contenders share, as far as theirs allow."""

AT_ONCE = 4
"""Jobs that may run at the same time."""
LEASE_SECONDS = 30
"""A silent worker keeps its job so long: as a claim of ours, which is no setting
(census.lookups.lifecycle.LEASE)."""
POLL_SECONDS = 0.2
"""Between two polls of the database by an idle worker: django-q2's default, and ours."""
