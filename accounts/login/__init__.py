"""How people prove who they are: passwords, the second step, sessions, limits on tries."""
