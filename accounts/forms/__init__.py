"""The forms that people fill in about themselves, and the fields that these are made of."""
