"""The tests, and what they share: people, pages, processes and servers."""
