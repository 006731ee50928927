"""Signals by which the models ask the layers above them to act."""

from django.dispatch import Signal

stale_lookup_found = Signal()
"""Sent by `CedulaInfo.reset_if_stale` with `info`, a stale row as it stands in memory. Its one
receiver, in the sweep, puts the row back to work and returns True if it was still stale."""
