"""Values that identify a person (cédula, phone, name): their format, rules and comparison."""
