"""The settings that an operator may change: their declarations, and how they are read."""
