"""`make bench`: measure speed and growth, and write docs/benchmarks.md."""
