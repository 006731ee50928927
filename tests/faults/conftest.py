"""The product as real processes, and a check for orphans."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.strays import Strays
from tests.stack import Stack, running_stack


@pytest.fixture
def strays() -> Strays:
    """Orphans; request this fixture before anything is started."""
    return Strays()


@pytest.fixture
def stack(tmp_path: Path, request: pytest.FixtureRequest, strays: Strays) -> Iterator[Stack]:
    """A test's stack; `@pytest.mark.environment(NAME="value")` changes its environment.

    Stopping it must leave no process behind, like every fault.
    """
    marker = request.node.get_closest_marker("environment")
    with running_stack(tmp_path, **(marker.kwargs if marker else {})) as stack:
        yield stack
    left = strays.alive(())
    strays.end(())
    assert left == []
