"""The faults of docs/operations.md, each one caused for real."""
