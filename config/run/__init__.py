"""`make run`: the web server, a worker and the simulator, supervised in the foreground."""
