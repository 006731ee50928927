"""The processes that look up: the cluster, its sentinel, and each worker's dispatcher."""
