"""What happens to a person's authorisation, for whoever must act on it in the same transaction."""

from django.dispatch import Signal

consent_given = Signal()
"""`user` has authorised the use of their data, anew: sent after it is stored."""
consent_withdrawn = Signal()
"""`user` has taken their authorisation back: sent after it is stored."""
