"""Who asks: how much of it, for how long, and when it begins."""
