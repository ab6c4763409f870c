"""What people do with many runs, or again: operations, reruns, pauses."""
