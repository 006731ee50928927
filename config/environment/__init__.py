"""What an operator may set: the declarations of the settings, and how they are read."""
