"""The processes that do the lookups: the cluster, its sentinel, and each worker's dispatcher."""
