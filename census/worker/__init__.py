"""The processes that look up: the cluster, its sentinel, and the dispatcher inside each worker."""
