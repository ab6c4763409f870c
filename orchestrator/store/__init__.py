"""The truth, in Redis: workflows, versions, runs, queue, feed and logs.

`keys.py` is the data model; every change of a run is one script under ``lua/``.
"""
