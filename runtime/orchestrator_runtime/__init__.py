"""The in-container shim: loads a user's entry point, runs one task, and reports over the channel.

Standard library only: it shares a process with user code.
"""
