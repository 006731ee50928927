"""A lookup's course: the thread and event loop of all, its turn, its visit and its inquiry."""
