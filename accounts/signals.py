"""Signals about a person, for other apps to react to."""

from django.dispatch import Signal

consent_given = Signal()
"""`user`, who had an account, has authorised the use of their data. Sent in the transaction that
stores it."""
consent_withdrawn = Signal()
"""`user` has withdrawn their consent. Sent in the transaction that stores it."""
person_opened = Signal()
"""`viewer` opens `person`'s account in the administration."""
