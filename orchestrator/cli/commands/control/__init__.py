"""Commands that hold runs back and let them go."""
