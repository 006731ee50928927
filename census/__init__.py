"""Lookups: their life, the worker that does them, and the pages that show the answers."""
