"""The project: its settings, its URLs, and what every process of it needs to start."""
