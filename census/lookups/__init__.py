"""The life of a lookup: its queue, claims, retries, what an answer becomes, and the attempt log."""
