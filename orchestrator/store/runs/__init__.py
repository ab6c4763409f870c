"""Runs: their documents, queue, indexes, feed and counts."""
