"""One small Django project for each queue that benchmarks/peers.py compares, ours among them.

`X_settings.py` is the project, `X_jobs.py` queues its jobs; both use documented settings only. All
run the same job: `journal.do`.
"""
