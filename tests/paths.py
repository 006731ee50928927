"""Paths of the files that tests read or start."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The checkout."""

PAGES = ROOT / "tests" / "pages"
"""Saved pages and answers, each with the result that was written by hand."""
