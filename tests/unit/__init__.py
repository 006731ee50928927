"""Pure functions, one module at a time: no database, no network."""
