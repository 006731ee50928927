"""People: accounts, login, consents, sessions, and the rules for cédulas and passwords."""
