"""Redis servers: connecting to them, running our own, keeping them alive, and checking given ones."""
