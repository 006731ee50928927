"""The product as real processes, and an eye on those that lose their parent."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.strays import Strays
from tests.stack import Stack, running_stack


@pytest.fixture
def strays() -> Strays:
    """Ask for it before anything is started that could leave some."""
    return Strays()


@pytest.fixture
def stack(tmp_path: Path, request: pytest.FixtureRequest, strays: Strays) -> Iterator[Stack]:
    """The environment of one test; `@pytest.mark.environment(NAME="value")` changes it.

    Its end, like every fault, must leave no process behind.
    """
    marker = request.node.get_closest_marker("environment")
    with running_stack(tmp_path, **(marker.kwargs if marker else {})) as stack:
        yield stack
    left = strays.alive(())
    strays.end(())
    assert left == []
