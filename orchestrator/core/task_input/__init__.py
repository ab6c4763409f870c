"""What a task is called with: its signature, and the schemas of its arguments."""
