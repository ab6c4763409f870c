"""Starts queued runs, looks after every attempt, and repairs what a crash left behind."""
