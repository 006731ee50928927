"""The forms that people fill in about themselves, and their fields."""
