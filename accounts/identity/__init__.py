"""What identifies a person, as values: cédula, phone and name, and how names are compared."""
