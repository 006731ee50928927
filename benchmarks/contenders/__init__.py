"""One small Django project for each queue that benchmarks/peers.py compares, ours among them.

`X_settings.py` is the project, `X_jobs.py` how its queue is given a job; both name the documented
settings alone. What a job does, and says of it, is the same for all: `journal.do`.
"""
