"""The operator's pages: the state of the queue, figures of attempts, metrics, and actions."""
