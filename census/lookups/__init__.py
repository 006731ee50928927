"""The life of a lookup: queue, claims, retries, what an answer becomes, and the attempt log."""
