"""Workflows and their versions, and the queue of what is to be built."""
