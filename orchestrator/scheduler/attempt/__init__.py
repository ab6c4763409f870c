"""One attempt, from its claim until its container is gone."""
