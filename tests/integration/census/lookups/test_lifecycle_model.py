"""Lookups under everybody's hands at once: the model check of the lifecycle.

`LIFECYCLE_EXAMPLES=2000 make test T="tests/integration/census/lookups/test_lifecycle_model.py
--timeout 3600"` looks further than the suite has time to.
"""

import logging
import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.integration.census.lookups.lifecycle_model import LookupsOfALeader

EXAMPLES = int(os.environ.get("LIFECYCLE_EXAMPLES", "25"))
SHRINK = bool(os.environ.get("LIFECYCLE_SHRINK"))
STEPS = 40


@pytest.mark.django_db
def test_whoever_acts_in_whatever_order_no_lookup_is_lost_doubled_or_overwritten(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.CRITICAL)  # thousands of failures, all on purpose
    run_state_machine_as_test(
        LookupsOfALeader,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            # A failure is told with all its steps at once; shrinking it takes minutes.
            phases=[Phase.generate, Phase.shrink] if SHRINK else [Phase.generate],
            derandomize=EXAMPLES <= 25,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
