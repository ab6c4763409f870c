"""What people give to commands: a run's input, ids, folders, variables."""
