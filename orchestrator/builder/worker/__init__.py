"""Reads what a repo says in a process of its own: whatever it holds, it can neither hold nor grow the orchestrator's."""
