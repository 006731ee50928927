"""One lookup after another: the thread and its event loop, the visit, its turn and its inquiry."""
