"""What is now, for people who look on: trees of runs, what changes, and what the instance does."""
