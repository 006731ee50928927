"""What holds for all of them alike, as far as their settings allow."""

AT_ONCE = 4
"""Jobs that may run at the same time."""
LEASE_SECONDS = 30
"""After which a job whose worker is silent is somebody else's: a claim of ours lasts so long, which
is no setting (census.lookups.lifecycle.LEASE)."""
POLL_SECONDS = 0.2
"""Between two looks of an idle worker into a database: django-q2's default, and ours."""
