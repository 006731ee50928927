"""The pages about oneself: registration, profile, consent, security, and login."""
