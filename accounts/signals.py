"""What happens to a person, for whoever must act on it."""

from django.dispatch import Signal

consent_given = Signal()
"""`user` has authorised the use of their data, anew: sent after it is stored, in the same
transaction."""
consent_withdrawn = Signal()
"""`user` has taken their authorisation back: sent after it is stored, in the same transaction."""
person_opened = Signal()
"""`viewer` is about to see all of `person`'s account in the administration."""
