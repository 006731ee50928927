"""What leaves in logs and reports of errors: the request's id, and masks over what is personal."""
